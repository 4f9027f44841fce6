"""Several requests under way at once, in real threads over real connections, with a network's latency: the tables are complete.

All other simulations ask ahead as well, but on a clock set by hand and in the same order each time (product.World).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeAlias

import pytest

import main
from langsmith_core.langsmith import client, under_way
from product import World
from simulator import Clock, Simulator
from simulator.messages import Request, Response
from simulator.server import serving, wsgi_app
from simulator.settings import Mode

LATENCY = 0.05
RUNS, PAGE = 1_500, 50


Serve: TypeAlias = Callable[[Mode], AbstractContextManager[tuple[World, "Watched"]]]


class Watched:
    """A simulator's door: it counts how many requests are inside at once."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator, self._lock = simulator, Lock()
        self.inside = self.most = 0

    def handle(self, request: Request) -> Response:
        """Answer a request, which takes a while on its way."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            Clock.system().sleep(LATENCY)
            return self._simulator.handle(request)
        finally:
            with self._lock:
                self.inside -= 1


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Return a way to serve a workspace of one busy project on loopback, to a product that asks in threads."""

    @contextmanager
    def serve(mode: Mode) -> Iterator[tuple[World, Watched]]:
        sim = Simulator(clock=Clock.system(), mode=mode, seed=4)
        sim.corpus(projects=1, runs=RUNS, datasets=30, examples=1, days=20)
        w, watched = World(monkeypatch, tmp_path, mode, sim=sim), Watched(sim)
        monkeypatch.setattr(main, "START", under_way.in_thread)
        monkeypatch.setattr(main, "SESSION", client.session(under_way.THREADS_MAX))
        with serving(wsgi_app(watched.handle), 0) as url:
            w.configure(LANGSMITH_BASE_URL=url, PAGE_SIZE=str(PAGE), MAX_RESPONSE_MB="0.5")
            yield w, watched

    return serve


@pytest.mark.parametrize(("face", "mode"), [("fivetran", "smithdb"), ("duckdb", "dual"), ("duckdb", "clickhouse")])
def test_a_sync_with_many_requests_under_way_is_complete(served: Serve, face: str, mode: Mode) -> None:
    """Requests overlap, at most sixteen at once. Each page of runs is asked for about once."""
    with served(mode) as (w, watched):
        if face == "fivetran":
            w.fivetran.sync()
        else:
            w.sync_locally()
        w.assert_complete(face)
        assert 3 <= watched.most <= under_way.THREADS_MAX
        assert w.requests("runs") <= 2 * RUNS / PAGE


def test_the_documented_limit_is_kept_with_many_under_way(served: Serve) -> None:
    """Three hundred run queries in ten seconds: none is refused. Where commits are served is asked once, and not counted."""
    with served("smithdb") as (w, _):
        w.sim.rate_limits = True
        w.fivetran.sync()
        w.assert_complete("fivetran")
        assert {request.status for request in w.sim.requests if request.kind != "prompt_commits"} == {200}
