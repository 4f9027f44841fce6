"""Recorded and published answers as the measure: the simulator's have the same keys and the same notations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

from simulator.client import HOST, Api, make
from simulator.info import BATCH_INGEST, QUERY_FLAGS
from simulator.render_v2 import SELECTABLE

FIXTURES = Path(__file__).parent.parent / "data" / "fixtures"


def fixture(name: str) -> Any:
    """One fixture by the beginning of its name."""
    return json.loads(next(FIXTURES.glob(f"{name}*")).read_text())


def notation(value: object) -> str:
    """How a text writes a time: its digits replaced."""
    return re.sub(r"\d", "0", str(value))


def test_dataset_and_experiment() -> None:
    """Fixture 06: the same keys (newer ones aside), and the mixture of naive and aware times in one object."""
    recorded = fixture("06")
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases", created_at="2024-08-03T00:36:23.289730Z")
    trial = sim.workspace.add_project(
        "trial",
        reference_dataset_id=dataset,
        start_time="2024-08-03T00:12:38Z",
        end_time="2024-08-03T00:12:43Z",
    )
    own = api.get(f"/datasets/{dataset}").json()
    assert own.keys() - recorded["dataset"].keys() == {"transformations", "metadata", "baseline_experiment_id"}
    assert recorded["dataset"].keys() <= own.keys()
    assert own["created_at"] == recorded["dataset"]["created_at"]
    own = api.get(f"/sessions/{trial}").json()
    assert own.keys() == recorded["experiment"].keys()
    for name in ("start_time", "end_time", "trace_tier", "test_run_number"):
        assert own[name] == recorded["experiment"][name]


def test_feedback() -> None:
    """Fixture 03: every key of the published answer is there, times in its notation."""
    recorded = fixture("03")
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"))
    ident = sim.workspace.add_feedback(run, "correctness", score=1.0, created_at="2024-05-05T23:23:11.077838Z")
    own = api.get(f"/feedback/{ident}").json()
    assert recorded.keys() <= own.keys()
    assert own["created_at"] == recorded["created_at"]
    assert recorded["feedback_source"].keys() <= own["feedback_source"].keys()


def test_v2_item() -> None:
    """Fixture 08: the same keys, and times, status and details in the same notation."""
    recorded = fixture("08")["page_with_next"]["items"][0]
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    sim.workspace.add_run(
        project,
        start_time="2026-05-31T10:00:00Z",
        end_time="2026-05-31T10:00:01.5Z",
        events=[{"name": "new_token", "time": "2026-05-31T10:00:00.312+00:00", "kwargs": {}}],
        prompt_token_details={},
    )
    own = api.v2_runs(project_ids=[project], selects=sorted(SELECTABLE))[0]
    assert own.keys() - recorded.keys() == {"last_queued_at", "ls_user_id"}
    assert recorded.keys() <= own.keys()
    for name in ("start_time", "end_time"):
        assert notation(own[name]) == notation(recorded[name])
    assert own["events"][0].keys() == recorded["events"][0].keys()
    assert notation(own["events"][0]["time"]) == notation(recorded["events"][0]["time"])
    assert (own["status"], own["prompt_token_details"]) == (recorded["status"], recorded["prompt_token_details"])


def test_feedback_stats() -> None:
    """Fixture 04: each key's statistics have the published members, n being 0 beside counted labels."""
    recorded = fixture("04")["feedback_stats"]
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"))
    sim.workspace.add_feedback(run, "user_score", score=0)
    sim.workspace.add_feedback(run, "user_score", score=0)
    sim.workspace.add_feedback(run, "category", value="CONCEPTUAL")
    own = api.get(f"/runs/{run}").json()["feedback_stats"]
    assert own["category"] == recorded["category"]
    assert own["user_score"] == {**recorded["user_score"], "show_feedback_arrow": True}


@pytest.mark.parametrize(
    ("variant", "page"), [("null", "page_next_null"), ("empty", "last_page_empty_cursors"), ("null", "page_with_next")]
)
def test_v1_pages(variant: Literal["null", "empty"], page: str) -> None:
    """Fixture 07: how pages tell that there is another, and in two ways that there is none."""
    recorded = fixture("07")[page]["cursors"]
    sim, api = make()
    sim.last_page = variant
    project = sim.workspace.add_project("one")
    runs = [sim.workspace.add_run(project) for _ in range(2 if recorded.get("next") else 1)]
    own = api.post("/runs/query", {"session": [project], "limit": 1}).json()["cursors"]
    assert recorded.keys() <= own.keys()
    assert bool(own.get("next")) == bool(recorded.get("next")) == (len(runs) == 2)


def test_offloaded_payloads() -> None:
    """Fixture 09: null beside a ROOT entry of the same members; attachments by prefixed name, urls relative."""
    recorded = fixture("09")
    sim, api = make()
    sim.presigned = "relative"
    run = sim.workspace.add_run(
        sim.workspace.add_project("one"),
        offloaded=("inputs", "outputs"),
        attachments={"testimage": ("image/png", b"")},
    )
    own = api.get(f"/runs/{run}").json()
    for name, value in recorded["run_offloaded_io"].items():
        shown = own[name]
        assert (shown and {key: entry.keys() for key, entry in shown.items()}) == (
            value and {key: entry.keys() for key, entry in value.items()}
        )
    image = recorded["run_self_hosted_relative_url"]["s3_urls"]["attachment.testimage"]
    shown = own["s3_urls"]["attachment.testimage"]
    assert shown.keys() == image.keys()
    assert shown["presigned_url"].partition("=")[0] == image["presigned_url"].partition("=")[0]


def test_info_flags() -> None:
    """Fixture 13: the flags of each kind of deployment and the ingest limits."""
    recorded = fixture("13")
    assert {
        "clickhouse": recorded["clickhouse_only"]["instance_flags"],
        "dual": recorded["dual"]["instance_flags"],
        "smithdb": recorded["smithdb_only"]["instance_flags"],
    } == QUERY_FLAGS
    assert {**recorded["batch_ingest_config"], "use_multipart_endpoint": True} == BATCH_INGEST


def keyed(api: Api, key: str) -> requests.Response:
    """A request with another key."""
    return api.session.get(f"{HOST}/sessions", headers={"X-API-Key": key}, timeout=5)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("400_limit", lambda api: api.post("/runs/query", {"id": [], "limit": 101})),
        ("400_scope", lambda api: api.post("/runs/query", {})),
        ("401_invalid", lambda api: keyed(api, "no")),
        ("401_legacy_key", lambda api: keyed(api, "ls__1")),
        ("404_run", lambda api: api.get("/runs/00000000-0000-4000-8000-000000000009")),
        ("422_fastapi", lambda api: api.get("/feedback", limit=101)),
        ("500", lambda api: api.get("/feedback", key=["x" * 9000])),
    ],
)
def test_refusals(name: str, ask: Callable[[Api], requests.Response]) -> None:
    """Fixture 12: status and body of every refusal that is known, to the letter."""
    recorded = fixture("12")[name]
    _, api = make()
    answer = ask(api)
    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])


def test_v2_problem_details() -> None:
    """Fixture 12: the shape of v2's refusals."""
    recorded = fixture("12")["v2_problem_details"]
    _, api = make("smithdb")
    body = {"project_ids": ["00000000-0000-4000-8000-000000000009"]}
    answer = api.post("/api/v2/runs/query", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (recorded["status"], recorded["content_type"])
    assert answer.json() == recorded["body"]
