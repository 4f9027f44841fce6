"""The list of projects: which runs it leads to, what it remembers, and where it ends.

Not here: missing projects (test_look_up), those of a backfill (test_find_projects), how any list ends (test_listing).
"""

from datetime import datetime

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import UNFINISHED_AGE
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import JUDGED_MAX
from langsmith_core.streams.registry import FEEDBACK, PROJECT
from langsmith_core.streams.run_window import RunWindow
from samples import NOW
from streams.contexts import (
    DAY,
    DONE,
    FIRST,
    LATER,
    MINUTE,
    ROOM,
    SOON,
    A,
    B,
    C,
    D,
    context,
    knowing,
    project,
    remembered,
    uid,
    without,
)
from streams.project_lists import WEEK_AGO, listed, old, recent

ACTIVE = [
    # the newest run of a project; whether it is asked for runs since WEEK_AGO
    (NOW, True),
    (WEEK_AGO, True),
    (WEEK_AGO - MINUTE, False),
    (None, False),
]


@pytest.mark.parametrize(("last_run", "asked"), ACTIVE)
def test_only_active_projects_are_asked(last_run: datetime | None, asked: bool) -> None:
    """A project without runs in the window costs no request, as long as LangSmith serves its newest run."""
    first, _ = listed(context(FIRST), [project(A, NOW), project(B, last_run)])
    assert first == [RunWindow(lo=WEEK_AGO, hi=SOON, waiting=Ids([A, B] if asked else [A]))]


def test_a_project_that_no_listing_had_is_read_from_its_beginning() -> None:
    """It may have come with an old past; those known are read since the last look."""
    first, _ = listed(context(memory=knowing(PROJECT, A)), [project(A, NOW), project(B, NOW - 30 * DAY)])
    assert first == [recent(A), old(B)]


def test_a_new_project_on_two_pages_is_known_and_asked_for_once() -> None:
    """Pages overlap by a row: a project that stands on both costs one request all the same."""
    asked = context(memory=knowing(PROJECT, A, B))
    first, outcome = listed(asked, [project(A, NOW), project(C, NOW)], [project(C, NOW), project(B, NOW)])
    assert first == [recent(A), old(C), recent(B)]
    assert (outcome.rest, remembered(outcome).known(PROJECT.name)) == ((), Ids([A, C, B]))


def test_in_a_first_look_no_project_is_late() -> None:
    """What a first look leaves, its backfill reads."""
    first, outcome = listed(context(FIRST), [project(A, NOW), project(B, NOW - 30 * DAY)])
    assert first == [RunWindow(lo=WEEK_AGO, hi=SOON, waiting=Ids([A]))]
    assert remembered(outcome).known(PROJECT.name) == Ids([A, B])


def test_a_late_project_of_others_or_without_runs_is_not_read() -> None:
    """PROJECTS limits it, and a project without runs costs no request. It is known all the same, and a row."""
    named = context(memory=knowing(PROJECT, A), projects=Ids([A]))
    first, outcome = listed(named, [project(A, NOW), project(B, NOW)])
    assert (first, remembered(outcome).known(PROJECT.name)) == ([recent(A)], Ids([A, B]))
    first, _ = listed(context(memory=knowing(PROJECT, A)), [project(A, NOW), project(B)])
    assert first == [recent(A)]
    first, _ = listed(context(memory=knowing(PROJECT, A, B), left_out=Ids([B])), [project(A, NOW), project(B, NOW)])
    assert first == [recent(A)]


def test_a_full_ledger_finds_nothing_late_and_misses_nothing() -> None:
    """Beyond what the state holds a project may be new or merely not held: none is taken for late, none for missing."""
    known = [uid("e", number) for number in range(ROOM)]
    first, outcome = listed(context(memory=knowing(PROJECT, *known)), [project(one, NOW) for one in [*known, A]])
    assert (first, outcome.rest) == ([recent(*known, A)], ())
    assert remembered(outcome).known(PROJECT.name) == Ids(known)


def test_what_was_known_and_is_listed_no_more_is_looked_up() -> None:
    """After the runs of those listed. What the list has shown is known from then on, and what is missing is not."""
    first, outcome = listed(context(memory=knowing(PROJECT, A, B)), [project(A, NOW)])
    assert (first, outcome.rest) == ([recent(A)], (LookUp(PROJECT.name, Ids([B])),))
    assert remembered(outcome).known(PROJECT.name) == Ids([A])


def test_a_record_whose_id_is_none_is_a_row_and_no_more() -> None:
    """Nothing can be asked for by it, and no state holds it."""
    first, outcome = listed(context(FIRST), [project("no uuid", NOW), project(A, NOW)])
    assert first == [RunWindow(lo=WEEK_AGO, hi=SOON, waiting=Ids([A]))]
    assert remembered(outcome).known(PROJECT.name) == Ids([A])


def test_an_empty_window_of_runs_is_not_asked_for() -> None:
    """START_TIME may lie ahead."""
    ahead = replace(LATER, oldest=SOON, runs_from=SOON)
    assert listed(context(ahead, memory=knowing(PROJECT, A)), [project(A, NOW), project(B, NOW)])[0] == []


STATS = {"feedback_stats": {"score": {"n": 1, "avg": 1.0}}}


def test_projects_with_feedback_are_remembered_for_edits() -> None:
    """Those with a run in the fortnight before the last look, as many as there is room for; not without SYNC_FEEDBACK."""
    long_ago = DONE - UNFINISHED_AGE - MINUTE
    found = [project(A, NOW, **STATS), project(B, NOW), project(C, long_ago, **STATS), project(D, NOW, feedback_stats={})]
    judged = remembered(listed(context(), found)[1]).feedback.judged
    assert judged.among([A, B, C, D]) == Ids([A])
    off = remembered(listed(context(scope=without(FEEDBACK)), found)[1])
    assert len(off.feedback.judged) == 0
    many = [project(f"{number:08x}-0000-4000-8000-000000000000", NOW, **STATS) for number in range(JUDGED_MAX + 1)]
    assert len(remembered(listed(context(), many)[1]).feedback.judged) == JUDGED_MAX
