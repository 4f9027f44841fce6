"""How many bytes a state takes: far below what Fivetran carries, however much a workspace has and a configuration names.

Not here: every part at its bound at once (test_state_fitted).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from msgspec.structs import replace
from sync.full import WHEN
from sync.states import SOURCE, unfinished

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import BY_TABLE, DATASET, FEEDBACK, PROJECT
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_unfinished import UNFINISHED_MAX
from langsmith_core.sync import look, scope, state_json
from langsmith_core.sync.state import Backfill, Look, State, Task
from samples import NOW, settings

PLACE: dict[str, Any] = {"offset": 9_999, "anchor": "00000000-0000-4000-8000-000000000000"}


def uuids(count: int) -> Ids:
    """Ids of a project's length."""
    return Ids(str(uuid.UUID(int=number, version=4)) for number in range(count))


def busy(projects: int) -> State:
    """A usual state on v2 while a backfill drains: a page of projects beyond a query waits, and a query is in hand, twice."""
    hand = RunWindow(
        lo=NOW,
        hi=NOW,
        parents=uuids(IDS_MAX),
        waiting=uuids(IDS_MAX + 99),
        top=NOW,
        floor=NOW,
        ceiling=NOW,
        cursor="c" * 400,
        limit=1,
    )
    listing, found = ListProjects(stats_seen=True, **PLACE), FindProjects(lo=NOW, hi=NOW, stats_seen=True, **PLACE)
    bounds = Bounds(NOW, NOW, NOW, NOW, NOW, NOW)
    return State(
        source=SOURCE,
        api="v2",
        done_to=NOW,
        scope=scope.of(settings(PROJECTS=",".join(uuids(projects)), START_TIME=WHEN)),
        projects=uuids(projects) if projects else None,
        look=Look(bounds, (Task(hand), Task(listing)), tuple(BY_TABLE)),
        backfill=Backfill(Past(NOW, NOW, uuids(projects)), (Task(hand), Task(found))),
    )


@pytest.mark.parametrize(("projects", "bytes_most"), [(0, 12_000), (50, 14_000), (300, 24_000)])
def test_a_busy_state_is_far_below_what_fivetran_takes(projects: int, bytes_most: int) -> None:
    """However many projects a workspace has, the state holds a query and a page of them, and those that PROJECTS names."""
    assert len(state_json.dump(busy(projects))) < bytes_most < settings().state_bytes_max


@pytest.mark.parametrize("known", [(500, 500), (2_000, 0), (0, 2_000), (1_000, 1_000)])
def test_a_state_that_knows_as_much_as_it_may_is_below_what_fivetran_takes(known: tuple[int, int]) -> None:
    """Two thousand known ids, half of them not listed again yet, three hundred unfinished runs and two queries in hand."""
    projects, datasets = known
    assert projects + datasets <= settings().known_max == 2_000
    state, ids = busy(0), uuids(projects)
    assert state.look
    listing = ListProjects(seen=ids[: projects // 2], unseen=ids[projects // 2 :], stats_seen=True, **PLACE)
    memory = Memory({DATASET.name: uuids(datasets)} if datasets else {}, runs=Runs(unfinished(UNFINISHED_MAX)))
    full = replace(state, memory=memory, look=replace(state.look, agenda=(*state.look.agenda[:1], Task(listing))))
    assert len(state_json.dump(full)) < settings().state_bytes_max


def test_a_state_of_a_thousand_named_projects_is_below_what_fivetran_takes() -> None:
    """A long PROJECTS does not make a state that Fivetran cannot carry, also where feedback is asked for project by project."""
    named = settings(PROJECTS=",".join(uuids(1_000)))
    opened = look.opened(State(source=SOURCE, api="v2"), named, uuids(1_000), NOW)
    while opened.look and FEEDBACK.name in opened.look.to_open:
        opened = look.opened_next(opened, named)
    assert opened.look
    assert any(task.work.table_name == FEEDBACK.name for task in opened.look.agenda)
    assert 20_000 < len(state_json.dump(opened)) < 30_000 < settings().state_bytes_max


def test_excluded_projects_are_packed_like_the_others() -> None:
    """An id takes 20 bytes, so a thousand of each take forty thousand."""
    state = State(source=SOURCE, projects=uuids(1_000), left_out=uuids(1_000))
    assert len(state_json.dump(state)) - len(state_json.dump(State(source=SOURCE, projects=NO_IDS))) == 40_000 + len(
        ',"left_out":""'
    )


def test_known_ids_and_unfinished_runs_are_packed() -> None:
    """Twenty bytes an id, forty-five an unfinished run."""
    least = len(state_json.dump(State(source=SOURCE, memory=Memory({PROJECT.name: uuids(1)}, runs=Runs(unfinished(1))))))
    most = len(state_json.dump(State(source=SOURCE, memory=Memory({PROJECT.name: uuids(501)}, runs=Runs(unfinished(301))))))
    assert most - least == 500 * 20 + 300 * 45


def test_the_documented_bound_is_below_fivetrans_own() -> None:
    """Fivetran's own limit is not documented; its test socket takes 65,536 bytes."""
    assert settings().state_bytes_max < 65_536
