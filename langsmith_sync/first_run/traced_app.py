"""A small application, traced by the official LangSmith SDK, for the demo to sync besides seeded data.

A support agent answers questions with a tool and a chat model, and is then judged. Tool and model are langchain-core's fake ones,
without account or network. As in any traced application, LANGSMITH_ENDPOINT, LANGSMITH_API_KEY and LANGSMITH_WORKSPACE_ID say
where the traces go.
"""

from __future__ import annotations

import os
from typing import cast
from uuid import uuid4

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from langsmith import Client, traceable
from langsmith.run_helpers import LangSmithExtra, get_current_run_tree

PROJECT = "demo-support-agent"
USD_PER_TOKEN_READ, USD_PER_TOKEN_WRITTEN = 2.5e-6, 10e-6
QUESTIONS = (
    ("Where is parcel 4711?", "It left the depot this morning.", 1.0),
    ("Can I return a gift card?", "Gift cards cannot be returned.", 0.5),
    ("Where is parcel 0?", "", 0.0),
)


@tool
def parcel_status(number: int) -> str:
    """Look a parcel up."""
    if number == 0:
        raise ValueError("no parcel has the number 0")
    return f"parcel {number} is on its way"


def model(answer: str) -> Runnable[dict[str, str], AIMessage]:
    """Return a prompt and a chat model that gives this answer, with the token usage that a real one reports."""
    message = AIMessage(answer, usage_metadata=usage(42, len(answer)))
    prompt = ChatPromptTemplate.from_messages([("system", "You help customers. {status}"), ("user", "{question}")])
    return prompt | GenericFakeChatModel(messages=iter([message]))


def usage(read: int, written: int) -> UsageMetadata:
    """Return tokens and their price, for a model whose price LangSmith does not know."""
    cost = {"input_cost": read * USD_PER_TOKEN_READ, "output_cost": written * USD_PER_TOKEN_WRITTEN}
    tokens = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    return cast("UsageMetadata", {**tokens, **cost, "total_cost": sum(cost.values())})


@traceable(run_type="chain", name="support-agent", project_name=PROJECT, tags=["demo"])
def answered(question: str, answer: str) -> dict[str, str]:
    """Look up what the question is about, then let the model answer. Returns the answer and the id of its trace."""
    number = next((int(word.strip("?")) for word in question.split() if word.strip("?").isdecimal()), 1)
    status = parcel_status.invoke({"number": number})
    tree = get_current_run_tree()
    reply = model(answer).invoke({"status": status, "question": question})
    return {"answer": str(reply.content), "run_id": str(tree.id) if tree else ""}


def main() -> None:
    """Ask every question in one thread, judge the answers, and store the questions as a dataset."""
    client = Client()
    project = client.create_project(PROJECT).id
    thread: LangSmithExtra = {"metadata": {"thread_id": str(uuid4())}}
    for question, answer, score in QUESTIONS:
        try:
            reply = answered(question, answer, langsmith_extra=thread)
        except ValueError:
            continue  # the trace of a question that fails is data too
        client.flush()
        # An instance with SmithDB alone finds a run only beside its project.
        run, said = reply["run_id"], "from the demo"
        client.create_feedback(run, key="helpful", score=score, comment=said, trace_id=run, session_id=project)
    dataset = client.create_dataset("demo-questions", description="Questions of the demo")
    examples = [{"inputs": {"question": q}, "outputs": {"answer": a}} for q, a, _ in QUESTIONS if a]
    client.create_examples(dataset_id=dataset.id, examples=examples)
    client.flush()


if __name__ == "__main__":
    os.environ.setdefault("LANGSMITH_TRACING", "true")
    main()
