"""Work that this program never writes is refused, and the message names its place.

Not here: other values (test_state_values), other types and unknown fields (test_state_refused), or work that the settings do not
allow (simulation/test_forged_states).
"""

from __future__ import annotations

from typing import Any

import pytest
from sync.full import BOUNDS, FRESH, IDS_A, WHEN, A
from sync.refusing import SPAN, refused
from sync.states import KINDS, SOURCE

from langsmith_core.records.packed_ids import Ids
from langsmith_core.sync import state_json
from langsmith_core.sync.state import SHARDS_MAX

EARLY, LATE = "2026-05-31T23:59:59Z", "2026-06-01T00:00:01Z"
TURNED = {"lo": LATE, "hi": EARLY}
PASS = {"ended": WHEN, "seconds": 1.0, "rows": {}, "requests": 0, "retries": 0, "rejected": 0, "has_more": False}
VERSION = {"dataset": A, "seen": WHEN}
FIFTY_ONE = Ids(f"00000000-0000-4000-8000-{number:012}" for number in range(51)).packed()


UNSOUND: list[dict[str, Any]] = [
    # work of a known kind that cannot have been written
    {"kind": "ListAll", "table": "anything"},
    {"kind": "ListAll", "table": "langsmith_run"},
    {"kind": "ListAll", "table": "langsmith_feedback_config", "seen": IDS_A},
    {"kind": "ListAll", "table": "langsmith_feedback_config", "unseen": IDS_A},
    {"kind": "LookUp", "table": "langsmith_project", "ids": ""},
    {"kind": "LookUp", "table": "langsmith_example", "ids": IDS_A},
    {"kind": "LookUp", "table": "langsmith_feedback_config", "ids": IDS_A},
    {"kind": "LookUp", "table": "anything", "ids": IDS_A},
    {"kind": "FindProjects", **TURNED},
    {"kind": "RunWindow", **SPAN},
    {"kind": "RunWindow", **TURNED, "waiting": IDS_A},
    {"kind": "RunWindow", **SPAN, "parents": FIFTY_ONE},
    {"kind": "RunWindow", **SPAN, "parents": IDS_A, "floor": LATE, "ceiling": EARLY},
    {"kind": "RunWindow", **SPAN, "parents": IDS_A, "floor": LATE},
    {"kind": "RunWindow", **SPAN, "parents": IDS_A, "ceiling": EARLY},
    {"kind": "EditedRuns", **SPAN, "edited_since": WHEN},
    {"kind": "RunsById", **SPAN, "ids": ""},
    {"kind": "RunsById", **SPAN, "ids": FIFTY_ONE},
    {"kind": "RunsById", **SPAN, "ids": IDS_A, "parents": FIFTY_ONE},
    {"kind": "RunsById", **TURNED, "ids": IDS_A},
    {"kind": "FeedbackWindow", **TURNED},
    {"kind": "FeedbackWindow", **SPAN, "parents": FIFTY_ONE},
    {"kind": "FeedbackOfRuns", "runs": ""},
    {"kind": "FeedbackOfRuns", "runs": FIFTY_ONE},
    {"kind": "NewestVersion"},
    {"kind": "ReadQueues", "waiting": {}},
    {"kind": "QueueItems", "queue": A, "section": 3},
    {"kind": "ListPrompts", "past": A},
    {"kind": "ListAll", "table": "langsmith_prompt"},
    {"kind": "LookUp", "table": "langsmith_prompt", "ids": IDS_A},
    {"kind": "PromptCommits"},
    {"kind": "PromptCommits", "waiting": IDS_A, "list_rows": 101},
    {"kind": "UsageDays", **SPAN, "at": WHEN, "since": WHEN},
    {"kind": "StillThere", **VERSION, "version": WHEN, "ids": ""},
    {"kind": "StillThere", **VERSION, "version": WHEN, "ids": FIFTY_ONE},
]


@pytest.mark.parametrize("work", UNSOUND)
def test_work_that_cannot_be_asked_is_refused_wherever_it_stands(work: dict[str, Any]) -> None:
    """Windows in no order, requests for nothing or for more than one may name, lists of what is no list."""
    message = "it holds what this program never writes"
    assert refused({"look": {"bounds": BOUNDS, "agenda": [{"work": work}]}}) == f"look: {message}"
    assert refused({"backfill": {"past": SPAN, "agenda": [{"work": work}]}}) == f"backfill: {message}"
    assert refused({"later": [{"work": work, "reason": "failed"}]}) == f"later: {message}"


