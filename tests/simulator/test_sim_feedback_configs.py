"""Feedback configs on the simulator, over HTTP and in its truth. The SDK's view of them is in test_sim_sdk."""

from __future__ import annotations

from typing import Any

from simulator import Simulator
from simulator.client import Api, make
from simulator.feedback_keys import configs, put_config
from simulator.resources.feedback_configs import delete_config

URL = "https://api.smith.langchain.com/api/v1/feedback-configs"
STARS: dict[str, Any] = {"type": "continuous", "min": 1, "max": 5}


def workspace(keys: int) -> tuple[Simulator, Api]:
    """A workspace with so many configs, a minute between them, oldest first."""
    sim, api = make()
    for number in range(keys):
        put_config(sim.workspace, f"key {number}", STARS)
        sim.clock.advance(minutes=1)
    return sim, api


def keys(api: Api, **params: str | int | list[str]) -> list[str]:
    """The feedback keys of one answer."""
    return [row["feedback_key"] for row in api.get("/feedback-configs", **params).json()]


def test_a_config_is_whole() -> None:
    """A config has every field of the schema, and those of servers since October 2026. Its timestamp has an offset."""
    sim, api = make()
    put_config(sim.workspace, "stars", STARS, lower_is_better=True)
    assert api.get("/feedback-configs").json() == [
        {
            "id": configs(sim.workspace)["stars"].id,
            "feedback_key": "stars",
            "feedback_config": {"type": "continuous", "min": 1, "max": 5, "categories": None},
            "tenant_id": sim.tenant_id,
            "modified_at": "2026-06-01T00:00:00+00:00",
            "is_lower_score_better": True,
            "is_enforced": False,
            "is_first": True,
            "is_deleted": False,
        }
    ]


def test_pages_and_filters() -> None:
    """Without a limit all configs are answered, with one at most 100, newest first. Keys, or part of a key, filter."""
    _, api = workspace(130)
    assert len(keys(api)) == 130
    assert (len(keys(api, limit=100)), len(keys(api, limit=100, offset=100))) == (100, 30)
    assert api.get("/feedback-configs", limit=101).status_code == 422
    assert keys(api, limit=2, sort_by_desc="true") == keys(api, limit=2) == ["key 129", "key 128"]
    assert keys(api, limit=2, sort_by_desc="false") == ["key 0", "key 1"]
    assert keys(api, key=["key 7", "key 3", "none"]) == ["key 7", "key 3"]
    assert keys(api, name_contains="12") == [
        f"key {number}" for number in (129, 128, 127, 126, 125, 124, 123, 122, 121, 120, 112, 12)
    ]


def test_an_edit_between_pages_moves_a_config_out_of_sight() -> None:
    """A config that is edited between two pages moves to the front: the second page repeats another and misses it."""
    sim, api = workspace(3)
    first = keys(api, limit=2)
    put_config(sim.workspace, "key 0", {"type": "freeform"})
    assert (first, keys(api, limit=2, offset=2)) == (["key 2", "key 1"], ["key 1"])


def test_edits_over_http() -> None:
    """PATCH changes what is sent, DELETE takes a config out of the list and the truth; an unknown key is a 404, no type a 422."""
    sim, api = make()
    put_config(sim.workspace, "stars", STARS, lower_is_better=True)
    sim.clock.advance(hours=1)
    answer = api.session.patch(URL, json={"feedback_key": "stars", "feedback_config": {"type": "freeform"}}, timeout=5).json()
    assert (answer["feedback_config"]["type"], answer["feedback_config"]["min"], answer["is_lower_score_better"]) == (
        "freeform",
        None,
        True,
    )
    assert answer["modified_at"] == "2026-06-01T01:00:00+00:00"
    assert api.session.delete(URL, params={"feedback_key": "stars"}, timeout=5).status_code == 200
    assert (keys(api), sim.workspace.truth()["langsmith_feedback_config"]) == ([], {})
    assert api.session.delete(URL, params={"feedback_key": "stars"}, timeout=5).status_code == 404
    assert api.session.patch(URL, json={"feedback_key": "stars"}, timeout=5).status_code == 404
    assert api.post("/feedback-configs", {"feedback_key": "stars", "feedback_config": {"min": 1}}).status_code == 422
    assert api.post("/feedback-configs", {"feedback_config": STARS}).status_code == 422


def test_truth_and_api_tell_the_same() -> None:
    """The truth and the list hold the same configs of a corpus, of each type."""
    sim, api = make()
    sim.corpus(projects=1, runs=1)
    truth = sim.workspace.truth()["langsmith_feedback_config"]
    listed = {row["feedback_key"]: row for row in api.rows("/feedback-configs")}
    assert {row["type"] for row in truth.values()} == {"continuous", "categorical", "freeform"}
    for key, row in truth.items():
        config = {name: row[name] for name in ("type", "min", "max", "categories")}
        assert config == listed[key]["feedback_config"]
        assert row["is_lower_score_better"] == listed[key]["is_lower_score_better"]
        assert row["modified_at"].isoformat() == listed[key]["modified_at"]
    assert truth.keys() == listed.keys()


def test_configs_draw_no_number_that_others_draw() -> None:
    """Ids of other records do not depend on configs that were made or deleted before."""
    made = []
    for busy in (False, True):
        sim, _ = make()
        if busy:
            delete_config(sim.workspace, put_config(sim.workspace, "stars", STARS))
        made.append(sim.workspace.add_project("one"))
    assert made[0] == made[1]
