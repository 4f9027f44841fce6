"""Tests of the lines that real calls of both targets print on standard output."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import log_lines
import pytest
import requests
from log_lines import SECRET, SITUATIONS, SYNC_ID, TRACE, Line

from product import World
from simulator import Fault

Worlds = Callable[..., World]
NOTHING = {"rows_total": 0, "rows": {}, "rejected": 0, "requests": 0, "retries": 0, "rate_limited": 0, "seconds": 0.0}
ROWS = {
    "langsmith_project": 1,
    "langsmith_run": 5,
    "langsmith_dataset": 0,
    "langsmith_feedback": 0,
    "langsmith_feedback_config": 0,
    "langsmith_annotation_queue": 0,
    "langsmith_prompt": 0,
}
FIRST_ROWS: Line = {
    "rows_total": 3,
    "rows": {"langsmith_project": 1, "langsmith_run": 2},
    "rejected": 2,
    "requests": 12,
    "retries": 0,
    "rate_limited": 0,
}
GOOGLE = {"logging.googleapis.com/trace": f"projects/acme-data/traces/{TRACE}"}
SYNC: Line = {"target": "sync", **GOOGLE}
FIVETRAN: Line = {"target": "fivetran", **GOOGLE, "sync_id": SYNC_ID}
PASS: Line = {
    "severity": "INFO",
    "message": "6 rows by 10 requests in 0.4 s, more: False",
    "event": "pass",
    "status": 200,
    "bytes": ANY,
    "api": "v2",
    "has_more": False,
    "rows_total": 6,
    "rows": ROWS,
    "rejected": 0,
    "requests": 10,
    "retries": 0,
    "rate_limited": 0,
    "seconds": 0.39,
    "lag_seconds": 0.39,
}
CHECKED: Line = {
    "severity": "INFO",
    "message": "completeness: 2 places counted, 0 unknown, 0 are read again, 0 known gaps",
    "event": "completeness",
    "counted": 2,
    "unknown": 0,
    "short": 0,
    "gaps": 0,
}
REFUSED = "LANGSMITH_API_KEY: LangSmith refuses the key; make a new one in its settings, in the region of LANGSMITH_BASE_URL"
FOREIGN = "LANGSMITH_TENANT_ID: the key may not read this workspace; check the workspace id and the region of LANGSMITH_BASE_URL"
ENDS = tuple(
    f"LangSmith sends {name} with /api/v1/runs/query; upgrade this program in time" for name in ("Deprecation", "Sunset")
)
V1_ENDS = "Sun, 31 Jan 2027 00:00:00 GMT"


def failure(status: int, message: Any, severity: str = "ERROR", **figures: Any) -> Line:
    """Return the line of a failed call."""
    return {"severity": severity, "message": message, "event": "failure", "status": status, **NOTHING, **figures}


LINES: dict[str, list[Line]] = {
    "a pass of fivetran": [{**FIVETRAN, **PASS}],
    "a pass of sync": [
        {**SYNC, **CHECKED},
        {**SYNC, **PASS, "message": "6 rows by 17 requests in 0.6 s, more: False"}
        | {"requests": 17, "seconds": 0.6, "lag_seconds": 0.6},
    ],
    "the status": [
        {"severity": "INFO", "message": "the status was read", "target": "sync", "event": "status", "status": 200, **NOTHING}
    ],
    "a setup test": [
        {"severity": "INFO", "message": "the setup test passed", **FIVETRAN, "event": "setup", "status": 200}
        | {**NOTHING, "requests": 1}
    ],
    "the key is refused": [
        {**FIVETRAN, **failure(401, f"{REFUSED} (401, /api/v1/sessions: Invalid token)", requests=3, seconds=0.06)}
    ],
    "the workspace is refused": [{**SYNC, **failure(403, f"{FOREIGN} (403, /api/v1/info: Forbidden)", requests=1)}],
    "another pass is at work": [{**SYNC, **failure(409, ANY, "INFO")}],
    "a wrong method": [{"target": "sync", **failure(405, "this target takes GET, HEAD, POST, not PUT; call it by one of those")}],
    "LangSmith announces an end": [
        {"severity": "WARNING", "message": ENDS[0], **SYNC, "event": "sunset", "header": "Deprecation", "value": "true"},
        {"severity": "WARNING", "message": ENDS[1], **SYNC, "event": "sunset", "header": "Sunset", "value": V1_ENDS},
        {**SYNC, **CHECKED},
        {
            **SYNC,
            **PASS,
            "api": "v1",
            "message": "6 rows by 17 requests in 0.5 s, more: False",
            "requests": 17,
            "seconds": 0.48,
            "lag_seconds": 0.48,
        },
    ],
    "rows are rejected": [
        {**SYNC, **CHECKED},
        {**SYNC, **PASS, "message": "6 rows by 19 requests in 1.1 s, more: False", "rejected": 2}
        | {"requests": 19, "seconds": 1.113, "lag_seconds": 1.113},
    ],
    "rows are rejected, then the sink fails": [{**SYNC, **failure(400, str(log_lines.BUSY_SINK), **FIRST_ROWS, seconds=0.903)}],
    "rows are rejected, then a fault of our own": [{**SYNC, **failure(500, ANY, **FIRST_ROWS, seconds=0.903)}],
}


@pytest.mark.parametrize("situation", LINES)
def test_a_call_prints_exactly_these_lines(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], situation: str
) -> None:
    """One line sums up each call with its counts, whether the call succeeds or fails."""
    assert log_lines.of_situation(world("dual"), monkeypatch, capsys, situation) == LINES[situation]


def test_a_first_sync_that_does_not_end_falls_behind(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lag counts from the start of the very first look, however often that look begins anew."""
    lines = log_lines.of_situation(world("dual"), monkeypatch, capsys, "a first sync that does not end")
    lags = [round(line["lag_seconds"] / 3600, 1) for line in lines if line.get("event") == "pass"]
    assert len(lags) == 26
    assert (lags[0], lags[-1]) == (0.0, 25.3)
    assert lags == sorted(lags)


