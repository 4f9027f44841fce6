"""Tests that no exit raises, whatever it is given: log lines, failure answers, the trace, the status. Each answer is JSON.

Words from LangSmith or a caller pass through the real targets, others through the logger. test_key_echoes tests secrets in
messages, faces/test_callers who may call.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leaks import LeakWatch

from langsmith_core import logs
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import SyncError
from langsmith_core.masking import TEXT_MAX
from product import World
from simulator import Fault

HALF = "\ud83d"
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
SHARED_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Unwritable:
    """A value that cannot be converted to text."""

    def __repr__(self) -> str:
        raise RuntimeError("4111 1111 1111 1111")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.binary(max_size=20) | st.builds(Unwritable),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(ANY_TEXT | st.integers(), one, max_size=3),
)


@pytest.fixture
def w(world: Callable[..., World]) -> World:
    """Return a workspace with a run."""
    w = world("dual")
    w.configure(SYNC_USAGE="false")  # without an organisation it tells one line more
    w.workspace.add_run(w.workspace.add_project("p"))
    return w


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines printed since the last call, and check that standard error is empty."""
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


@SHARED_FIXTURES
@given(
    st.sampled_from(["langsmith_core.a", "langsmith_sync", "urllib3.connection"]), ANY_TEXT, st.lists(VALUES, max_size=2), VALUES
)
def test_any_record_is_one_line(
    capsys: pytest.CaptureFixture[str], leak_watch: LeakWatch, name: str, text: str, values: list[Any], fields: Any
) -> None:
    """Any log record gives one JSON line, even with values that do not fit its text."""
    logging.getLogger(name).error(text, *values, extra={"fields": fields})
    (line,) = printed(capsys)
    assert (line["severity"], type(line["message"])) == ("ERROR", str)
    assert "4111" not in str(line)
    leak_watch.clear()


