"""Projects listed again to find runs of another window: of a backfill, or of runs that have ended since."""

from datetime import timedelta

from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import PROJECT
from langsmith_core.streams.run_window import RunWindow
from samples import NOW
from streams.contexts import (
    DAY,
    DONE,
    YEAR_AGO,
    A,
    B,
    C,
    context,
    knowing,
    page,
    project,
    remembered,
)
from streams.project_lists import WEEK_AGO

FIND = FindProjects(lo=YEAR_AGO, hi=WEEK_AGO)


def test_a_backfill_lists_projects_without_touching_what_is_known() -> None:
    """Only a look's own list says what there is, and only it delivers rows."""
    asked = context(None, past=Past(YEAR_AGO, WEEK_AGO), memory=knowing(PROJECT, A), done_to=NOW)
    outcome = FIND.after(page(project(B, NOW - 9 * DAY), project(C, YEAR_AGO - DAY)), asked)
    assert (outcome.first, outcome.rest) == ((RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, waiting=Ids([B])),), ())
    assert remembered(outcome) == knowing(PROJECT, A)
    assert not FIND.delivers(project(B), asked)
    assert ListProjects().delivers(project(B), asked)


def test_a_backfill_leaves_out_the_projects_that_were_read_before() -> None:
    """Those that PROJECTS meant before are read already; one that it does not mean now is not read at all."""
    asked = context(None, past=Past(YEAR_AGO, WEEK_AGO, skip=Ids([A])), projects=Ids([A, B]))
    outcome = FIND.after(page(project(A, NOW), project(B, NOW), project(C, NOW)), asked)
    assert outcome.first == (RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, waiting=Ids([B])),)


def test_a_backfill_asks_every_project_where_no_statistics_are_served() -> None:
    """The list is read once more then. Where both APIs are served, a project that looks empty is asked in any case."""
    ending = replace(FIND, ended_since=DONE)
    outcome = ending.after(page(project(A), project(B)), context(None))
    assert (outcome.first, outcome.rest) == ((), (ending,))
    assert not remembered(outcome).projects.stats_served
    again = ending.after(page(project(A), project(B)), context(None, memory=remembered(outcome)))
    assert (again.first, again.rest) == ((RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, waiting=Ids([A, B]), ended_since=DONE),), ())
    both = context(None, api="v2", memory=Memory(runs=Runs(v1_before=NOW - DAY)))
    outcome = FIND.after(page(project(A, NOW), project(B)), both)
    assert outcome.first == (RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, waiting=Ids([A, B])),)


def test_a_backfill_without_a_window_or_with_a_turned_one() -> None:
    """An empty window leads to nothing; one whose bounds have no order was not written by this program."""
    empty = FindProjects(lo=NOW, hi=NOW)
    assert (empty.is_sound, FindProjects(lo=NOW, hi=NOW - timedelta(1)).is_sound) == (True, False)
    assert empty.after(page(project(A, NOW)), context(None)).first == ()
