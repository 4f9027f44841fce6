"""Three applications of a shop, each of which traces into a project of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.demo.failures import BUSY, NO_JSON, OVERLOADED, TIMED_OUT, TOO_LONG, Failure
from simulator.demo.models import FLASH, LARGE, MINI, SONNET, Model
from simulator.demo.people import Visit
from simulator.demo.prompts import CHECKOUT, INVOICE, SUPPORT, Version, at_age
from simulator.demo.tracing import RETRY_SECONDS, Tracer

INCIDENT = (4.0, 4.6)  # days ago, in which OpenAI refused many calls and answered the others slowly
TRIES = 3
FEES = {"search_help_pages": 0.0002, "lookup_order": 0.0005}  # dollars for a call of a retriever and of a tool
TOPICS = ("parcels", "refunds", "invoices", "opening hours", "warranties", "gift cards")


@dataclass(frozen=True)
class Talk:
    """One question to a model: who asks which model, with which prompt, and what it takes."""

    visit: Visit
    model: Model
    version: Version
    asked: str
    said: str
    tokens: tuple[int, int]


def support_agent(tracer: Tracer, visit: Visit) -> str:
    """Search help pages, ask a model, sometimes look an order up and ask again; returns the root's id."""
    topic, number = tracer.rng.choice(TOPICS), tracer.rng.randint(1000, 9999)
    question = f"What about {topic}? My order is {number}."
    newer = visit.age < 6 and tracer.rng.random() < 0.45
    version = at_age(SUPPORT, visit.age)
    read = tracer.rng.randint(2500, 9000) + 900 * version.number
    talk = Talk(visit, SONNET if newer else LARGE, version, question, f"On {topic}: see page {number % 40}.", (read, 0))
    root = _begin(tracer, "support-agent", visit, {"question": question})
    page = {"page_content": f"Help page on {topic}.", "metadata": {"page": number % 40}, "type": "Document"}
    fee, tool_fee = FEES["search_help_pages"], FEES["lookup_order"]
    seconds = tracer.rng.uniform(0.05, 0.4)
    tracer.step("search_help_pages", "retriever", {"query": topic}, {"documents": [page]}, seconds, total_cost=fee)
    failure = _prompted(tracer, talk)
    if failure is None and tracer.rng.random() < 0.4:
        if tracer.rng.random() < 0.12:  # the agent answers without the order
            tracer.fail("lookup_order", "tool", {"number": number}, TIMED_OUT, 5.0)
        else:
            seconds = tracer.rng.uniform(0.1, 1.2)
            tracer.step("lookup_order", "tool", {"number": number}, {"output": "on its way"}, seconds, total_cost=tool_fee)
        failure = _with_retries(tracer, talk)
    tracer.end({"output": talk.said}, failure)
    return root


def invoice_reader(tracer: Tracer, visit: Visit) -> str:
    """Let a small model read an invoice, and parse its answer; returns the root's id."""
    version, number = at_age(INVOICE, visit.age), tracer.rng.randint(100, 999)
    read = tracer.rng.randint(4000, 15000)
    talk = Talk(visit, MINI, version, f"Invoice {number}: 3 parcels, 47.11 EUR", '{"total": 47.11}', (read, 0))
    root = _begin(tracer, "invoice-reader", visit, {"invoice": number})
    failure = _prompted(tracer, talk)
    if failure is None and tracer.rng.random() < (0.12 if version.number == 1 else 0.02):
        failure = NO_JSON
        tracer.fail("JsonOutputParser", "parser", {"input": "The total is 47.11 EUR"}, NO_JSON, 0.002)
    elif failure is None:
        tracer.step("JsonOutputParser", "parser", {"input": talk.said}, {"output": {"total": 47.11}}, 0.002)
    tracer.end({"output": {"total": 47.11}}, failure)
    return root


def checkout_assistant(tracer: Tracer, visit: Visit) -> str:
    """Give a hint on a basket by a fast model, without retries; returns the root's id."""
    basket = tracer.rng.sample(("tea", "a cup", "a spoon", "honey", "a lamp"), 2)
    talk = Talk(visit, FLASH, CHECKOUT[0], " and ".join(basket), "These go well together.", (tracer.rng.randint(600, 2200), 0))
    root = _begin(tracer, "checkout-assistant", visit, {"basket": basket})
    _prompt(tracer, talk)
    _ask(tracer, talk, [])
    tracer.end({"output": talk.said})
    return root


APPLICATIONS: dict[str, tuple[Callable[[Tracer, Visit], str], int]] = {
    "support-agent": (support_agent, 36),
    "invoice-reader": (invoice_reader, 24),
    "checkout-assistant": (checkout_assistant, 40),
}
"""By the name of the project: what it does, and its share of the visits in percent."""


def begin_root(tracer: Tracer, name: str, inputs: object, metadata: dict[str, object]) -> str:
    """Begin a root run; returns its id."""
    return tracer.begin(name, "chain", inputs, tags=["shop"], extra={"metadata": metadata})


def _begin(tracer: Tracer, name: str, visit: Visit, inputs: object) -> str:
    return begin_root(tracer, name, inputs, visit.metadata())


def _prompt(tracer: Tracer, talk: Talk) -> None:
    metadata = talk.version.metadata()
    filled = {"output": {"messages": [{"type": "human", "content": talk.asked}]}}
    tracer.step("ChatPromptTemplate", "prompt", {"input": talk.asked}, filled, 0.002, extra={"metadata": metadata})


def _prompted(tracer: Tracer, talk: Talk) -> Failure | None:
    _prompt(tracer, talk)
    return _with_retries(tracer, talk)


def _with_retries(tracer: Tracer, talk: Talk) -> Failure | None:
    """Ask a model until it answers, three times at most; returns the last failure, None for an answer."""
    tracer.begin("model_with_retry", "chain", {"input": talk.asked})
    failure: Failure | None = None
    for attempt in range(1, TRIES + 1):
        tags = [f"retry:attempt:{attempt}"] if attempt > 1 else []
        failure = _struck(tracer, talk)
        if failure is None:
            _ask(tracer, talk, tags)
            break
        tracer.refused(talk.model, talk.asked, failure, tags=tags)
        if failure is TOO_LONG:  # asking again would not help
            break
        tracer.wait(RETRY_SECONDS * attempt)
    tracer.end({"output": talk.said}, failure)
    return failure


def _ask(tracer: Tracer, talk: Talk, tags: list[str]) -> None:
    most = {"support-answer": 320, "invoice-fields": 180, "checkout-hint": 60}[talk.version.prompt]
    written = tracer.rng.randint(most // 5, most)
    slower = 3.0 if talk.model.provider == "openai" and _in_incident(talk.visit) else 1.0
    tracer.ask(talk.model, talk.asked, talk.said, (talk.tokens[0], written), slower=slower, tags=tags)


def _struck(tracer: Tracer, talk: Talk) -> Failure | None:
    """Draw what a call of a model meets."""
    roll = tracer.rng.random()
    if talk.model.provider == "anthropic":
        return OVERLOADED if roll < 0.12 else None
    if roll < (0.75 if _in_incident(talk.visit) else 0.02):
        return BUSY
    return TOO_LONG if roll > 0.992 else None


def _in_incident(visit: Visit) -> bool:
    return INCIDENT[0] < visit.age < INCIDENT[1]
