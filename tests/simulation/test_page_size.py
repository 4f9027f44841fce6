"""The page size follows the weight of rows, falls where LangSmith fails on a page, and grows again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from product import World
from simulator import Fault
from simulator.messages import Request


def asked(w: World) -> list[int]:
    """Return the page sizes of the run queries so far."""
    return [r.body.get("page_size") or r.body.get("limit") for r in w.sim.requests if r.kind == "runs"]


def test_pages_of_light_runs_are_full(world: Callable[..., World]) -> None:
    """Light runs are asked for by the thousand after a first page of 10."""
    w = world("smithdb")
    project = w.workspace.add_project("light")
    for _ in range(2500):
        w.workspace.add_run(project, inputs={"q": 1})
    w.configure(PAGE_SIZE="1000")
    w.fivetran.sync()
    w.assert_complete("fivetran")
    *pages, history = asked(w)
    assert pages == [10, 1000, 1000, 1000]
    assert history > 900


def test_pages_of_heavy_runs_fit_the_answer(world: Callable[..., World]) -> None:
    """Pages of heavy runs fit an answer, so none is asked for twice. Light runs later get large pages."""
    w = world("smithdb")
    project = w.workspace.add_project("heavy")
    for _ in range(300):
        w.workspace.add_run(project, inputs={"q": "x" * 37_000}, outputs={"a": "y" * 37_000})
    w.configure(PAGE_SIZE="1000")
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert len(asked(w)) <= 300 // 47 + 1 + 2  # pages that fit, one before the weight was known, and one of the backfill
    light = w.workspace.add_project("light")
    w.clock.advance(minutes=10)
    for _ in range(3000):
        w.workspace.add_run(light, inputs={"q": 1})
    w.sim.requests.clear()
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert max(asked(w)) > 300


@pytest.mark.parametrize("status", [502, 504, 408])
@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_a_page_that_a_gateway_gives_up_on_is_halved(world: Callable[..., World], mode: str, status: int) -> None:
    """A page that a gateway fails on is halved until it passes, and the sync is complete."""

    def too_heavy(request: Request) -> bool:
        return int(request.body.get("limit") or request.body.get("page_size")) > 30

    w = world(mode)
    w.sim.corpus(projects=2, runs=200, days=5)
    w.sim.faults.add(Fault(kind="runs", when=too_heavy, status=status, body="<html>", content_type="text/html", times=None))
    w.configure(PAGE_SIZE="100")
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert 25 in asked(w)


def test_a_halved_page_grows_back(world: Callable[..., World]) -> None:
    """The page size doubles with each page that passes after a failure."""
    w = world()
    project = w.workspace.add_project("p")
    for _ in range(900):
        w.workspace.add_run(project)
    w.sim.faults.add(Fault(kind="runs", status=502, times=9))
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert asked(w)[:13] == [10, 10, 10, 5, 5, 5, 2, 2, 2, 1, 2, 4, 8]
