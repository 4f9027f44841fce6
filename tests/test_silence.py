"""The ear of `silence` hears: each way in which the product could give a secret away is an offence."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest
from silence import Ear, Sentry, payloads, secret

from langsmith_core.faces import standalone
from langsmith_core.sync.state import State
from product import World
from simulator import DEFAULT_API_KEY, Fault, RawJson

PAYLOAD = "my card number is 4111"
SAID = f"a payload: {PAYLOAD}"


@pytest.fixture
def told(world: Callable[..., World]) -> World:
    """A workspace with one payload of each kind."""
    w = world("clickhouse")
    w.workspace.add_run(w.workspace.add_project("p"), inputs={"messages": [{"content": PAYLOAD}]})
    return w


def test_a_log_line(ear: Ear, told: World) -> None:
    """Of any logger, in its text or its fields; an exception that comes with it is told without its own text."""
    logger = logging.getLogger("langsmith_core.anything")
    logger.warning("refused %s", DEFAULT_API_KEY)
    logger.warning("no key", extra={"fields": {"seen": DEFAULT_API_KEY}})
    try:
        raise ValueError(PAYLOAD)
    except ValueError as error:
        logger.exception("a fault")
        logger.warning("a fault: %s", error)
    assert [one.split(":")[0] for one in ear.offences()] == ["a key", "a key", "a payload"]
    assert told.workspace.runs


@pytest.mark.parametrize("part", [slice(300), slice(1_700, 1_730), slice(-30, None)], ids=["begin", "middle", "end"])
def test_a_piece_of_a_payload(ear: Ear, told: World, part: slice) -> None:
    """A line need not have all of it: 24 characters from anywhere are an offence, fewer may be chance."""
    text = " ".join(f"and {number} sheep" for number in range(200))
    told.workspace.add_run(next(iter(told.workspace.projects)), outputs={"a": text})
    logging.getLogger("langsmith_core.anything").warning("it answered %s", text[part])
    assert ear.offences() == [f"a payload: {text[:300]}"]
    ear.stores.append(told.workspace)
    logging.getLogger("langsmith_core.anything").warning("it answered %s", text[part][:12])
    assert ear.offences() == []


def test_an_id_or_a_time_is_no_payload(ear: Ear, told: World) -> None:
    """Applications write ids and times into their payloads, and so does a state."""
    named = {"run": str(uuid.uuid4()), "at": "2026-06-01T00:00:00.000000Z"}
    told.workspace.add_run(next(iter(told.workspace.projects)), metadata=named)
    logging.getLogger("langsmith_core.anything").warning("%s %s", *(f"({value})" for value in named.values()))
    assert ear.offences() == []


def test_the_sentry_hears_what_the_ear_hears() -> None:
    """Thousands of lines are judged one by one: keys, and the mark that every payload of the state machine has all over."""
    sentry, logger = Sentry(), logging.getLogger("langsmith_core.anything")
    logger.addHandler(sentry)
    logger.propagate = False  # or every ear hears it
    try:
        logger.warning("calm %s", "tell no one")
        logger.warning("a key %s", DEFAULT_API_KEY)
        logger.warning("a piece %s", secret("of something")[7:31])
        logger.warning("a field", extra={"fields": {"seen": secret("of something")}})
    finally:
        logger.propagate = True
        logger.removeHandler(sentry)
    assert len(sentry.offences) == 3


def test_a_message(ear: Ear, told: World) -> None:
    """Where LangSmith's own words repeat the key, a message repeats them without; one that did not would be heard."""
    told.sim.faults.add(Fault(status=422, body={"detail": f"{DEFAULT_API_KEY} may not"}, times=1))
    assert b"(the key) may not" in told.post("/fivetran", b'{"state": {}}').data
    ear.stores.append(told.workspace)
    assert ear.offences() == []
    ear.answers.append(f'{{"errorMessage": "{DEFAULT_API_KEY} and {PAYLOAD}"}}'.encode())
    ear.stores.append(told.workspace)
    assert [one.split(":")[0] for one in ear.offences()] == ["a key", "a payload"]


def test_a_row_may_hold_a_payload_and_no_key(ear: Ear, told: World) -> None:
    """Rows are what is asked for; a key is not, wherever it stands."""
    told.fivetran.sync()
    assert any(PAYLOAD.encode() in answer for answer in ear.answers)
    assert ear.offences() == []
    ear.answers.append(f'{{"insert": {{"langsmith_run": [{{"name": "{DEFAULT_API_KEY}"}}]}}}}'.encode())
    assert [one.split(":")[0] for one in ear.offences()] == ["a key"]


def test_a_state(ear: Ear, told: World) -> None:
    """One that is saved by either standalone face."""

    class Nowhere:
        def save(self, state: State) -> None:
            del state

    standalone.Driver(State("a"), None, Nowhere(), told.clock.now)._saved(State(f"a {PAYLOAD}"))  # type: ignore[arg-type]  # noqa: SLF001
    assert ear.offences() == [SAID]


def test_payloads_of_every_kind(world: Callable[..., World]) -> None:
    """Runs, every version of an example, feedback; as they stand in JSON, and none that is short."""
    w = world("clickhouse")
    run = w.workspace.add_run(
        w.workspace.add_project("p"),
        inputs={"q": "a question that is long"},
        outputs={"a": "short"},
        error="it broke for a reason",
        tags=["a tag that tells"],
        metadata={"m": "metadata of a run"},
    )
    example = w.workspace.add_example(
        w.workspace.add_dataset("d"),
        {"q": 'with a "quotation"'},
        RawJson(b'{"a": "raw and verbatim"}'),
        metadata={"m": "metadata of an example"},
    )
    w.workspace.edit_example(example, inputs={"q": "another version of it"})
    w.workspace.add_feedback(run, "k", score=1.0, comment="a comment on it")
    assert payloads(w.workspace) == [
        "a question that is long",
        "it broke for a reason",
        "a tag that tells",
        "metadata of a run",
        'with a \\"quotation\\"',
        '{\\"a\\": \\"raw and verbatim\\"}',
        "metadata of an example",
        "another version of it",
        "a comment on it",
    ]
