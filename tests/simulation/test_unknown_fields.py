"""A LangSmith that does not know every field that is asked for: columns are complete, and no run is left out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from product import World
from simulator import Fault
from simulator.messages import Request
from simulator.settings import Mode

UNKNOWN: dict[Mode, str] = {"clickhouse": "ttl_seconds", "smithdb": "LAST_QUEUED_AT"}


def asks_for(request: Request, field: str) -> bool:
    return field in json.dumps(request.body)


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_a_field_that_langsmith_does_not_know_stops_no_run(
    world: Callable[..., World], mode: Mode, status: int, face: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Two refused queries drop the fields that no column needs, and the rows are complete. A day later all are asked for."""
    w = world(mode)
    for i in range(3):
        w.workspace.add_run(w.workspace.add_project(f"p{i}"), inputs={"q": i}, tags=["t"], prompt_tokens=3)
    refusal = Fault(kind="runs", when=lambda request: asks_for(request, UNKNOWN[mode]), status=status, body=b"{}", times=None)
    w.sim.faults.add(refusal)
    for hours, refused in ((0, 2), (1, 2), (26, 4)):
        w.clock.advance(hours=hours)
        w.fivetran.sync() if face == "fivetran" else w.sync_locally()
        w.assert_complete(face)
        assert refusal.struck == refused
    assert "asking only for the fields that columns need" in caplog.text


def test_a_query_that_is_refused_whatever_it_asks_for_is_put_aside(world: Callable[..., World]) -> None:
    """A query that is always refused is put aside. Other queries go on with all their fields."""
    w = world()
    bad, good = w.workspace.add_project("bad"), w.workspace.add_project("good")
    w.workspace.add_run(bad)
    run = w.workspace.add_run(good)
    w.sim.faults.add(Fault(kind="runs", when=lambda request: asks_for(request, bad), status=400, body=b"{}", times=None))
    status = 200
    while status == 200:
        status, _ = w.pass_locally()
    assert status == 502
    row = w.in_duckdb("langsmith_run")[run]
    assert "ttl_seconds" in json.loads(row["raw"])
