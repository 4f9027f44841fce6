"""A pass counts in how many rows each privacy rule found its place. It warns of a place found nowhere.

test_hidden and privacy/test_replace test what becomes of a place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import log_lines
import pytest
from simulation.secret_fields import HASH_KEY, MODES

from product import World
from simulator.settings import Mode

Worlds = Callable[..., World]
FOUND, NULL, NOWHERE = (
    "langsmith_run.inputs.**.content",
    "langsmith_run.outputs.answer",
    "langsmith_run.inputs.mesages[*].content",
)
COLUMN, EVERYWHERE, EMPTY = "langsmith_run.error", "*.metadata.user_id", "langsmith_feedback.raw.feedback_source.no_such"
RULES = {"REDACT_PATHS": f"{FOUND},{NULL},{NOWHERE},{COLUMN},{EMPTY}", "HASH_PATHS": EVERYWHERE, "HASH_KEY": HASH_KEY}


def chats(w: World, count: int) -> str:
    """Add a project with this many runs of two messages each, and an example. One run has a user."""
    project = w.workspace.add_project("p")
    messages = [[{"kwargs": {"content": "one"}}, {"content": "two"}]]
    for number in range(count):
        metadata = {"user_id": "ann"} if number == 0 else {"plan": "pro"}
        w.workspace.add_run(project, inputs={"messages": messages}, outputs={"answer": None}, metadata=metadata)
    w.workspace.add_example(w.workspace.add_dataset("d"), {"q": 1}, metadata={"user_id": "ann"})
    return project


def counts(runs: int) -> dict[str, dict[str, int]]:
    """Return what the rules find in this many of those runs, counted in rows."""
    return {
        f"REDACT_PATHS {FOUND}": {"found": runs, "rows": runs},
        f"REDACT_PATHS {NULL}": {"found": runs, "rows": runs},
        f"REDACT_PATHS {NOWHERE}": {"found": 0, "rows": runs},
        f"REDACT_PATHS {COLUMN}": {"found": runs, "rows": runs},
        f"REDACT_PATHS {EMPTY}": {"found": 0, "rows": 0},
        f"HASH_PATHS {EVERYWHERE}": {"found": 2, "rows": runs + 3},
    }


WARNING = (
    f"REDACT_PATHS {NOWHERE}: found in none of the %d rows read, so it hides nothing; compare it with a row's JSON and correct it"
)


def lines(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], Any]:
    """Return the warnings that a call has printed, and the rules on its summary line."""
    printed = log_lines.printed(capsys)
    (summary,) = (line for line in printed if line.get("event") == "pass")
    return [line["message"] for line in printed if line["severity"] == "WARNING" and line.get("event") != "sunset"], summary.get(
        "rules"
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_pass_tells_what_its_rules_have_found(world: Worlds, mode: Mode, capsys: pytest.CaptureFixture[str]) -> None:
    """The log and the status count the rows of each rule. A warning names the place that no row has.

    A null counts as found. A whole column and a table without rows give no warning.
    """
    w = world(mode)
    chats(w, 7)
    w.configure(**RULES)
    assert w.pass_locally()[0] == 200
    assert lines(capsys) == ([WARNING % 7], counts(7))
    assert w.request("GET", "/sync").get_json()["passes"][-1]["rules"] == counts(7)


@pytest.mark.parametrize("mode", MODES)
def test_a_call_of_fivetrans_tells_it_in_the_log(world: Worlds, mode: Mode, capsys: pytest.CaptureFixture[str]) -> None:
    """A call of Fivetran's counts in the log alone, since its state holds no passes."""
    w = world(mode)
    chats(w, 3)
    w.configure(**RULES)
    body = w.post("/fivetran", b"{}").get_json()
    assert lines(capsys) == ([WARNING % 3], counts(3))
    assert NOWHERE not in json.dumps(body)


def test_each_call_counts_its_own_rows(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """A row that is read again by the next batch or call is counted only where it lands."""
    w = world()
    project = w.workspace.add_project("p")
    for _ in range(40):
        w.workspace.add_run(project, inputs={"q": "x" * 100_000, "who": "ann"})
    w.configure(REDACT_PATHS="langsmith_run.inputs.who,langsmith_run.raw.dotted_order", PAGE_SIZE="7", MAX_RESPONSE_MB="2")
    state: Any = {}
    seen = delivered = calls = 0
    more = True
    while more:
        body = w.post("/fivetran", json.dumps({"state": state}).encode()).get_json()
        state, more = body["state"], body["hasMore"]
        delivered += len(body["insert"].get("langsmith_run", []))
        warnings, rules = lines(capsys)
        assert warnings == []
        assert rules["REDACT_PATHS langsmith_run.inputs.who"] == rules["REDACT_PATHS langsmith_run.raw.dotted_order"]
        seen, calls = seen + rules["REDACT_PATHS langsmith_run.inputs.who"]["found"], calls + 1
    assert seen == delivered >= 40
    assert calls > 2


def test_without_rules_nothing_is_said_of_them(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is counted where columns are excluded and no other rule is set."""
    w = world()
    chats(w, 2)
    w.configure(EXCLUDE_COLUMNS="langsmith_run.inputs")
    w.pass_locally()
    assert lines(capsys) == ([], None)
    assert "rules" not in w.request("GET", "/sync").get_json()["passes"][-1]


def test_a_payload_in_object_storage_counts(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """A place inside a downloaded payload counts as found."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"), inputs={"q": "SECRET"}, offloaded=("inputs",))
    w.configure(REDACT_PATHS="langsmith_run.inputs.q")
    w.pass_locally()
    assert lines(capsys) == ([], {"REDACT_PATHS langsmith_run.inputs.q": {"found": 1, "rows": 1}})
