"""A team chooses the metadata's keys of user and environment: by the environment or by a request, through both faces."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from simulation.secret_fields import FACES, MODES, synced

from product import World
from simulator.settings import Mode

METADATA = {"user_id": "by default", "customer.id": "by choice", "environment": "production"}


def planted(w: World) -> str:
    """Add a run with both keys in its metadata."""
    return w.workspace.add_run(w.workspace.add_project("p"), metadata=METADATA, end_time=w.clock.now())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_a_key_reaches_the_rows(world: Callable[..., World], face: str, mode: Mode) -> None:
    """The column has the value under the chosen key, by either API; the other column is read from its default key."""
    w = world(mode)
    run = planted(w)
    w.configure(USER_ID_METADATA_KEY="customer.id")
    row = synced(w, face)["langsmith_run"][run]
    assert (row["user_id"], row["environment"]) == ("by choice", "production")


def test_a_request_chooses_for_itself_and_no_state_changes(world: Callable[..., World]) -> None:
    """A request's key wins over the environment's. A state says nothing of it, and is gone on with by another."""
    w = world("smithdb")
    run = planted(w)
    states = []
    for key, user in (("user_id", "by default"), ("customer.id", "by choice")):
        body = {"state": {}, "secrets": {"USER_ID_METADATA_KEY": key}}
        answer = json.loads(w.post("/fivetran", json.dumps(body).encode()).data)
        (row,) = [one for one in answer["insert"]["langsmith_run"] if one["run_id"] == run]
        assert row["user_id"] == user
        states.append(answer["state"])
    assert states[0].keys() == states[1].keys()
    assert states[0]["source"] == states[1]["source"]
    body = {"state": states[0], "secrets": {"USER_ID_METADATA_KEY": "customer.id"}}
    assert w.post("/fivetran", json.dumps(body).encode()).status_code == 200
