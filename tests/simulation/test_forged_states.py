"""Whoever keeps the state can change it: nothing of it loosens what the settings hide, leads to another page, or is our fault.

Each state is that of a sync in progress, with something changed; the calls are those of the real target. Not here: which state is
refused with which words (core/test_state), forged secrets and bodies (test_forged_requests).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langsmith_core import ledger
from product import World
from simulator.settings import Mode

MODES = ["clickhouse", "smithdb"]
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PATHS = re.compile(
    rf"/api/v1/(info|sessions(/{UUID})?|datasets(/{UUID}(/versions(/diff)?)?)?|examples|feedback|runs/query)|/api/v2/runs/query"
)
"""Every page that a sync asks for."""
Path = tuple[str | int, ...]


def workspace(w: World) -> dict[str, str]:
    """A project to read and one not to, and something that an excluded column holds; their ids by name."""
    found: dict[str, str] = {}
    for name in ("open", "closed", "other"):
        found[name] = w.workspace.add_project(name)
        for number in range(60):
            start = w.clock.now() - timedelta(days=number % 20, minutes=number)
            run = w.workspace.add_run(found[name], start_time=start, inputs={"q": "HIDDEN"}, outputs={"of": f"OF-{name}"})
            if number < 5:
                w.workspace.add_feedback(run, "helpful", score=1, comment=f"OF-{name}")
        found[f"run of {name}"] = run
    dataset = found["dataset"] = w.workspace.add_dataset("d")
    for number in range(30):
        w.workspace.add_example(dataset, {"q": "HIDDEN"}, {"n": number})
    named = f"open,{found['closed']}"  # the same project by its id: two equal texts would be refused
    w.configure(PROJECTS_EXCLUDE="closed", EXCLUDE_COLUMNS="*.inputs", MAX_RESPONSE_MB="0.03", PAGE_SIZE="20", PROJECTS=named)
    return found


def answered(w: World, state: Any) -> tuple[int, dict[str, Any]]:
    """One call with a state."""
    answer = w.post("/fivetran", json.dumps({"state": state}).encode())
    return answer.status_code, json.loads(answer.data)


def called(w: World, state: Any, most: int = 3) -> Iterator[tuple[int, dict[str, Any]]]:
    """A call with a state, and those that go on with what it answers."""
    for _ in range(most):
        status, answer = answered(w, state)
        yield status, answer
        if status != 200 or not answer["hasMore"]:
            return
        state = answer["state"]


def assert_nothing_leaks(w: World, answer: dict[str, Any], hidden: str = "OF-closed") -> None:
    """No row of a project that is not read, no column that is left out, no page but those of a sync."""
    rows = json.dumps(answer.get("insert", {}))
    assert hidden not in rows
    assert "OF-other" not in rows
    assert "HIDDEN" not in rows
    assert [one.path for one in w.sim.requests if not PATHS.fullmatch(one.path)] == []


def in_progress(w: World) -> list[dict[str, Any]]:
    """The states of two syncs, call by call."""
    for _ in range(2):
        w.fivetran.sync()
        w.clock.advance(hours=1)
        for project in list(w.workspace.projects):
            w.workspace.add_feedback(w.workspace.add_run(project, inputs={"q": "HIDDEN"}), "helpful", score=1)
    w.sim.requests.clear()
    done = {
        "ended": "2026-06-01T00:00:00Z",
        "seconds": 1.5,
        "rows": {"langsmith_run": 1},
        "requests": 1,
        "retries": 0,
        "rejected": 0,
        "has_more": True,
    }
    failed = {"at": "2026-06-01T00:00:00Z", "status": 502, "message": "LangSmith failed"}
    looked_up = {"proof": "0" * 32, "ids": ledger.packed(w.workspace.projects), "at": w.clock.now().isoformat()}
    states = [json.loads(json.dumps(one)) for one in w.fivetran.states if one]
    return [*states, {**states[-1], "passes": [done], "trouble": failed, "looked_up": looked_up}]


def asked_of(w: World, project: str) -> list[str]:
    """Requests for runs or feedback that name a project."""
    return [one.path for one in w.sim.requests if one.kind in ("runs", "feedback") and project in f"{one.query} {one.body}"]


SLICE = {"table": "langsmith_run", "lo": "2026-05-01T00:00:00Z", "hi": "2026-06-02T00:00:00Z"}
SLICE |= {"floor": SLICE["lo"], "ceiling": SLICE["hi"]}


def more_work(state: dict[str, Any], ids: dict[str, str], project: str) -> Iterator[dict[str, Any]]:
    """The state with a project's work put in every place that work may stand in."""
    packed = ledger.packed([ids[project]])
    piece, of_run = {**SLICE, "parents": packed}, {**SLICE, "parents": packed, "ids": ledger.packed([ids[f"run of {project}"]])}
    feedback = {"table": "langsmith_feedback", "parents": packed, "lo": SLICE["lo"], "hi": SLICE["hi"]}
    by_run = {"table": "langsmith_feedback", "ids": of_run["ids"]}
    walk = {"listing": None, "slices": [piece], "pending": packed, "late": packed}
    alone = {**of_run, "parents": ledger.packed([ids["open"]])}
    whole = {"table": "langsmith_feedback", "lo": SLICE["lo"], "hi": SLICE["hi"]}
    cycle = {"until": "2026-06-01T00:00:00Z"}
    yield {**state, "owed": [piece, of_run, feedback, by_run, whole], "cycle": None, "history": None}
    yield {**state, "unfilled": [{**of_run, "unfilled_since": SLICE["lo"]}]}
    yield {**state, "history": {"lo": SLICE["lo"], "hi": SLICE["hi"], "walk": walk}, "cycle": None}
    for stage, slices in enumerate(
        ([piece], [of_run, alone], [piece], [], [feedback, by_run, whole, alone], [of_run, by_run], [piece, whole])
    ):
        parents = {"pending": packed, "late": packed} if stage in (0, 2) else {}
        yield {**state, "cycle": {**cycle, "stage": stage, "walk": {"listing": None, "slices": slices, **parents}}}


