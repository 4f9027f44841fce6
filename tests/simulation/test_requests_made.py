"""Hosts, headers and page sizes of the requests that each configuration sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from product import World


@pytest.mark.parametrize("host", ["https://eu.api.smith.langchain.com", "https://langsmith.example"])
@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/", "/api/v1", "/v1", "/api/v1/"])
def test_every_form_of_the_address_means_the_same(world: Callable[..., World], host: str, suffix: str) -> None:
    """Each form of the address leads to /api/v1 on its host: with a slash, /api, /api/v1 or /v1 at its end."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"))
    w.configure(LANGSMITH_BASE_URL=host + suffix)
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert {request.base_url for request in w.sim.requests} == {host}
    assert all(request.path.startswith("/api/v1/") for request in w.sim.requests)


@pytest.mark.parametrize("org", ["", "6d2f0f3e-0000-4000-8000-000000000000"])
def test_headers(world: Callable[..., World], org: str) -> None:
    """Every request carries the key and the workspace, and the organisation where one is given."""
    w = world()
    w.sim.corpus(projects=1, runs=10)
    w.configure(LANGSMITH_ORG_ID=org)
    w.fivetran.sync()
    for request in w.sim.requests:
        assert (request.headers["X-API-Key"], request.headers["X-Tenant-Id"]) == (w.sim.api_key, w.sim.tenant_id)
        assert request.headers.get("X-Organization-Id", "") == org


@pytest.mark.parametrize(
    ("mode", "size", "runs"), [("clickhouse", "1000", 100), ("clickhouse", "30", 30), ("smithdb", "1000", 1000)]
)
def test_page_size_is_capped_by_each_endpoint(world: Callable[..., World], mode: str, size: str, runs: int) -> None:
    """PAGE_SIZE asks for no more than an endpoint gives: 100 in lists and on v1, 1,000 runs on v2."""
    w = world(mode)
    project = w.workspace.add_project("p")
    for _ in range(300):
        w.workspace.add_run(project, inputs={"q": 1})
    w.configure(PAGE_SIZE=size)
    w.fivetran.sync()
    lists = {int(dict(r.query)["limit"]) for r in w.sim.requests if r.method == "GET" and "limit" in dict(r.query)}
    bodies = {r.body.get("page_size") or r.body.get("limit") for r in w.sim.requests if r.kind == "runs"}
    assert (max(lists), max(bodies)) == (min(100, int(size)), runs)
