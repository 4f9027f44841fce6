"""Tests of several simulated workspaces behind one address."""

import requests

from simulator import Clock, Simulator
from simulator.tenants import Tenants

IDS = ("11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002")


def test_each_request_reaches_the_workspace_that_it_names() -> None:
    """Each workspace takes its own key alone. A request for a workspace that is none of them is refused."""
    sims = [Simulator(Clock("2026-06-01T00:00:00Z"), api_key=f"lsv2_pt_key_{n}", tenant_id=IDS[n]) for n in (0, 1)]
    for number, sim in enumerate(sims):
        sim.workspace.add_project(f"project {number}")
    session = requests.Session()
    session.mount("https://", Tenants(*sims).adapter())

    def asked(tenant: str, key: str) -> tuple[int, list[str]]:
        headers = {"X-Tenant-Id": tenant, "X-API-Key": key}
        answer = session.get("https://api.smith.langchain.com/api/v1/sessions", headers=headers)
        return answer.status_code, [one["name"] for one in answer.json()] if answer.ok else []

    assert asked(IDS[0], "lsv2_pt_key_0") == (200, ["project 0"])
    assert asked(IDS[1].upper(), "lsv2_pt_key_1") == (200, ["project 1"])
    assert asked(IDS[1], "lsv2_pt_key_0") == (401, [])
    assert asked("11111111-0000-4000-8000-000000000003", "lsv2_pt_key_0") == (403, [])