def test_every_situation_is_looked_at() -> None:
    """Some test compares the lines of every situation."""
    assert SITUATIONS.keys() - LINES.keys() == {"a first sync that does not end"}


def test_every_line_of_a_call_says_whose_it_is(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines about retries and skipped records also carry target, trace and the sync's id."""
    w = world("dual")
    w.sim.faults.add(Fault(kind="runs", status=500, times=None))
    lines = log_lines.of_situation(w, monkeypatch, capsys, "a pass of fivetran")
    assert len(lines) > 5
    assert [{name: line.get(name) for name in FIVETRAN} for line in lines] == [FIVETRAN] * len(lines)
    assert {line["stream"] for line in lines if "put aside" in line["message"]} == {"langsmith_run"}


def test_the_next_call_begins_without_the_fields_of_the_last(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """No line carries another call's fields, even where one instance serves both targets."""
    w = world("dual")
    log_lines.fivetran(w)
    log_lines.printed(capsys)
    log_lines.read(w)
    (line,) = log_lines.printed(capsys)
    assert not line.keys() & {"sync_id", *GOOGLE}


def test_an_unforeseen_error_is_told_by_its_class_and_places(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log names an unforeseen error's class, and file, line and function of each step.

    Its text, which may hold a value, is left out.
    """
    (line,) = log_lines.of_situation(world("dual"), monkeypatch, capsys, "rows are rejected, then a fault of our own")
    text, *places, kind = line["message"].splitlines()
    assert (text, places[0], kind) == ("a fault of this program; report it", "Traceback (most recent call last):", "ValueError")
    steps = [re.fullmatch(r'  File ".*?(\w+\.py)", line \d+, in (\w+)', place) for place in places[1:]]
    named = [step.groups() for step in steps if step]
    files = ("handler.py", "sync_target.py", "one_pass.py", "standalone.py", "log_lines.py")
    ours = [step for step in named if step[0] in files]
    assert ours == [
        ("handler.py", "handle"),
        ("sync_target.py", "run_pass"),
        ("sync_target.py", "_done"),
        ("one_pass.py", "run"),
        ("standalone.py", "run"),
        ("standalone.py", "_next"),
        ("standalone.py", "_deliver"),
        ("log_lines.py", "write"),
    ]
    assert {file for file, _ in named} - {file for file, _ in ours} <= {"_base.py", "thread.py"}  # concurrent.futures
    assert SECRET not in str(line)


def _logged(capsys: pytest.CaptureFixture[str], raising: Callable[[], None]) -> str:
    try:
        raising()
    except Exception:
        logging.getLogger("langsmith_sync").exception("a fault")
    (line,) = log_lines.printed(capsys)
    return re.sub(r'File ".*?(\w+\.py)", line \d+', r"\1", line["message"])


def test_errors_behind_an_error_are_told_first_without_their_texts(capsys: pytest.CaptureFixture[str]) -> None:
    """Causes and contexts come first in the log. What `from None` hides stays hidden. A library's class has its module."""

    def first() -> None:
        raise ValueError(SECRET)

    def caused() -> None:
        try:
            first()
        except ValueError as error:
            raise requests.ConnectionError(SECRET) from error

    def hidden() -> None:
        try:
            first()
        except ValueError:
            raise KeyError(SECRET) from None

    head = "Traceback (most recent call last):"
    assert _logged(capsys, caused).splitlines() == [
        *("a fault", head, "  test_logs.py, in caused", "  test_logs.py, in first", "ValueError"),
        *(head, "  test_logs.py, in _logged", "  test_logs.py, in caused", "requests.exceptions.ConnectionError"),
    ]
    assert _logged(capsys, hidden).splitlines() == [
        *("a fault", head, "  test_logs.py, in _logged", "  test_logs.py, in hidden", "KeyError"),
    ]
