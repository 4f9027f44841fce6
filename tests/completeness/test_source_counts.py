"""What LangSmith is asked for its counts, and how its answers are read."""

from __future__ import annotations

import pytest

from langsmith_core.completeness import source_counts
from langsmith_core.completeness.source_counts import Counted
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.times import midnight
from samples import NOW

DAY = midnight(NOW)


def test_a_days_runs_are_asked_for_by_hundred_projects() -> None:
    """The end is a microsecond early, so that an inclusive bound counts no run of the next day."""
    call = source_counts.runs_call(DAY, 200)
    assert dict(call.query) == {
        "include_stats": "true",
        "stats_select": "run_count",
        "stats_start_time": f"{DAY:%Y-%m-%d}T00:00:00.000000Z",
        "stats_filter": f'lt(start_time, "{DAY:%Y-%m-%d}T23:59:59.999999Z")',
        "sort_by": "start_time",
        "sort_by_desc": "false",
        "limit": "100",
        "offset": "200",
    }


def test_what_is_no_count_is_none_and_never_zero() -> None:
    """A count may be missing, null, negative or a text. Feedback is the sum over the keys."""
    body = b"""[{"id": "A", "name": "one", "run_count": 3,
                 "feedback_stats": {"k": {"n": 2}, "l": {"n": 0, "values": {"yes": 1}}}},
                {"id": "b", "name": null, "run_count": 0}, {"id": "c", "run_count": null}, {"id": "d"},
                {"id": "e", "run_count": -1}, {"id": "f", "run_count": "7"}, {"id": "g", "run_count": true}]"""
    assert source_counts.projects(body) == [
        Counted("a", "one", 3, 3),
        Counted("b", None, 0, 0),
        *(Counted(one, None, None, 0) for one in "cdefg"),
    ]


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'[{"name": "no id"}]', b"<html>", b""])
def test_an_answer_that_is_no_list_of_projects_is_refused(body: bytes) -> None:
    """It is no empty list."""
    with pytest.raises(MalformedError):
        source_counts.projects(body)


@pytest.mark.parametrize(("body", "count"), [(b"12", 12), (b"0", 0), (b"null", None), (b'"12"', None)])
def test_a_version_has_so_many_examples(body: bytes, count: int | None) -> None:
    """The answer is a bare number."""
    assert source_counts.examples(body) == count


def test_a_count_of_examples_that_is_no_json_is_refused() -> None:
    """It is no zero."""
    with pytest.raises(MalformedError):
        source_counts.examples(b"oops")
