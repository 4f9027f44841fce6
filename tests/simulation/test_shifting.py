"""Lists that change while their pages are read: through the targets, for every list that is read by offset.

Rows come or go before each further page: a few times, or at every page without end. streams/test_offset_list plays arbitrary
scripts of changes on lists of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from simulation.axes import in_turn
from simulation.face_calls import calls, statuses, tables

from product import World
from simulator import Fault
from simulator.messages import Request

ROWS = 11
SECOND = timedelta(seconds=1)
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


def filled(w: World) -> None:
    """Fill lists of several pages with rows of the last day. Runs are of yesterday and of two months ago."""
    began = w.clock.now() - timedelta(days=1)
    for number in range(ROWS):
        project = w.workspace.add_project(f"p{number}", start_time=began + number * SECOND)
        dataset = w.workspace.add_dataset(f"d{number}", created_at=began + number * SECOND)
        w.workspace.add_run(project, start_time=began - timedelta(days=60))
        run = w.workspace.add_run(project, start_time=began)
        w.workspace.add_feedback(run, "good", score=1.0, created_at=began + number * SECOND)
        w.workspace.add_example(dataset, {"q": number})
    for number in range(ROWS):
        w.workspace.add_example(dataset, {"q": -number})
    w.clock.advance(minutes=10)


def comes(w: World, kind: str, number: int) -> None:
    """Add a row before all others of its list."""
    early, late = w.clock.now() - timedelta(days=2), w.clock.now() - timedelta(minutes=5)
    if kind == "sessions":
        w.workspace.add_project(f"early-{number}", start_time=early - number * SECOND)
    elif kind == "datasets":
        w.workspace.add_dataset(f"early-{number}", created_at=early - number * SECOND)
    elif kind == "feedback":
        w.workspace.add_feedback(next(iter(w.workspace.runs)), "late", created_at=late + number * SECOND / 10)


def goes(w: World, kind: str, _: int) -> None:
    """Delete the first row of a list. Of examples, delete one of the largest dataset."""
    if kind == "sessions":
        w.workspace.delete_project(min(w.workspace.projects.values(), key=lambda one: one.start_time).id)
    elif kind == "datasets":
        w.workspace.delete_dataset(min(w.workspace.datasets.values(), key=lambda one: one.created_at).id)
    elif kind == "feedback":
        w.workspace.delete_feedback(max(w.workspace.feedback.values(), key=lambda one: one.created_at).id)
    else:
        large = max(w.workspace.datasets.values(), key=lambda one: len(one.examples))
        w.workspace.delete_example(min(large.examples), hard=True)


def comes_and_goes(w: World, kind: str, number: int) -> None:
    """Add a row before one page, and delete it before the next."""
    (goes if number % 2 else comes)(w, kind, number)


Moving = tuple[str, Callable[[World, str, int], None]]
CHANGES: list[Moving] = [
    *((kind, change) for kind in ("sessions", "datasets", "feedback") for change in (comes, goes, comes_and_goes)),
    ("examples", goes),
]
LOST: tuple[tuple[str, int, bool], ...] = (
    ("fivetran", 1, True),
    ("duckdb", 2, True),
    ("duckdb", 5, False),
    ("fivetran", 2, False),
)
ENDLESS: tuple[tuple[str, int], ...] = (("duckdb", 1), ("fivetran", 2), ("duckdb", 5))


def _id(value: Any) -> str:
    """Name a list and its change."""
    return f"{value[0]}-{value[1].__name__}" if isinstance(value, tuple) else str(value)


class Shifting:
    """A change of the workspace before each further page of a list, at most so many times."""

    def __init__(self, w: World, kind: str, change: Callable[[World, str, int], None], most: int) -> None:
        self._w, self._kind, self._change, self._most = w, kind, change, most
        self.made = 0
        self.before = keys(w)
        self.gone: set[str] = set()
        w.sim.faults.add(Fault(kind=kind, when=self._when, times=None))

    def _when(self, request: Request) -> bool:
        large = self._kind != "examples" or len(self.before) - len(self.gone) > 2 * ROWS
        if dict(request.query).get("offset", "0") != "0" and self.made < self._most and large:
            self._change(self._w, self._kind, self.made)
            self.made += 1
            self.gone |= self.before - keys(self._w)
        return False

    def lost(self, face: str) -> set[str]:
        """Return the rows that LangSmith always had and the destination lacks."""
        delivered = {key for rows in tables(self._w, face).values() for key in rows}
        return self.before - self.gone - delivered


def keys(w: World) -> set[str]:
    """Return the ids of all rows that LangSmith has."""
    return {key for rows in w.truth().values() for key in rows}


@pytest.fixture
def shifting(world: Callable[..., World]) -> Iterator[World]:
    """A filled workspace."""
    w = world()
    filled(w)
    yield w
    w.sim.faults.clear()


@pytest.mark.parametrize(("moving", "face", "size", "first"), in_turn(CHANGES, LOST, each=2), ids=_id)
def test_rows_that_stay_are_read_though_others_come_and_go(
    shifting: World, moving: Moving, face: str, size: int, first: bool
) -> None:
    """A list that changes six times loses no row that stays. It deletes no live row, and reads no row's children twice."""
    w, (kind, change) = shifting, moving
    w.configure(PAGE_SIZE=str(size))
    if not first:
        calls(w, face)
        w.clock.advance(hours=25)
        dataset = max(w.workspace.datasets.values(), key=lambda one: len(one.examples)).id
        for example in sorted(w.workspace.datasets[dataset].examples)[1::2]:
            w.workspace.edit_example(example, outputs={"edited": True})
        w.clock.advance(minutes=1)
    moved = Shifting(w, kind, change, 6)
    w.sim.requests.clear()
    made = calls(w, face)
    assert statuses(made) == {200}
    assert moved.made >= 2 or (kind, first) == ("examples", False)
    assert moved.lost(face) == set()
    assert w.requests("versions") <= ROWS + moved.made
    w.sim.faults.clear()
    w.clock.advance(hours=1)
    calls(w, face)
    now = w.workspace.truth()
    for table in ("langsmith_project", "langsmith_dataset"):
        assert set(tables(w, face)[table]) == set(now[table])


