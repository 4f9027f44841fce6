"""How often each rule of privacy has found its place: in the log, in the status, and a warning where it was nowhere.

Not here: what becomes of a place (test_hidden, privacy/test_replace).
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
    """A project with so many runs, each with two messages, one of them with a user; and an example."""
    project = w.workspace.add_project("p")
    messages = [[{"kwargs": {"content": "one"}}, {"content": "two"}]]
    for number in range(count):
        metadata = {"user_id": "ann"} if number == 0 else {"plan": "pro"}
        w.workspace.add_run(project, inputs={"messages": messages}, outputs={"answer": None}, metadata=metadata)
    w.workspace.add_example(w.workspace.add_dataset("d"), {"q": 1}, metadata={"user_id": "ann"})
    return project


def counts(runs: int) -> dict[str, dict[str, int]]:
    """What the rules find in so many of those runs: rows, not values."""
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
    """The warnings that a call has printed, and the rules on the line that sums it up."""
    printed = log_lines.printed(capsys)
    (summary,) = (line for line in printed if line.get("event") == "pass")
    return [line["message"] for line in printed if line["severity"] == "WARNING" and line.get("event") != "sunset"], summary.get(
        "rules"
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_pass_tells_what_its_rules_have_found(world: Worlds, mode: Mode, capsys: pytest.CaptureFixture[str]) -> None:
    """On its line in the log and in the status: rows with the place, of those of its tables. A warning names what is nowhere.

    A null is a place that was found; a whole column and a table without rows give no warning.
    """
    w = world(mode)
    chats(w, 7)
    w.configure(**RULES)
    assert w.pass_locally()[0] == 200
    assert lines(capsys) == ([WARNING % 7], counts(7))
    assert w.request("GET", "/sync").get_json()["passes"][-1]["rules"] == counts(7)


@pytest.mark.parametrize("mode", MODES)
def test_a_call_of_fivetrans_tells_it_in_the_log(world: Worlds, mode: Mode, capsys: pytest.CaptureFixture[str]) -> None:
    """Fivetran's state holds no passes: the line of the call is where it stands."""
    w = world(mode)
    chats(w, 3)
    w.configure(**RULES)
    body = w.post("/fivetran", b"{}").get_json()
    assert lines(capsys) == ([WARNING % 3], counts(3))
    assert NOWHERE not in json.dumps(body)


def test_each_call_counts_its_own_rows(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages that did not fit and are read again in the next batch or call are counted where they land."""
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
    """Excluded columns are not asked for, so there is nothing to count."""
    w = world()
    chats(w, 2)
    w.configure(EXCLUDE_COLUMNS="langsmith_run.inputs")
    w.pass_locally()
    assert lines(capsys) == ([], None)
    assert "rules" not in w.request("GET", "/sync").get_json()["passes"][-1]


def test_a_payload_in_object_storage_counts(world: Worlds, capsys: pytest.CaptureFixture[str]) -> None:
    """The path leads into what was fetched, though the record has nothing there."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"), inputs={"q": "SECRET"}, offloaded=("inputs",))
    w.configure(REDACT_PATHS="langsmith_run.inputs.q")
    w.pass_locally()
    assert lines(capsys) == ([], {"REDACT_PATHS langsmith_run.inputs.q": {"found": 1, "rows": 1}})
