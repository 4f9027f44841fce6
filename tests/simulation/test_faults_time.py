"""Laws 3 and 4: a call ends within MAX_SECONDS and 15 seconds, whatever is slow. Short calls make progress.

Time is the simulator's clock, which slow and dripping answers advance. test_faults_wire and langsmith_client/test_time_limit have
the faults that only a real connection has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from simulation.axes import every_combination, in_turn
from simulation.face_calls import Called, called, state

from langsmith_core.langsmith.time_limit import OVER
from product import World
from simulator import Fault
from simulator.messages import Request
from simulator.settings import Mode

PAST_SECONDS, SETUP_SECONDS = 15, 20
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
straight = pytest.mark.parametrize(("face", "mode"), [("fivetran", "clickhouse"), ("duckdb", "smithdb")])
SLOWNESS: Mapping[str, dict[str, Any]] = {
    "an answer after 4 s": {"slow": 4.0},
    "an answer after 14 s": {"slow": 14.0},
    "an answer after 50 s": {"slow": 50.0},
    "no answer": {"slow": 1_000.0},
    "an answer that drips for 20 s": {"drip": 1.0},
    "an answer that stops": {"drip": 100.0},
    "429, Retry-After 8": {"status": 429, "headers": {"Retry-After": "8"}},
    "503": {"status": 503, "body": "<html>", "content_type": "text/html"},
}
KINDS = (("info",), ("sessions",), ("runs",), ("datasets", "versions", "diff"), ("examples",), ("feedback",), ("download",), ())
"""Kinds of requests that are slow together. An empty entry means all kinds."""
SECONDS = ("0.001", "10", "60")
FACES: tuple[tuple[str, Mode], ...] = (("fivetran", "clickhouse"), ("duckdb", "smithdb"))
SLOW_CALLS = [
    (kinds, how, *FACES[number % 2], SECONDS[number % 3])
    for number, (how, kinds) in enumerate((how, kinds) for how in SLOWNESS for kinds in KINDS)
    if every_combination() or (number // len(KINDS) + number // 2) % 2 == 0
]
"""Each kind with half of SLOWNESS, by faces, run APIs and lengths of calls in turn. `make soak` plays all of SLOWNESS."""


@pytest.fixture
def filled(world: Callable[..., World]) -> Callable[[Mode], World]:
    """Make a workspace with some records of every table, and with payloads in object storage."""

    def make(mode: Mode) -> World:
        w = world(mode)
        w.sim.corpus(projects=3, runs=24, days=6, datasets=2, examples=3)
        project = w.workspace.add_project("heavy")
        for number in range(6):
            w.workspace.add_run(project, inputs={"q": number}, outputs={"a": number}, offloaded=("inputs", "outputs"))
        return w

    return make


def timed(w: World, face: str, most: float) -> Called:
    """Make one call, and check that it ends in time."""
    begun = w.clock.now()
    one = called(w, face)
    assert (w.clock.now() - begun).total_seconds() <= most
    return one


def timed_calls(w: World, face: str, seconds: float, most: int = 200) -> list[Called]:
    """Call until a call fails or is the last. Check that each ends in time."""
    made: list[Called] = []
    for _ in range(most):
        made.append(timed(w, face, seconds + PAST_SECONDS))
        if not made[-1].has_more:
            return made
    pytest.fail(f"{most} calls, and still hasMore")


@pytest.mark.parametrize(("kinds", "how", "face", "mode", "seconds"), SLOW_CALLS)
def test_every_call_ends_in_time(
    filled: Callable[[Mode], World], face: str, mode: Mode, kinds: tuple[str, ...], how: str, seconds: str
) -> None:
    """Each call of two syncs ends in time, whichever kind of request is slow. Once it is over, the tables are complete."""
    w = filled(mode)
    w.configure(MAX_SECONDS=seconds, PAGE_SIZE="10")
    for kind in kinds or (None,):
        w.sim.faults.add(Fault(kind=kind, times=None, **SLOWNESS[how]))
    for number in range(2):
        assert {one.status for one in timed_calls(w, face, float(seconds))} <= {200, 502, 503}
        w.clock.advance(hours=number)
    w.sim.faults.clear()
    w.configure(MAX_SECONDS="240")
    w.clock.advance(hours=25)
    for _ in range(2):
        assert {one.status for one in timed_calls(w, face, 240)} == {200}
    w.assert_complete(face)


def is_by_name(request: Request) -> bool:
    """Return whether a request looks a project up by its name."""
    return any(name == "name" for name, _ in request.query)


def named(w: World, count: int) -> str:
    """Add this many projects with a run each. Return their names as PROJECTS takes them."""
    names = [f"project {number}" for number in range(count)]
    for name in names:
        w.workspace.add_run(w.workspace.add_project(name))
    return ",".join(names)


@straight
@pytest.mark.parametrize("seconds", ["0.001", "30"])
def test_names_that_are_slow_to_look_up_are_looked_up_in_several_calls(
    world: Callable[..., World], face: str, mode: Mode, seconds: str
) -> None:
    """Forty names that take five seconds each are looked up in several calls, each once. The sync is complete."""
    w = world(mode)
    w.configure(PROJECTS=named(w, 40), MAX_SECONDS=seconds)
    slow = w.sim.faults.add(Fault(kind="sessions", when=is_by_name, slow=5.0, times=None))
    for _ in range(20):
        assert {one.status for one in timed_calls(w, face, float(seconds))} == {200}
        if slow.struck >= 40 and not state(w, face).get("look") and state(w, face).get("done_to"):
            break
    cut_short = sum(1 for one in w.sim.requests if one.status is None)
    assert 40 <= slow.struck - cut_short <= 40 + 20
    assert "looked_up" not in state(w, face)
    w.assert_complete(face)


@straight
def test_names_are_looked_up_again_in_the_next_look(world: Callable[..., World], face: str, mode: Mode) -> None:
    """Each look looks names up anew. A project that took a name over is read under it."""
    w = world(mode)
    w.configure(PROJECTS=named(w, 3), MAX_SECONDS="0.001")
    timed_calls(w, face, 0.001)
    first = state(w, face)["projects"]
    for project in list(w.workspace.projects):
        w.workspace.rename_project(project, f"was {project}")
    w.workspace.add_run(w.workspace.add_project("project 1"))
    w.clock.advance(hours=1)
    timed_calls(w, face, 0.001)
    assert state(w, face)["projects"] != first


@every_face
def test_other_names_begin_anew(world: Callable[..., World], face: str) -> None:
    """A changed PROJECTS drops the ids that were found for the old names."""
    w = world()
    names = named(w, 12).split(",")
    w.sim.faults.add(Fault(kind="sessions", when=is_by_name, slow=5.0, times=None))
    w.configure(PROJECTS=",".join(names), MAX_SECONDS="0.001")
    assert timed(w, face, PAST_SECONDS).has_more
    assert state(w, face)["looked_up"]
    w.sim.faults.clear()
    w.configure(PROJECTS=",".join(reversed(names[:2])))
    assert {one.status for one in timed_calls(w, face, 0.001)} == {200}
    found = w.in_fivetran("langsmith_run") if face == "fivetran" else w.in_duckdb("langsmith_run")
    assert {row["project_name"] for row in found.values()} == {"project 0", "project 1"}


@every_face
def test_a_call_too_short_for_anything_says_so(world: Callable[..., World], face: str) -> None:
    """A call shorter than any answer fails, moves nothing, and says which setting helps."""
    w = world()
    w.sim.corpus(projects=3, runs=10, days=6)
    w.configure(MAX_SECONDS="1")
    w.sim.faults.add(Fault(slow=13.0, times=None))
    made = [timed(w, face, 1 + PAST_SECONDS) for _ in range(12)]
    assert made[-1].failed(503, OVER)
    assert sum(one.has_more for one in made) <= 1
    kept = state(w, face)
    assert timed(w, face, 1 + PAST_SECONDS).failed(503, OVER)
    assert state(w, face) == kept
    w.sim.faults.clear()
    w.clock.advance(hours=1)
    timed_calls(w, face, 1)
    w.assert_complete(face)


@straight
def test_storage_that_drips_holds_no_call(filled: Callable[[Mode], World], face: str, mode: Mode) -> None:
    """Calls end in time while object storage drips. Their rows land, and the payloads arrive once storage is well."""
    w = filled(mode)
    w.configure(MAX_SECONDS="20")
    w.sim.faults.add(Fault(kind="download", drip=1.0, times=None))
    timed_calls(w, face, 20)
    w.sim.faults.clear()
    w.clock.advance(minutes=15)
    timed_calls(w, face, 20)
    w.assert_complete(face)


@pytest.mark.parametrize("how", SLOWNESS)
@pytest.mark.parametrize("kind", ["sessions", None])
def test_the_setup_test_keeps_its_twenty_seconds(world: Callable[..., World], how: str, kind: str | None) -> None:
    """The setup test answers within 20 seconds, that it passed or why not, however slow its requests are."""
    w = world()
    w.configure(PROJECTS=named(w, 40))
    w.sim.faults.add(Fault(kind=kind, times=None, **SLOWNESS[how]))
    begun = w.clock.now()
    answer = w.post("/fivetran", b'{"state": {}, "setup_test": true}')
    assert w.clock.now() - begun <= timedelta(seconds=SETUP_SECONDS)
    assert answer.status_code in (200, 502, 503)


def test_a_setup_test_without_time_for_every_name_passes(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """A setup test that has no time to look up all names passes. A log line says so."""
    w = world()
    w.configure(PROJECTS=named(w, 40))
    w.sim.faults.add(Fault(kind="sessions", when=is_by_name, slow=1.0, times=None))
    answer = w.post("/fivetran", b'{"state": {}, "setup_test": true}')
    assert answer.status_code == 200
    assert "the setup test had no time to look up all of PROJECTS" in caplog.text


@pytest.mark.parametrize(("key", "face", "mode"), in_turn([("MAX_SECONDS", "0.001"), ("MAX_RESPONSE_MB", "0.000001")], FACES))
def test_the_smallest_bounds_still_complete(filled: Callable[[Mode], World], face: str, mode: Mode, key: tuple[str, str]) -> None:
    """Calls of a millisecond, or answers of a byte, still bring every run."""
    w = filled(mode)
    w.configure(**dict([key]), PROJECTS_EXCLUDE="nothing of this name")
    for _ in range(10):
        assert {one.status for one in timed_calls(w, face, 240, 2_000)} == {200}
    found = w.in_fivetran("langsmith_run") if face == "fivetran" else w.in_duckdb("langsmith_run")
    assert found.keys() == w.workspace.truth()["langsmith_run"].keys()
