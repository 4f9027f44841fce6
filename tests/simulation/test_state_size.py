"""Law 4: a state fits what Fivetran carries, whatever the configuration names and whatever LangSmith puts into it.

sync/test_state_fitted tests every part at its bound at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from simulation.axes import in_turn
from simulation.face_calls import calls, statuses

from langsmith_core.settings import config
from langsmith_core.streams.run_queries import CURSOR_MAX
from product import World
from simulator.settings import Mode

MODES = ["clickhouse", "smithdb"]
STATE_MAX = 64_000


def largest(w: World) -> int:
    """Return the bytes of the largest state that was answered."""
    return max(len(json.dumps(one, separators=(",", ":"))) for one in w.fivetran.states if one)


def bounded(patch: pytest.MonkeyPatch, size: int) -> None:
    """Bound the store to this many bytes."""
    load = config.load
    patch.setattr("langsmith_core.faces.fivetran_target.config.load", lambda *given: replace(load(*given), state_bytes_max=size))


@pytest.mark.parametrize(
    ("characters", "mode"), in_turn([CURSOR_MAX - 100, CURSOR_MAX + 100, 1_000_000], [("clickhouse",), ("smithdb",)])
)
def test_a_cursor_of_any_length_stays_out_of_the_state(world: Callable[..., World], mode: Mode, characters: int) -> None:
    """A cursor that is too long stays out of the state. The next call asks from the last run on, for few pages more."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=400, days=20, payload_bytes=1_000)
    w.configure(MAX_RESPONSE_MB="0.2", PAGE_SIZE="30")
    w.fivetran.sync()
    pages = w.requests("runs")
    w.sim.cursor_characters = characters
    w.sim.requests.clear()
    w.fivetran.resync()
    w.fivetran.tables.clear()
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert largest(w) < 20_000
    assert w.requests("runs") <= pages * 1.2


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("mode", MODES)
def test_short_pages_with_long_cursors_are_read_on_within_a_call(world: Callable[..., World], mode: Mode, face: str) -> None:
    """A page without runs is passed within a call, even where its cursor is too long for the state."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=400, days=20)
    w.sim.short_pages, w.sim.cursor_characters = True, 100_000
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@pytest.mark.parametrize("mode", MODES)
def test_a_moment_that_no_call_gets_past_is_put_aside(
    world: Callable[..., World], mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """A moment with too many runs for a call is put aside where cursors are too long to keep. Other runs arrive."""
    w = world(mode)
    project, other = w.workspace.add_project("tied"), w.workspace.add_project("other")
    moment = w.clock.now() - timedelta(hours=1)
    for number in range(500):
        w.workspace.add_run(project, start_time=moment, inputs={"n": number, "x": "x" * 1_000})
    run = w.workspace.add_run(other)
    w.configure(PAGE_SIZE="20", MAX_RESPONSE_MB="0.1")
    w.sim.cursor_characters = CURSOR_MAX + 100
    made = calls(w, "fivetran", 60)
    assert statuses(made) <= {200, 502}
    assert run in w.in_fivetran("langsmith_run")
    assert "LangSmith's page cursors are longer than 4000 characters" in caplog.text
    w.sim.cursor_characters = 0
    w.clock.advance(hours=1)
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize("size", [STATE_MAX, 5_000])
def test_many_named_projects_and_as_many_excluded(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The state packs the ids of long project lists, or a fingerprint where they do not fit.

    A project let in later arrives whole.
    """
    w = world("smithdb")
    bounded(monkeypatch, size)
    ids = [w.workspace.add_project(f"p{number}") for number in range(300)]
    late = ids[200]
    for project in (ids[0], ids[149], late):
        for days in (1, 20):
            w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=days))
    w.configure(PROJECTS=",".join([*ids[:149], "p200"]), PROJECTS_EXCLUDE=",".join(ids[150:]), SYNC_EXAMPLES="false")
    w.fivetran.sync()
    assert {row["project_id"] for row in w.in_fivetran("langsmith_run").values()} == {ids[0]}
    assert {row["project_id"] for row in w.in_fivetran("langsmith_project").values()} == set(ids[:150])
    w.clock.advance(hours=2)
    w.configure(PROJECTS_EXCLUDE=",".join(ids[150:200] + ids[201:]))
    w.fivetran.sync()
    runs = w.in_fivetran("langsmith_run").values()
    assert sorted(row["project_id"] for row in runs) == sorted([ids[0]] * 2 + [late] * 2)
    assert largest(w) <= size


@pytest.mark.parametrize("mode", MODES)
def test_a_store_with_little_room_still_ends_complete(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """Parts of the state yield in a small store: rows are read again, none is missing, and the log says so."""
    w = world(mode)
    bounded(monkeypatch, 12_000)
    w.sim.corpus(projects=20, runs=600, days=30)
    first = next(iter(w.workspace.projects))
    for number in range(280):
        w.workspace.add_run(first, start_time=w.clock.now() - timedelta(days=3, minutes=number), end_time=None)
    w.configure(PAGE_SIZE="50", MAX_RESPONSE_MB="0.2")
    w.fivetran.sync()
    w.clock.advance(hours=2)
    w.sim.workspace.add_run(first)
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert largest(w) <= 12_000
    assert "state: no room for more than 100 unfinished runs" in caplog.text
