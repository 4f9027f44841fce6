"""A small client of a simulator, for its own tests and for people at a prompt.

It uses `requests` and the in-process adapter, as other users of the simulator do. It follows pages without any protection, so
that an error of the simulator shows.
"""

from __future__ import annotations

from typing import Any

import requests

from simulator.app import Simulator
from simulator.clock import Clock
from simulator.settings import Mode

NOW = "2026-06-01T00:00:00Z"
Param = str | int | list[str]
HOST = "https://api.smith.langchain.com"


class Api:
    """A client of one simulator."""

    def __init__(self, sim: Simulator, **headers: str) -> None:
        self.session = requests.Session()
        self.session.mount(HOST, sim.adapter())
        self.session.headers.update({"X-API-Key": sim.api_key, "X-Tenant-Id": sim.tenant_id, **headers})

    def get(self, path: str, **params: Param) -> requests.Response:
        """GET under /api/v1, or any path that begins with /api."""
        return self.session.get(_url(path), params=params, timeout=60)

    def from_root(self, path: str, **params: Param) -> requests.Response:
        """GET a path that has no prefix."""
        return self.session.get(HOST + path, params=params, timeout=60)

    def post(self, path: str, body: object) -> requests.Response:
        """POST a JSON body."""
        return self.session.post(_url(path), json=body, timeout=60)

    def rows(self, path: str, **params: Param) -> list[dict[str, Any]]:
        """Every row of an offset list."""
        rows: list[dict[str, Any]] = []
        limit = int(str(params.pop("limit", 100)))
        while True:
            page = self.get(path, **params, offset=len(rows), limit=limit).json()
            rows += page
            if len(page) < limit:
                return rows

    def v1_runs(self, **body: object) -> list[dict[str, Any]]:
        """Every run of a v1 query."""
        runs: list[dict[str, Any]] = []
        while True:
            answer = self.post("/runs/query", body).json()
            runs += answer["runs"]
            cursor = (answer.get("cursors") or {}).get("next")
            if not cursor:
                return runs
            body["cursor"] = cursor

    def v2_runs(self, **body: object) -> list[dict[str, Any]]:
        """Every run of a v2 query."""
        runs: list[dict[str, Any]] = []
        while True:
            answer = self.post("/api/v2/runs/query", body).json()
            runs += answer["items"]
            if not answer.get("next_cursor"):
                return runs
            body["cursor"] = answer["next_cursor"]


def _url(path: str) -> str:
    return HOST + (path if path.startswith("/api") else f"/api/v1{path}")


def make(mode: Mode = "clickhouse", now: str = NOW) -> tuple[Simulator, Api]:
    """A simulator that stands at a fixed moment, and its client."""
    sim = Simulator(clock=Clock(now), mode=mode, seed=1)
    return sim, Api(sim)
