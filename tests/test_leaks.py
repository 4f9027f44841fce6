"""Tests of `leaks`: the watch reports each way in which the product could leak a key or a payload."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest
from leaks import LeakWatch, QuickLeakWatch, marked_payload, payloads

from langsmith_core.faces import standalone
from langsmith_core.sync.state import State
from product import World
from simulator import DEFAULT_API_KEY, Fault, RawJson

PAYLOAD = "my card number is 4111"
SAID = f"a payload: {PAYLOAD}"


@pytest.fixture
def with_payload(world: Callable[..., World]) -> World:
    """Return a workspace with one run that has a payload."""
    w = world("clickhouse")
    w.workspace.add_run(w.workspace.add_project("p"), inputs={"messages": [{"content": PAYLOAD}]})
    return w


def test_a_log_line(leak_watch: LeakWatch, with_payload: World) -> None:
    """A key in any logger's text or fields is a leak. A logged exception is none: it shows its class and not its text."""
    logger = logging.getLogger("langsmith_core.anything")
    logger.warning("refused %s", DEFAULT_API_KEY)
    logger.warning("no key", extra={"fields": {"seen": DEFAULT_API_KEY}})
    try:
        raise ValueError(PAYLOAD)
    except ValueError as error:
        logger.exception("a fault")
        logger.warning("a fault: %s", error)
    assert [one.split(":")[0] for one in leak_watch.found()] == ["a key", "a key", "a payload"]
    assert with_payload.workspace.runs


@pytest.mark.parametrize("part", [slice(300), slice(1_700, 1_730), slice(-30, None)], ids=["begin", "middle", "end"])
def test_a_piece_of_a_payload(leak_watch: LeakWatch, with_payload: World, part: slice) -> None:
    """24 characters from anywhere in a payload are a leak. Fewer may be chance."""
    text = " ".join(f"and {number} sheep" for number in range(200))
    with_payload.workspace.add_run(next(iter(with_payload.workspace.projects)), outputs={"a": text})
    logging.getLogger("langsmith_core.anything").warning("it answered %s", text[part])
    assert leak_watch.found() == [f"a payload: {text[:300]}"]
    leak_watch.stores.append(with_payload.workspace)
    logging.getLogger("langsmith_core.anything").warning("it answered %s", text[part][:12])
    assert leak_watch.found() == []


def test_an_id_or_a_time_is_no_payload(leak_watch: LeakWatch, with_payload: World) -> None:
    """Ids and times are no leak: applications write them into payloads, and a state holds them too."""
    named = {"run": str(uuid.uuid4()), "at": "2026-06-01T00:00:00.000000Z"}
    with_payload.workspace.add_run(next(iter(with_payload.workspace.projects)), metadata=named)
    logging.getLogger("langsmith_core.anything").warning("%s %s", *(f"({value})" for value in named.values()))
    assert leak_watch.found() == []


def test_the_quick_watch_finds_keys_and_marked_payloads() -> None:
    """The quick watch finds keys in single lines, and the mark that the state machine's payloads carry all over."""
    quick, logger = QuickLeakWatch(), logging.getLogger("langsmith_core.anything")
    logger.addHandler(quick)
    logger.propagate = False  # or the watch of this session reports it
    try:
        logger.warning("calm %s", "tell no one")
        logger.warning("a key %s", DEFAULT_API_KEY)
        logger.warning("a piece %s", marked_payload("of something")[7:31])
        logger.warning("a field", extra={"fields": {"seen": marked_payload("of something")}})
    finally:
        logger.propagate = True
        logger.removeHandler(quick)
    assert len(quick.found) == 3


def test_a_message(leak_watch: LeakWatch, with_payload: World) -> None:
    """A message that repeats LangSmith's words has a mask in place of the key. One without the mask would be reported."""
    with_payload.sim.faults.add(Fault(status=422, body={"detail": f"{DEFAULT_API_KEY} may not"}, times=1))
    assert b"(the key) may not" in with_payload.post("/fivetran", b'{"state": {}}').data
    leak_watch.stores.append(with_payload.workspace)
    assert leak_watch.found() == []
    leak_watch.answers.append(f'{{"errorMessage": "{DEFAULT_API_KEY} and {PAYLOAD}"}}'.encode())
    leak_watch.stores.append(with_payload.workspace)
    assert [one.split(":")[0] for one in leak_watch.found()] == ["a key", "a payload"]


def test_a_row_may_hold_a_payload_and_no_key(leak_watch: LeakWatch, with_payload: World) -> None:
    """Payloads belong in rows. A key belongs nowhere."""
    with_payload.fivetran.sync()
    assert any(PAYLOAD.encode() in answer for answer in leak_watch.answers)
    assert leak_watch.found() == []
    leak_watch.answers.append(f'{{"insert": {{"langsmith_run": [{{"name": "{DEFAULT_API_KEY}"}}]}}}}'.encode())
    assert [one.split(":")[0] for one in leak_watch.found()] == ["a key"]


def test_a_state(leak_watch: LeakWatch, with_payload: World) -> None:
    """A payload in a state that a standalone pass saves is a leak."""

    class Nowhere:
        def save(self, state: State) -> None:
            del state

    standalone.Driver(State("a"), None, Nowhere(), with_payload.clock.now)._save(State(f"a {PAYLOAD}"))  # type: ignore[arg-type]  # noqa: SLF001
    assert leak_watch.found() == [SAID]


def test_payloads_of_every_kind(world: Callable[..., World]) -> None:
    """`payloads` finds texts of runs, of every example version and of feedback, as JSON has them. Short ones are left out."""
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
