"""What a state of layout 1 remembers is carried over field by field, and what layout 1 never held is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sync.old_states import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, Json, at, carried, cycle, day, ids, one, packed, window

import recorded
from langsmith_core.errors import StateError
from langsmith_core.records.packed_ids import Prefixes
from langsmith_core.settings import config
from langsmith_core.streams.ledgers import OpenRun, OpenRuns, Versions
from langsmith_core.streams.memory import Examples, Feedback, Memory, Projects, Runs
from langsmith_core.sync import look_again, scope, state_checks, state_json
from langsmith_core.sync.migrations import from_version_1
from langsmith_core.sync.state import VERSION, LookedUp, State

OPEN = OpenRuns([OpenRun(day(1), one(7), one(1))])
JUDGED = Prefixes().with_more([one(1)], 9)
PASS = {"ended": at(9), "seconds": 1.5, "rows": {RUN: 3}, "requests": 4, "retries": 0, "rejected": 0, "has_more": True}


@pytest.mark.parametrize(
    ("old", "name", "value"),
    [
        ({"api": "v2"}, "api", "v2"),
        ({"done_to": at(9)}, "done_to", day(9)),
        ({"begun": at(9)}, "begun", day(9)),
        ({"projects": packed(1, 2)}, "projects", ids(1, 2)),
        ({"projects": []}, "projects", ids()),
        ({"left_out": packed(3)}, "left_out", ids(3)),
        ({"looked_up": {"proof": "p", "ids": packed(1), "at": at(2)}}, "looked_up", LookedUp("p", ids(1), day(2))),
        ({"looked_up": {"proof": "p", "ids": packed(1)}}, "looked_up", None),
        ({"meant": "fingerprint"}, "meant", "fingerprint"),
        ({"overlapped_to": at(8)}, "overlapped_to", day(8)),
        ({"heavy": True}, "heavy", True),
        ({"reconciled": at(8)}, "reconciled", day(8)),
        ({"answered": at(8)}, "answered", day(8)),
        ({"row_bytes": 5, "weights": {FEEDBACK: 7}}, "weights", {RUN: 5, FEEDBACK: 7}),
        ({"empties": 3}, "empties", 3),
        ({"newest": {RUN: at(8)}}, "newest", {RUN: day(8)}),
    ],
)
def test_a_field_is_carried_over(old: Json, name: str, value: Any) -> None:
    """A field has the same meaning in the new state, and no other field changes with it."""
    assert carried(**old) == State(source="here", **{name: value})


@pytest.mark.parametrize(
    ("old", "memory"),
    [
        ({"known_projects": packed(1, 2)}, Memory(lists={PROJECT: ids(1, 2)})),
        ({"known_datasets": packed(3)}, Memory(lists={DATASET: ids(3)})),
        ({"versions": Versions({one(3): day(4)}).packed()}, Memory(examples=Examples(Versions({one(3): day(4)})))),
        ({"unfinished": OPEN.packed()}, Memory(runs=Runs(unfinished=OPEN))),
        ({"overflow": at(5)}, Memory(runs=Runs(overflow=day(5)))),
        ({"plain": True}, Memory(runs=Runs(plain=True))),
        ({"own_usage": "ignored"}, Memory(runs=Runs(own_usage="ignored"))),
        ({"v1_before": at(5), "v1_gone": True}, Memory(runs=Runs(v1_before=day(5), v1_gone=True))),
        ({"stats_served": False}, Memory(projects=Projects(stats_served=False))),
        ({"edits_served": False}, Memory(feedback=Feedback(edits_served=False))),
        ({"cycle": cycle(4, judged=JUDGED.packed())}, Memory(feedback=Feedback(judged=JUDGED))),
    ],
)
def test_what_streams_remember_lies_under_their_names(old: Json, memory: Memory) -> None:
    """Ledgers and answers about an instance lie in the part of the stream that asks them."""
    assert carried(**old).memory == memory


def test_the_standalone_face_keeps_its_status() -> None:
    """Passes and the last trouble are read as they were written."""
    trouble = {"at": at(9), "status": 502, "message": "LangSmith fails"}
    state = carried(passes=[PASS], trouble=trouble)
    assert (state.passes[0].ended, state.passes[0].rows, state.passes[0].has_more) == (day(9), {RUN: 3}, True)
    assert state.trouble is not None
    assert (state.trouble.at, state.trouble.status, state.trouble.message) == (day(9), 502, "LangSmith fails")


@pytest.mark.parametrize(
    ("given", "switches"),
    [
        ({}, {}),
        ({"SYNC_RUNS": "false"}, {"runs": False}),
        ({"SYNC_EXAMPLES": "false"}, {"examples": False}),
        ({"SYNC_FEEDBACK": "false", "SYNC_RUNS": "false"}, {"feedback": False, "runs": False}),
        ({"START_TIME": "2026-06-01"}, {"start_time": at(1)}),
        ({"PROJECTS": "a,b"}, {"names": config.fingerprint("a", "b")}),
        ({"PROJECTS_EXCLUDE": "c"}, {"names": "-" + config.fingerprint("c")}),
    ],
)
def test_an_unchanged_configuration_is_no_changed_one(given: dict[str, str], switches: Json) -> None:
    """A look goes on after an upgrade: streams that layout 1 did not know make no difference."""
    settings = config.load({"LANGSMITH_API_KEY": "lsv2_pt_key", "LANGSMITH_TENANT_ID": "workspace", **given})
    state = carried(scope=switches, cycle=cycle(0))
    assert state.scope == scope.of(settings)
    assert not look_again.outdated(state, settings, day(10, 1))


def test_a_new_state_names_the_new_layout() -> None:
    """What is saved after the upgrade is layout 2, and reads back as the same state."""
    state = state_json.load({"source": "here", "done_to": at(9), "cycle": cycle(0)}, "here")
    saved = json.loads(state_json.dump(state))
    assert saved["version"] == VERSION
    assert state_json.load(saved, "here") == state


def test_a_state_that_no_success_has_bound_is_bound() -> None:
    """A state of layout 1 that holds a failure alone belongs to no workspace yet."""
    trouble = {"at": at(9), "status": 502, "message": "LangSmith fails"}
    assert state_json.load({"source": "", "version": 1, "trouble": trouble}, "here").source == "here"


def test_ids_may_stand_in_lists() -> None:
    """Programs before packing wrote ids as a list of texts."""
    assert carried(projects=[one(1), one(2)]).projects == ids(1, 2)


RECORDED = [moment for name in recorded.recordings() for moment in recorded.moments(name)] + recorded.older()


def test_every_recorded_state_is_carried_over() -> None:
    """Each of the states that the program of layout 1 has written is read, and gives what may stand in a state."""
    for moment in RECORDED:
        state_checks.check(from_version_1(moment.state))
    assert len(RECORDED) > 1000


def test_recorded_states_read_back_the_same() -> None:
    """What is saved of a state that was carried over is that state."""
    for moment in RECORDED[::10]:
        state = from_version_1(moment.state)
        assert state_json.load(json.loads(state_json.dump(state)), state.source) == state, moment.name


NEVER: dict[str, Json] = {
    "unknown field": {"colour": "red"},
    "unknown API": {"api": "v3"},
    "ids that are cut": {"projects": packed(1)[:-1]},
    "ids that are none": {"projects": ["none"]},
    "a ledger that is a number": {"known_projects": 5},
    "a version past all times": {"versions": "~" * 30},
    "a naive time": {"done_to": "2026-06-01T00:00:00"},
    "a seventh stage": {"cycle": cycle(7)},
    "a table of no stage": {"cycle": cycle(0, {"slices": [{"table": FEEDBACK, "ids": packed(1)}]})},
    "an unknown table": {"owed": [{"table": "langsmith_secret", "ids": packed(1)}]},
    "runs of no window": {"owed": [{"table": RUN, "parents": packed(1)}]},
    "runs of nobody": {"owed": [window(1, 2)]},
    "runs of too many ids": {"owed": [window(1, 2, 1, ids=packed(*range(51)))]},
    "feedback with a cursor": {"owed": [{"table": FEEDBACK, "ids": packed(1), "cursor": "c"}]},
    "feedback of runs and projects": {"owed": [{"table": FEEDBACK, "ids": packed(1), "parents": packed(2)}]},
    "feedback of nothing": {"owed": [{"table": FEEDBACK}]},
    "examples of two datasets": {"owed": [{"table": EXAMPLE, "parents": packed(1, 2), "hi": at(1)}]},
    "examples after a version alone": {"owed": [{"table": EXAMPLE, "parents": packed(1), "lo": at(1)}]},
    "two records at once": {"owed": [{"table": PROJECT, "ids": packed(1, 2)}]},
    "missing payloads of no time": {"unfilled": [window(1, 2, 1)]},
    "missing payloads of feedback": {"unfilled": [{"table": FEEDBACK, "ids": packed(1), "unfilled_since": at(1)}]},
    "a list of another table": {"cycle": cycle(0, {"listing": {"table": DATASET}})},
    "a list in a stage without": {"cycle": cycle(1, {"listing": {"table": PROJECT}})},
    "parents in a stage without": {"cycle": cycle(4, {"pending": packed(1)})},
    "a list in the last stage": {"cycle": cycle(6, {"listing": {"table": PROJECT}})},
    "known parents of no list": {"cycle": cycle(3, known=packed(1))},
    "a list that broke off, of none": {"cycle": cycle(3, left={"stage": 0, "walk": {"listing": None}})},
    "late projects in a history": {"history": {"lo": at(1), "hi": at(2), "walk": {"listing": None, "late": packed(1)}}},
    "feedback in a history": {
        "history": {"lo": at(1), "hi": at(2), "walk": {"listing": None, "slices": [{"table": FEEDBACK, "ids": packed(1)}]}}
    },
    "edits in a history": {
        "history": {"lo": at(1), "hi": at(2), "walk": {"listing": None, "slices": [window(1, 2, 1, edited_since=at(1))]}}
    },
}


@pytest.mark.parametrize("fields", NEVER.values(), ids=NEVER)
def test_what_layout_1_never_held_is_refused(fields: Json) -> None:
    """A state that somebody has changed is refused before any request, with what to do."""
    with pytest.raises(StateError, match="begin anew with an empty state"):
        state_json.load({"source": "here", **fields}, "here")
