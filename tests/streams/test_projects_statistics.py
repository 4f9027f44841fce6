"""Which projects are asked for runs where LangSmith serves no statistics, or serves some that cannot be believed."""

import pytest

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.memory import Memory, Projects, Runs
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from samples import NOW
from streams.contexts import (
    DAY,
    FIRST,
    SOON,
    A,
    B,
    C,
    context,
    knowing,
    page,
    project,
    remembered,
    without,
)
from streams.project_lists import WEEK_AGO, listed, old, recent

UNSERVED = Memory(projects=Projects(stats_served=False))


@pytest.mark.parametrize("odd", ["soon", 5, {}])
def test_a_newest_run_that_cannot_be_read_is_one(odd: object) -> None:
    """A project whose record says so in a form that nobody can read may have runs."""
    first, _ = listed(context(FIRST), [project(A, NOW), project(B) | project(B, last_run_start_time=odd)])
    assert [one.waiting for one in first if isinstance(one, RunWindow)] == [Ids([A, B])]


def test_statistics_that_are_null_everywhere_mean_that_every_project_is_asked() -> None:
    """One value in the whole list means that they are served; none at all, that it is listed again and all are asked."""
    none = [project(A), project(B)]
    first, outcome = listed(context(FIRST), none, [none[-1], project(C, NOW)])
    assert [one.waiting for one in first if isinstance(one, RunWindow)] == [Ids([C])]
    assert remembered(outcome).projects.stats_served
    first, outcome = listed(context(FIRST), none, [none[-1], project(C)])
    assert first == []
    assert outcome.rest == (ListProjects(unseen=Ids([A, B, C])),)
    assert not remembered(outcome).projects.stats_served
    (again,) = outcome.rest
    outcome = again.after(page(*none, project(C)), context(FIRST, memory=remembered(outcome)))
    assert (outcome.first, outcome.rest) == ((RunWindow(lo=WEEK_AGO, hi=SOON, waiting=Ids([A, B, C])),), ())
    assert remembered(outcome).known(PROJECT.name) == Ids([A, B, C])


def test_statistics_that_are_served_again_are_believed_again() -> None:
    """Until then a later look asks every project; an empty workspace says nothing of it."""
    first, _ = listed(context(memory=UNSERVED.with_known(PROJECT.name, Ids([A, B]))), [project(A), project(B)])
    assert first == [recent(A, B)]
    _, outcome = listed(context(memory=UNSERVED), [project(A, NOW), project(B)])
    assert remembered(outcome).projects.stats_served
    first, outcome = listed(context(FIRST), [])
    assert (first, outcome.rest, remembered(outcome).projects.stats_served) == ([], (), True)


def test_statistics_do_not_matter_where_runs_are_not_read() -> None:
    """The list is read once; it leads to no runs."""
    first, outcome = listed(context(scope=without(RUN)), [project(A), project(B)])
    assert (first, outcome.rest) == ([], ())


def test_a_late_project_without_statistics_is_read_where_none_are_served() -> None:
    """Until a page has shown some they may not be served, so a late project without any is read, in case."""
    asked = context(memory=knowing(PROJECT, A))
    assert listed(asked, [project(B)])[0] == [old(B)]
    assert listed(asked, [project(A, NOW), project(B)])[0] == [recent(A)]


def test_a_late_project_may_lie_in_v1_alone() -> None:
    """Where both APIs are served, projects may be counted in v2 alone: one that looks empty is read."""
    both = Memory(runs=Runs(v1_before=NOW - DAY)).with_known(PROJECT.name, Ids([A]))
    first, _ = listed(context(api="v2", memory=both), [project(A, NOW), project(B)])
    assert first == [recent(A), old(B)]