BAD_IDS = ["../feedback", "..", "%2e%2e", "a", "", "x" * 36, A.upper().replace("0", "F"), A + "\n", f" {A}"]
OF_ONE: list[dict[str, Any]] = [
    {"kind": "ListAll", "table": "langsmith_dataset", "anchor": "?"},
    {"kind": "ListAll", "table": "langsmith_dataset", "past": "?"},
    {"kind": "OlderVersions", "dataset": "?"},
    {"kind": "WholeVersion", "dataset": "?", "seen": WHEN, "version": WHEN},
    {"kind": "ChangedExamples", **SPAN, "dataset": "?", "seen": WHEN},
    {"kind": "ChangedExamples", **SPAN, **VERSION, "past": "?"},
    {"kind": "RemovedExamples", "dataset": "?", "seen": WHEN, "before": WHEN, "version": WHEN},
    {"kind": "StillThere", "dataset": "?", "seen": WHEN, "version": WHEN, "ids": IDS_A},
    {"kind": "QueueItems", "queue": "?"},
    {"kind": "Weigh", **SPAN, "dataset": "?", "seen": WHEN, "changed": 1},
]
"""Work that holds one id as it is: it would be part of a path or a query."""


@pytest.mark.parametrize("ident", BAD_IDS)
@pytest.mark.parametrize("work", OF_ONE)
def test_an_id_that_is_none_is_refused_in_every_field(work: dict[str, Any], ident: str) -> None:
    """Only what is spelt as LangSmith spells an id is read."""
    forged = {name: ident if value == "?" else value for name, value in work.items()}
    (field,) = (name for name, value in work.items() if value == "?")
    message = refused({"later": [{"work": forged, "reason": "failed"}]})
    assert message.startswith("Expected `str` matching regex")
    assert message.endswith(f"at `$.later[0].work.{field}`")


MISPLACED: list[tuple[dict[str, Any], str]] = [
    # tasks that stand where this program puts none, the place
    ({"later": [{"work": {"kind": "LookUp", "table": "langsmith_project", "ids": IDS_A}}]}, "later"),
    ({"later": [{"work": {"kind": "Unfinished"}, "reason": "payload", "since": WHEN}]}, "later"),
    ({"later": [{"work": {"kind": "RunsById", **SPAN, "ids": IDS_A}, "reason": "payload"}]}, "later"),
    ({"later": [{"work": {"kind": "RunsById", **SPAN, "ids": IDS_A}, "reason": "broken"}]}, "later"),
    ({"later": [{"work": {"kind": "LookUp", "table": "langsmith_project", "ids": IDS_A}, "reason": "failed"}] * 2_501}, "later"),
    ({"look": {"bounds": BOUNDS, "agenda": [{"work": {"kind": "Unfinished"}}] * 2_501}}, "look"),
    (
        {"backfill": {"past": SPAN, "agenda": [{"work": {"kind": "RunWindow", **SPAN, "waiting": IDS_A}}] * 2_501}},
        "backfill",
    ),
    ({"backfill": {"past": SPAN, "given": SHARDS_MAX + 1}}, "backfill"),
    ({"backfill": {"past": SPAN, "given": 1, "agenda": [{"work": {"kind": "FindProjects", **SPAN}}]}}, "backfill"),
    *(
        ({"backfill": {"past": SPAN, "agenda": [{"work": one}]}}, "backfill")
        for one in (
            {"kind": "ListProjects"},
            {"kind": "ListAll", "table": "langsmith_dataset"},
            {"kind": "LookUp", "table": "langsmith_dataset", "ids": IDS_A},
            {"kind": "EditedRuns", **SPAN, "waiting": IDS_A, "edited_since": WHEN},
            {"kind": "FeedbackWindow", **SPAN},
            {"kind": "NewestVersion", "waiting": IDS_A},
        )
    ),
]


@pytest.mark.parametrize(("fields", "place"), MISPLACED)
def test_work_in_a_place_that_it_never_has_is_refused(fields: dict[str, Any], place: str) -> None:
    """What waits has a reason that fits its kind; a backfill reads projects and their runs; no list of work is endless."""
    assert refused(fields) == f"{place}: it holds what this program never writes"


def test_a_reason_that_is_none_is_refused() -> None:
    """There are three."""
    message = refused({"later": [{"work": {"kind": "Unfinished"}, "reason": "mood"}]})
    assert message == "Invalid enum value 'mood' - at `$.later[0].reason`"


@pytest.mark.parametrize("characters", [1_000_000, 1_000_001])
def test_a_long_cursor_of_an_older_version_is_read(characters: int) -> None:
    """Older programs kept cursors of any length: up to a million characters one is read; the next call drops it (confine)."""
    fields = {"later": [{"work": {"kind": "RunsById", **SPAN, "ids": IDS_A, "cursor": "c" * characters}, "reason": "failed"}]}
    if characters > 1_000_000:
        assert refused(fields) == "a text: it holds what this program never writes"
    else:
        assert len(state_json.load({**FRESH, **fields}, SOURCE).later) == 1


def test_every_kind_of_work_is_checked_here() -> None:
    """A kind that is added has to be thought of: it stands in a table above, or has nothing that could be unsound."""
    kinds = {work["kind"] for work in (*UNSOUND, *OF_ONE)}
    harmless = {"ListProjects", "Unfinished", "EditedFeedback"}
    assert {kind.__name__ for kind in KINDS} == kinds | harmless
