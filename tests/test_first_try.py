"""Tests of a first sync that fails: once the wrong value is corrected, the next sync succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from product import World
from simulator import DEFAULT_TENANT_ID, Fault

ELSEWHERE = "77777777-93c1-4c5e-8d5e-0b6a3b2f9a10"
WRONG = {
    "a wrong workspace": ("LANGSMITH_TENANT_ID", ELSEWHERE, Fault(status=403, body={"detail": "Forbidden"}, times=None)),
    "an address of nobody": ("LANGSMITH_BASE_URL", "https://nobody.example.com", Fault(reset=True, times=None)),
    "a wrong key": ("LANGSMITH_API_KEY", "wrong", None),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_is_bound_before_a_success(wrong: str, world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync into the same file succeeds once the value is corrected, and clears the failure from the status."""
    w = world()
    w.sim.corpus(projects=1, runs=5)
    name, value, fault = WRONG[wrong]
    if fault:
        w.sim.faults.add(fault)
    with monkeypatch.context() as patch:
        patch.setenv(name, value)
        status, _ = w.pass_locally()
        assert status >= 400
        assert json.loads(w.request("GET", "/sync").data)["last_error"]["status"] == status
    w.sim.faults.clear()
    w.sync_locally()
    w.assert_complete("duckdb")
    assert json.loads(w.request("GET", "/sync").data)["last_error"] is None


def test_another_workspace_is_refused_by_the_name_of_what_to_delete(world: Callable[..., World]) -> None:
    """A file belongs to one workspace once something was read. The refusal of another names the file to delete."""
    w = world()
    w.sim.corpus(projects=1, runs=5)
    w.sync_locally()
    w.configure(LANGSMITH_TENANT_ID=ELSEWHERE)
    status, answer = w.pass_locally()
    assert status == 400
    assert answer["errorMessage"] == (
        "state: it belongs to another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, "
        "or begin anew with an empty state: re-sync the Fivetran connection, or empty the state store: "
        f"delete the file {w.database}"
    )
    w.configure(LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID)
    w.sync_locally()


@pytest.mark.parametrize("state", [{"source": ""}, {"source": "", "done_to": "2026-05-01T00:00:00Z"}])
def test_a_state_that_is_bound_to_nobody_moves_nothing(state: dict[str, str], world: Callable[..., World]) -> None:
    """A state without a workspace is refused where it holds a position. An empty one fits any workspace."""
    w = world()
    w.sim.corpus(projects=1, runs=5)
    answer = w.post("/fivetran", json.dumps({"state": {"version": 1, **state}}).encode())
    assert answer.status_code == (400 if len(state) > 1 else 200)