@pytest.mark.parametrize("project", ["closed", "other"])
@pytest.mark.parametrize("mode", MODES)
def test_work_for_a_project_that_is_not_read_is_not_done(world: Callable[..., World], mode: Mode, project: str) -> None:
    """PROJECTS_EXCLUDE and PROJECTS hold whatever work a state brings, and whatever it says that they mean: nothing is asked."""
    w = world(mode)
    ids = workspace(w)
    states = in_progress(w)
    w.clock.advance(hours=-1)
    for state in states[:: max(1, len(states) // 4)]:
        for forged in more_work({**state, "left_out": [], "projects": None}, ids, project):
            for status, answer in called(w, forged, 8):
                assert status == 200, answer
                assert_nothing_leaks(w, answer)
            assert asked_of(w, ids[project]) == []


@pytest.mark.parametrize(
    "ident", ["../feedback", "..", "../../v2/x", "%2e%2e", "a", "", "x" * 36, "5F0C4DFE-93C1-4C5E-8D5E-0B6A3B2F9A10"]
)
def test_an_id_that_is_none_is_refused(world: Callable[..., World], ident: str) -> None:
    """It would be a part of a path: the state is refused before any request."""
    w = world()
    workspace(w)
    state = in_progress(w)[-1]
    for table in ("langsmith_project", "langsmith_dataset"):
        forged = {**state, "owed": [{"table": table, "ids": [ident]}]}
        status, answer = answered(w, forged)
        assert (
            status,
            answer["errorMessage"].startswith("state: owed: it holds what this program never writes. begin anew"),
        ) == (400, True)
    assert w.sim.requests == []


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """The way to every part of a state."""
    if at:
        yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in parts:
        yield from paths(inner, (*at, name))


def changed(state: dict[str, Any], at: Path, value: Any) -> dict[str, Any]:
    """The state with something else at one place; nothing there where the value is `GONE`."""
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
    ["", "../..", "a" * 5_000, "0" * 20, "\ud800", "langsmith_run", "langsmith_example"]
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
    """A 200 or a 400, whatever stands in one place of it; and nothing leaks."""
    w, ids, states = prepared(world, mode)
    w.sim.requests.clear()
    state = data.draw(st.sampled_from(states))
    at = data.draw(st.sampled_from(list(paths(state))))
    of_ids = st.sampled_from([*ids.values(), *(ledger.packed([one]) for one in ids.values())])
    elsewhere = st.sampled_from([part(state, other) for other in list(paths(state))[:400]])
    forged = changed(state, at, data.draw(ANYTHING | of_ids | elsewhere | st.just(GONE)))
    for status, answer in called(w, forged):
        assert status in (200, 400), answer
        assert_nothing_leaks(w, answer)


def part(state: dict[str, Any], at: Path) -> Any:
    """What stands at a place."""
    value: Any = state
    for step in at:
        value = value[step]
    return value


@cache
def prepared(world: Callable[..., World], mode: Mode) -> tuple[World, dict[str, str], list[dict[str, Any]]]:
    """A workspace and the states of its syncs, made once for all examples."""
    w = world(mode)
    ids = workspace(w)
    return w, ids, in_progress(w)
