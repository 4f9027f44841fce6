"""Recorded and published answers as the measure: the simulator's have the same keys and the same notations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

from simulator import DEFAULT_SERVICE_KEY, Simulator, recorded
from simulator.client import HOST, Api, make
from simulator.info import BATCH_INGEST, QUERY_FLAGS
from simulator.recorded import RECORDED
from simulator.render_v2 import SELECTABLE

FIXTURES = Path(__file__).parent.parent / "data" / "fixtures"
IDENT = "00000000-0000-4000-8000-000000000009"


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


HEADERS = ("X-API-Key", "X-Tenant-Id")


def keyed(_: Simulator, api: Api, key: str, tenant: str | None = None) -> requests.Response:
    """A request with another key, and a workspace only where one is given."""
    headers = dict(zip(HEADERS, (key, tenant), strict=True))
    return api.session.get(f"{HOST}/sessions", headers=headers, timeout=5)


def too_often(sim: Simulator, api: Api) -> requests.Response:
    """More v1 queries than ten seconds may have."""
    sim.rate_limits = True
    return [api.post("/runs/query", {"id": [IDENT]}) for _ in range(4)][-1]


def elsewhere(sim: Simulator, api: Api) -> requests.Response:
    """The host of the pages in place of the API's."""
    api.session.mount("https://eu.smith.langchain.com", sim.adapter())
    return api.session.get("https://eu.smith.langchain.com/api/v1/sessions", timeout=5)


def without_clickhouse(sim: Simulator, api: Api) -> requests.Response:
    """A v1 query where only SmithDB answers."""
    sim.mode = "smithdb"
    return api.post("/runs/query", {"id": [IDENT]})


def missing_project(sim: Simulator, api: Api) -> requests.Response:
    """A v2 query for a project that is not there."""
    sim.mode = "smithdb"
    return api.post("/api/v2/runs/query", {"project_ids": [IDENT]})


PROVOKED: dict[str, Callable[[Simulator, Api], requests.Response]] = {
    "400_limit": lambda _, api: api.post("/runs/query", {"id": [], "limit": 101}),
    "400_scope": lambda _, api: api.post("/runs/query", {}),
    "401_invalid": lambda sim, api: keyed(sim, api, "no"),
    "401_legacy_key": lambda sim, api: keyed(sim, api, "ls__1"),
    "403_forbidden": lambda sim, api: keyed(sim, api, sim.api_key, IDENT),
    "403_org_scoped_key": lambda sim, api: keyed(sim, api, DEFAULT_SERVICE_KEY),
    "404_run": lambda _, api: api.get(f"/runs/{IDENT}"),
    "405_wrong_host": elsewhere,
    "422_fastapi": lambda _, api: api.get("/feedback", limit=101),
    "429_json": too_often,
    "500": lambda _, api: api.get("/feedback", key=["x" * 9000]),
    "501_smithdb_only": without_clickhouse,
    "v2_problem_details": missing_project,
}
"""How a client comes to an error. The other entries are of what stands before LangSmith, or of what it may yet retire."""
ERRORS = [name for name in fixture("12") if not name.startswith("_")]


def same(answer: requests.Response, entry: dict[str, Any]) -> bool:
    """Whether an answer is an entry of fixture 12: status, type, headers, and the body to the letter."""
    body = answer.content.decode() == entry["raw"] if "raw" in entry else answer.json() == entry["body"]
    headers = {"content-type": entry.get("content_type", "application/json"), **entry.get("headers", {})}
    return body and answer.status_code == entry["status"] and all(answer.headers[name] == one for name, one in headers.items())


@pytest.mark.parametrize("name", PROVOKED)
def test_what_a_client_provokes(name: str) -> None:
    """Fixture 12: every refusal that a request can come to."""
    sim, api = make()
    assert same(PROVOKED[name](sim, api), fixture("12")[name])


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_can_be_planned(name: str) -> None:
    """Fixture 12: each entry is a fault by its name, and no other is."""
    sim, api = make()
    fault = sim.faults.add(recorded(name, kind="sessions", nth=2))
    assert api.get("/sessions").status_code == 200
    assert same(api.get("/sessions"), fixture("12")[name])
    assert (fault.struck, set(RECORDED)) == (1, set(ERRORS))