@pytest.mark.parametrize(("moving", "face", "size"), in_turn(CHANGES, ENDLESS, first=2), ids=_id)
def test_a_list_that_shifts_for_ever(
    shifting: World, moving: Moving, face: str, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A list that changes before every page still ends its sync. Once it is quiet, the next sync has all of it."""
    w, (kind, change) = shifting, moving
    w.configure(PAGE_SIZE=str(size))
    moved = Shifting(w, kind, change, 100_000)
    made = calls(w, face)
    assert statuses(made) == {200}
    warnings = [record.message for record in caplog.records if "the list changes too often" in record.message]
    assert warnings or moved.lost(face) == set()
    w.sim.faults.clear()
    w.configure(PAGE_SIZE="100")  # there are thousands of new rows now, and each page of feedback asks for its runs
    w.clock.advance(hours=1)
    calls(w, face)
    assert moved.lost(face) == set()


@every_face
def test_examples_gone_for_good_do_not_hide_what_is_compared(shifting: World, face: str) -> None:
    """Removed examples are deleted by a comparison of two versions, even while examples vanish from both versions."""
    w = shifting
    w.configure(PAGE_SIZE="3")
    calls(w, face)
    w.clock.advance(hours=1)
    large = max(w.workspace.datasets.values(), key=lambda one: len(one.examples))
    removed = sorted(large.examples)[6::2]
    for example in removed:
        w.workspace.delete_example(example)
    w.clock.advance(minutes=1)
    w.sim.faults.add(Fault(kind="diff", status=400, body={"detail": "no"}, times=1))
    moved = Shifting(w, "examples", goes, 6)
    calls(w, face)
    assert moved.made == 6
    assert moved.lost(face) == set()
    assert set(removed) & set(tables(w, face)["langsmith_example"]) == set()


@every_face
def test_changed_examples_gone_for_good_hide_none_that_follow(shifting: World, face: str) -> None:
    """An example that vanishes from the difference between two calls hides no changed example behind it."""
    w = shifting
    calls(w, face)
    w.clock.advance(hours=1)
    large = max(w.workspace.datasets.values(), key=lambda one: len(one.examples))
    for number in range(70):
        w.workspace.add_example(large.id, {"new": number})
    changed = sorted(large.examples)
    for example in changed:
        w.workspace.edit_example(example, outputs={"text": "x" * 3_000})
    w.clock.advance(minutes=1)
    w.configure(PAGE_SIZE="10", MAX_RESPONSE_MB="0.04")

    def goes_once(request: Request) -> bool:
        if request.kind == "diff" and sum(one.kind == "diff" for one in w.sim.requests) == 2:
            w.workspace.delete_example(changed[0], hard=True)
        return False

    w.sim.faults.add(Fault(when=goes_once, times=None))
    calls(w, face)
    found = tables(w, face)["langsmith_example"]
    assert [one for one in changed[1:] if "xxx" not in str(found[one]["outputs"])] == []


@every_face
@pytest.mark.parametrize("size", [2, 5])
def test_known_projects_beyond_the_break_are_read_all_the_same(
    shifting: World, face: str, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A list that is broken off is read on by known ids: new runs arrive, live rows stay, deleted ones go."""
    w = shifting
    calls(w, face)
    w.clock.advance(hours=1)
    last, gone = sorted(w.workspace.projects, key=lambda one: w.workspace.projects[one].start_time)[-2:]
    run = w.workspace.add_run(last)
    w.workspace.delete_project(gone)
    w.configure(PAGE_SIZE=str(size))

    def churns(v: World, kind: str, number: int) -> None:
        for part in range(20):
            (goes if number % 2 else comes)(v, kind, 20 * number + part)

    moved = Shifting(w, "sessions", churns, 100_000)
    made = calls(w, face)
    assert statuses(made) == {200}
    assert any("known records of the rest are asked for by id" in record.message for record in caplog.records)
    assert moved.lost(face) == set()
    found = tables(w, face)
    assert (run in found["langsmith_run"], gone in found["langsmith_project"]) == (True, False)


@every_face
def test_a_list_that_grows_as_fast_as_it_is_read_is_left_at_the_end_of_the_look(shifting: World, face: str) -> None:
    """A list that grows before every page ends its look with the projects made before the look began."""
    w = shifting
    w.configure(PAGE_SIZE="2")

    def is_made(v: World, _: str, number: int) -> None:
        v.clock.advance(seconds=1)
        v.workspace.add_project(f"new-{number}")

    moved = Shifting(w, "sessions", is_made, 100_000)
    assert statuses(calls(w, face)) == {200}
    assert moved.lost(face) == set()
    assert moved.made < 500