@pytest.mark.parametrize("end", ["\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_a_line_is_one_line_for_every_reader(capsys: pytest.CaptureFixture[str], end: str) -> None:
    """No character that some reader takes for a line's end makes a second line."""
    logging.getLogger("langsmith_core.a").error("one%sand the same", end)
    (line,) = printed(capsys)
    assert line["message"] == f"one{end}and the same"


def test_a_value_that_cannot_be_written_is_told_by_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    """A value that cannot be written gets a log line with a remedy and its place. None of its text is there."""
    logging.getLogger("langsmith_core.a").warning("seen %s and %d", Unwritable(), "no number")
    (line,) = printed(capsys)
    said, *_, kind = line["message"].splitlines()
    assert (said, kind) == ("a fault of this program in writing a log line; report it", "RuntimeError")


def test_an_error_that_is_its_own_cause_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """An endless chain of errors and a long trace are cut."""

    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        raise first

    with pytest.raises(ValueError, match="a") as caught:
        deep(500)
    logging.getLogger("langsmith_core.a").error("no", exc_info=caught.value)
    (line,) = printed(capsys)
    assert line["message"].endswith("\nValueError")
    assert len(line["message"]) <= TEXT_MAX + 3


class Closed(io.StringIO):
    """A stream that somebody else has closed."""

    def write(self, _: str) -> int:
        raise ValueError("I/O operation on closed file")


class Broken(io.StringIO):
    """A pipe that nobody reads."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Closed(), Broken(), None], ids=["closed", "broken pipe", "none"])
def test_a_line_for_a_closed_standard_output_goes_to_standard_error(
    w: World, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    """A line that standard output cannot take goes to standard error. Where that is closed too, the call is still answered."""
    other = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", other)
        assert w.post("/fivetran", b"{}").status_code == 200
        patch.setattr(sys, "stderr", stream)
        assert w.post("/fivetran", b"{}").status_code == 200
    (line,) = map(json.loads, other.getvalue().splitlines())
    assert line["event"] == "pass"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_standard_output_of_few_characters_gets_them_escaped(w: World, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """A log line is the same JSON value in any encoding of standard output."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        w.post("/fivetran", json.dumps({"customPayload": {"PROJECTS": "žlutý 🐎"}}).encode())
    (line,) = map(json.loads, raw.getvalue().decode(encoding).splitlines())
    assert "'žlutý 🐎'" in line["message"]


def test_other_handlers_get_a_record_that_is_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's own root handler prints the masked record, so logging's error handler has nothing to print."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    monkeypatch.setattr(sys, "stderr", stream)
    logging.getLogger().addHandler(handler)
    try:
        logging.getLogger("langsmith_core.a").warning("seen %d", "4111 1111")
        logging.getLogger("urllib3.connection").warning("read %s", "4111 1111", exc_info=ValueError("4111 1111"))
    finally:
        logging.getLogger().removeHandler(handler)
    assert "4111" not in stream.getvalue()
    assert stream.getvalue().startswith("a fault of this program in writing a log line; report it")


def bodies(text: str) -> Iterator[Fault]:
    """Yield faults whose answers hold a text, as JSON writes it."""
    for status in (400, 401, 403, 404, 422, 500):
        yield Fault(status=status, body=json.dumps({"detail": text}), times=None)
    yield Fault(status=422, body=json.dumps({"detail": [{"msg": text}]}), times=None)
    yield Fault(status=200, body=json.dumps([{"id": text, "name": text}]), times=None)
    yield Fault(
        kind="runs",
        status=200,
        body=json.dumps({"runs": [], "cursors": {"next": text}, "items": [], "next_cursor": text}),
        times=None,
    )
    yield Fault(status=307, redirect="https://" + text, times=None)


@pytest.mark.parametrize(
    "text", [HALF, f"a{HALF}b" * 3000, "\udcff", "\x00\x1b[2J", "🐎"], ids=["half", "halves", "end", "codes", "whole"]
)
def test_langsmiths_words_are_told_as_json_whatever_is_in_them(w: World, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Half characters or terminal codes in LangSmith's words give JSON answers and whole lines, and no 500."""
    for fault in bodies(text):
        w.sim.faults.clear()
        w.sim.faults.add(fault)
        answer = w.post("/fivetran", b'{"state": {}}')
        assert answer.status_code in (200, 401, 403, 502), fault
        assert answer.content_type == "application/json"
        json.loads(answer.data)
        assert printed(capsys)
    w.sim.faults.clear()
    w.sim.faults.add(Fault(status=401, body=json.dumps({"detail": text}), times=None))
    assert w.post("/sync", b"").status_code == 401
    status = w.request("GET", "/sync")
    assert (status.status_code, status.get_json()["last_error"]["status"]) == (200, 401)


@pytest.mark.parametrize("text", [HALF, "\udcff" * 500, "\x00", "🐎"], ids=["half", "many halves", "nothing", "whole"])
@pytest.mark.parametrize("setup_test", [True, False])
def test_a_callers_words_are_told_as_json_whatever_is_in_them(
    w: World, capsys: pytest.CaptureFixture[str], text: str, setup_test: bool
) -> None:
    """Any text that Fivetran sends gives a JSON answer that is no 500, and a whole line."""
    texts: list[dict[str, Any]] = [
        {"sync_id": text},
        {"agent": text},
        {"state": {"version": text}},
        {"state": {text: text}},
        {"state": {"version": 1, "api": text}},
        {"state": [text]},
        *(
            {"secrets": {name: text}}
            for name in ("LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID", "SYNC_RUNS", "LANGSMITH_API_KEYS", text)
        ),
        *(
            {"customPayload": {name: text}}
            for name in ("PROJECTS", "PROJECTS_EXCLUDE", "START_TIME", "REDACT_PATHS", "EXCLUDE_COLUMNS", text)
        ),
        {"customPayload": {"LANGSMITH_BASE_URL": f"https://{text}/", "LANGSMITH_API_KEY": "lsv2_pt_any"}},
        {"customPayload": [{"key": text, "value": text}]},
        {"customPayload": {"HASH_KEY": text * 16, "HASH_PATHS": "langsmith_run.name"}},
    ]
    for asked in texts:
        body = json.dumps({"state": {}, "setup_test": setup_test, **asked}).encode()
        answer = w.post("/fivetran", body, **{"X-Cloud-Trace-Context": "\x80/;o=1"})
        assert answer.status_code in (200, 400, 401, 403, 502, 503), asked
        assert answer.content_type == "application/json"
        json.loads(answer.data)
        assert printed(capsys)


@pytest.mark.parametrize(
    "trace", ["", "/", "x" * 5000, "105445aa7843bc8bf206b120001000001", "../../p", "105445aa7843bc8bf206b12000100000é"]
)
def test_a_trace_that_is_none_is_left_out(w: World, capsys: pytest.CaptureFixture[str], trace: str) -> None:
    """Google's trace field holds an id of 32 hexadecimal digits, or is absent."""
    w.configure(GOOGLE_CLOUD_PROJECT="acme-data")
    w.post("/fivetran", b"{}", **{"X-Cloud-Trace-Context": trace})
    assert [line.keys() & {"logging.googleapis.com/trace"} for line in printed(capsys)] == [set()]


def test_a_failure_that_cannot_be_written_is_answered_and_kept(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sink's failure with half a character and a megabyte of text is answered. The status keeps it, cut."""

    def write(*_: object) -> None:
        raise SyncError(HALF * 1_000_000, 503)

    monkeypatch.setattr(local.LocalFile, "write", write)
    answer = w.post("/sync", b"")
    assert (answer.status_code, len(answer.get_json()["errorMessage"])) == (503, TEXT_MAX + 3)
    kept = w.request("GET", "/sync").get_json()["last_error"]["message"]
    assert kept[:100] == answer.get_json()["errorMessage"][:100]


def test_logging_installs_itself_once() -> None:
    """Loading main.py again adds no second handler."""
    before = [list(logging.getLogger(name).handlers) for name in (*logs.NAMES, None)]
    logs.install()
    assert [list(logging.getLogger(name).handlers) for name in (*logs.NAMES, None)] == before
