"""Values of the right types that this program never writes are refused, and the message names the part.

Not here: work that cannot be asked or stands where it never does (test_state_checks).
"""

from __future__ import annotations

from typing import Any

import pytest
from sync.full import BOUNDS, FRESH, IDS_A, IDS_B, WHEN, A
from sync.refusing import SPAN, refused
from sync.states import SOURCE

from langsmith_core.streams.ledgers import OpenRun, OpenRuns
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State
from samples import NOW

PASS = {"ended": WHEN, "seconds": 1.0, "rows": {}, "requests": 0, "retries": 0, "rejected": 0, "has_more": False}
VALUES: list[tuple[dict[str, Any], str]] = [
    # a value that is none of ours, what the message says
    ({"done_to": "2026-06-01T00:00:00"}, "Expected `datetime` with a timezone component - at `$.done_to`"),
    ({"done_to": "0001-01-01T00:00:00+14:00"}, "a time"),
    ({"done_to": "9999-12-31T23:59:59Z"}, "a time"),
    ({"newest": {"langsmith_run": "1969-12-31T23:59:59Z"}}, "a time"),
    ({"memory": {"runs": {"v1_before": "9999-12-31T23:59:59Z"}}}, "a time"),
    ({"look": {"bounds": {**BOUNDS, "oldest": "9000-01-01T00:00:00Z"}}}, "a time"),
    ({"empties": 2**61}, "Expected `int` <= 1152921504606846976 - at `$.empties`"),
    ({"passes": [{**PASS, "skew_seconds": 2**61}]}, "a number"),
    ({"passes": [{**PASS, "rows": {"a": -(2**61)}}]}, "a number"),
    ({"passes": [{**PASS, "seconds": float("nan")}]}, "a number"),
    ({"passes": [{**PASS, "seconds": float("inf")}]}, "a number"),
    ({"trouble": {"at": WHEN, "status": 2**61, "message": ""}}, "a number"),
    ({"trouble": {"at": WHEN, "status": 500, "message": "m" * 20_001}}, "a text"),
    ({"meant": "m" * 20_001}, "a text"),
    ({"meant": "half a character: \ud800"}, "a text"),
    ({"source": SOURCE, "scope": {"names": "n" * 20_001}}, "a text"),
    ({"looked_up": {"proof": "p" * 20_001, "ids": "", "at": WHEN}}, "a text"),
    ({"newest": {"anything": WHEN}}, "newest"),
    ({"weights": {"anything": 1}}, "weights"),
    ({"passes": [PASS] * 11}, "passes"),
    ({"passes": [{**PASS, "rows": dict.fromkeys(map(str, range(101)), 1)}]}, "passes"),
    ({"memory": {"lists": {"anything": ""}}}, "lists"),
    ({"memory": {"lists": {"langsmith_run": IDS_A}}}, "lists"),
    ({"memory": {"lists": {"langsmith_feedback_config": IDS_A}}}, "lists"),
    ({"look": {"bounds": BOUNDS, "to_open": ["anything"]}}, "look"),
    ({"look": {"bounds": BOUNDS, "to_open": ["langsmith_run"] * 2}}, "look"),
]


@pytest.mark.parametrize(("fields", "says"), VALUES)
def test_a_value_beyond_reckoning_is_refused(fields: dict[str, Any], says: str) -> None:
    """Times without a zone or of no century, numbers and texts too large, tables that are none: each names its part."""
    assert refused(fields) == (says if "Expected" in says else f"{says}: it holds what this program never writes")


PACKED: list[tuple[dict[str, Any], str]] = [
    # a packed text that cannot be read, what the message says
    ({"projects": "../runs"}, "a packed text is cut off - at `$.projects`"),
    ({"projects": IDS_A + "x"}, "a packed text is cut off - at `$.projects`"),
    ({"projects": A}, "a packed text is cut off - at `$.projects`"),
    ({"projects": [A]}, "no Ids - at `$.projects`"),
    ({"left_out": "|" * 20}, "base85 overflow in hunk starting at byte 0 - at `$.left_out`"),
    ({"left_out": " " * 20}, "bad base85 character at position 0 - at `$.left_out`"),
    ({"memory": {"feedback": {"judged": "x"}}}, "a packed text is cut off - at `$.memory.feedback.judged`"),
    ({"memory": {"runs": {"unfinished": "0" * 44}}}, "a packed text is cut off - at `$.memory.runs.unfinished`"),
    ({"memory": {"examples": {"versions": "~" * 30}}}, "base85 overflow in hunk starting at byte 0"),
    ({"memory": {"examples": {"versions": IDS_A + "|NsC0|NsC0"}}}, "date value out of range"),
    ({"memory": {"examples": {"versions": IDS_A + "15~EEdKdrz"}}}, "versions: a time that no dataset has"),
    ({"memory": {"lists": {"langsmith_project": 5}}}, "no Ids - at `$.memory.lists[...]`"),
    ({"backfill": {"past": {**SPAN, "skip": "x"}}}, "a packed text is cut off - at `$.backfill.past.skip`"),
]


@pytest.mark.parametrize(("fields", "says"), PACKED)
def test_a_packed_text_that_cannot_be_read_is_refused(fields: dict[str, Any], says: str) -> None:
    """Ids in capitals, in a list or cut off, ledgers of times that are none: the message says where."""
    assert refused(fields).startswith(says)


def test_unfinished_runs_of_the_first_second_are_read() -> None:
    """A ledger's starts are seconds since 1970, and none of them is beyond reckoning."""
    runs = OpenRuns([OpenRun(NOW.replace(year=1970, month=1), A, A)])
    packed = {"memory": {"runs": {"unfinished": runs.packed()}}}
    assert runs.packed() == "00000" + IDS_A + IDS_A != IDS_B
    assert state_json.load({**FRESH, **packed}, SOURCE).memory.runs.unfinished == runs
    assert state_json.load(FRESH, SOURCE) == State(source=SOURCE)
