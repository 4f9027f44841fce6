"""Forged states: no change to a state loosens privacy, leads to another path, or causes a 500.

Whoever stores the state can change it. Each state here is that of a sync in progress, with a change; the real target is called.
sync/test_state_* test which state is refused with which words, test_forged_requests forged secrets and bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulation.axes import in_turn
from simulation.forging import (
    MODES,
    WHEN,
    WINDOW,
    Path,
    answered,
    asked_of,
    assert_nothing_leaks,
    called,
    in_progress,
    more_work,
    work,
    workspace,
)

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.kinds import Item
from product import World
from simulator.settings import Mode


def test_every_kind_of_work_is_forged() -> None:
    """Every kind of work is forged here, so a new kind must be added."""
    ids = {
        name: f"00000000-0000-4000-8000-00000000000{n}" for n, name in enumerate(("open", "closed", "run of closed", "dataset"))
    }
    assert {one["kind"] for one in work(ids, "closed")} == {kind.__name__ for kind in get_args(Item)}


@pytest.mark.parametrize(("mode", "project"), in_turn(MODES, [("closed",), ("other",)]))
def test_work_for_a_project_that_is_not_read_is_not_done(world: Callable[..., World], mode: Mode, project: str) -> None:
    """PROJECTS_EXCLUDE and PROJECTS hold, whatever work a state brings and whatever it says that they mean."""
    w = world(mode)
    ids = workspace(w)
    states = in_progress(w)
    w.clock.advance(hours=-1)
    for state in states[:: max(1, len(states) // 4)]:
        unbound = {name: value for name, value in state.items() if name not in ("left_out", "projects")}
        for forged in more_work({"done_to": WHEN, "memory": {}, **unbound}, ids, project):
            for status, answer in called(w, forged, 8):
                assert status == 200, answer
                assert_nothing_leaks(w, answer)
            assert asked_of(w, ids[project]) == []


@pytest.mark.parametrize(
    "ident", ["../feedback", "..", "../../v2/x", "%2e%2e", "a", "", "x" * 36, "5F0C4DFE-93C1-4C5E-8D5E-0B6A3B2F9A10"]
)
def test_an_id_that_is_none_is_refused(world: Callable[..., World], ident: str) -> None:
    """A state with an id that is no UUID is refused before any request. Ids are parts of paths."""
    w = world()
    workspace(w)
    state = in_progress(w)[-1]
    forgeries = [
        *(
            {"kind": "LookUp", "table": f"langsmith_{table}", "ids": ids}
            for table in ("project", "dataset")
            for ids in (ident, [ident])
        ),
        {"kind": "OlderVersions", "dataset": ident},
        {"kind": "Weigh", **WINDOW, "dataset": ident, "seen": WHEN, "changed": 1},
        {"kind": "NewestVersion", "waiting": [ident]},
    ]
    for one in forgeries:
        status, answer = answered(w, {**state, "later": [{"work": one, "reason": "failed"}]})
        assert status == 400, answer
        assert answer["errorMessage"].startswith("state: ")
        assert "; begin anew with an empty state: re-sync the Fivetran connection" in answer["errorMessage"]
    assert w.sim.requests == []


@pytest.mark.parametrize("mode", MODES)
def test_work_of_a_stream_that_is_off_is_not_done(world: Callable[..., World], mode: Mode) -> None:
    """SYNC_RUNS and SYNC_FEEDBACK hold, whatever work a state brings. That includes lists that lead to runs."""
    w = world(mode)
    ids = workspace(w)
    w.configure(SYNC_RUNS="false", SYNC_FEEDBACK="false")
    states = in_progress(w)
    for forged in more_work({"done_to": WHEN, "memory": {}, **states[-2]}, ids, "open"):
        for status, answer in called(w, forged, 8):
            assert status == 200, answer
            assert answer["insert"].keys().isdisjoint({"langsmith_run", "langsmith_feedback"})
    assert (w.requests("runs"), w.requests("feedback")) == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_work_from_before_start_time_is_not_done(world: Callable[..., World], mode: Mode) -> None:
    """START_TIME holds, whatever windows and bounds a state brings. Older runs are asked for by id alone."""
    w = world(mode)
    ids = workspace(w)
    w.configure(START_TIME="2026-05-28")
    states = in_progress(w)
    for forged in more_work({"done_to": WHEN, "memory": {}, **states[-2]}, ids, "open"):
        assert {status for status, _ in called(w, forged, 8)} == {200}
    bodies = [one.body for one in w.sim.requests if one.kind == "runs"]
    windows = [one for one in bodies if not one.get("id") and not one.get("ids")]
    assert len(windows) > 5
    assert (
        min(one["start_time" if mode == "clickhouse" else "min_start_time"] for one in windows) == "2026-05-28T00:00:00.000000Z"
    )


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the path to every part of a state."""
    if at:
        yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in parts:
        yield from paths(inner, (*at, name))


def changed(state: dict[str, Any], at: Path, value: Any) -> dict[str, Any]:
    """Return the state with another value at one path, or without that part where the value is `GONE`."""
    made = deepcopy(state)
    place: Any = made
    for step in at[:-1]:
        place = place[step]
    if value is GONE:
        del place[at[-1]]
    else:
        place[at[-1]] = value
    return made


GONE = object()
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "../..", "a" * 5_000, "0" * 20, "\ud800", "langsmith_run", "langsmith_example", "RunWindow", "LookUp"]
)
TIMES = st.sampled_from(
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-31T00:00:00Z", "1969-01-01T00:00:00Z", "2026-06-01T00:00:00"]
)
LEAVES = TEXTS | TIMES | st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([10**18, 2**63, 10**400, -1])
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_state_with_anything_changed_is_read_or_refused(world: Callable[..., World], mode: Mode, data: st.DataObject) -> None:
    """A state with any one part changed is a 200 or a 400, and nothing leaks."""
    w, ids, states = prepared(world, mode)
    w.sim.requests.clear()
    state = data.draw(st.sampled_from(states))
    at = data.draw(st.sampled_from(list(paths(state))))
    of_ids = st.sampled_from([*ids.values(), *(Ids([one]).packed() for one in ids.values())])
    elsewhere = st.sampled_from([part(state, other) for other in list(paths(state))[:400]])
    forged = changed(state, at, data.draw(ANYTHING | of_ids | elsewhere | st.just(GONE)))
    for status, answer in called(w, forged):
        assert status in (200, 400), answer
        assert_nothing_leaks(w, answer)


def part(state: dict[str, Any], at: Path) -> Any:
    """Return the part of a state at a path."""
    value: Any = state
    for step in at:
        value = value[step]
    return value


@cache
def prepared(world: Callable[..., World], mode: Mode) -> tuple[World, dict[str, str], list[dict[str, Any]]]:
    """Make a workspace and the states of its syncs, once for all examples."""
    w = world(mode)
    ids = workspace(w)
    return w, ids, in_progress(w)
