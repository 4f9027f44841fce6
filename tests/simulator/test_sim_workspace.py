"""The workspace behind the simulator, its truth, its retention and its seeded corpus."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import feedback_keys, queues
from simulator.client import make

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_truth_is_whole() -> None:
    """The truth has the complete row of each record, in every table, under a destination's columns."""
    sim, _ = make()
    work = sim.workspace
    dataset = work.add_dataset("cases", description="all", metadata={"m": 1})
    example = work.add_example(dataset, {"q": 1}, {"a": 1}, {"n": 1})
    project = work.add_project("trial", reference_dataset_id=dataset, metadata={"team": "blue"})
    run = work.add_run(
        project,
        start_time="2026-05-31T00:00:00.5Z",
        end_time="2026-05-31T00:00:01Z",
        reference_example_id=example,
        tags=["prod"],
        thread_id="t-1",
        total_cost=0.5,
    )
    feedback = work.add_feedback(run, "stars", score=4, comment="good", created_at="2026-05-31T01:00:00Z")
    feedback_keys.put_config(work, "stars", {"type": "continuous", "min": 1, "max": 5}, lower_is_better=False)
    work.tag_dataset(dataset, "prod", NOW)
    queue = queues.add_queue(work, "to check", reviewers=[queues.ME])
    item = queues.add_item(work, queue, run)
    queues.review(work, queue, item, queues.ME)
    assert work.truth() == {
        "langsmith_annotation_queue": {
            queue: {
                "queue_id": queue,
                "name": "to check",
                "description": None,
                "queue_type": "single",
                "created_at": NOW,
                "updated_at": NOW,
                "default_dataset_id": None,
                "num_reviewers_per_item": 2,
                "enable_reservations": True,
                "reservation_minutes": 1,
                "reviewer_access_mode": "assigned",
                "assigned_reviewers": [{"id": queues.ME, "name": "Reviewer e", "email": "ee@example.com"}],
                "metadata": None,
                "total_runs": 1,
            }
        },
        "langsmith_annotation_queue_item": {
            item: {
                "item_id": item,
                "queue_id": queue,
                "item_type": "run",
                "run_id": run,
                "thread_id": None,
                "project_id": project,
                "status": "needs_others_review",
                "added_at": NOW,
                "effective_added_at": NOW,
                "last_reviewed_time": NOW,
                "start_time": datetime(2026, 5, 31, 0, 0, 0, 500_000, tzinfo=UTC),
                "completed_by": [queues.ME],
                "reserved_by": None,
                "assigned_to": [],
                "agreement_state": "none",
                "has_unresolved_keys": False,
                "key_agreements": None,
                "source_proposed_example_id": None,
            }
        },
        "langsmith_project": {
            project: {
                "project_id": project,
                "name": "trial",
                "description": None,
                "start_time": NOW,
                "end_time": None,
                "reference_dataset_id": dataset,
                "metadata": {"team": "blue"},
                "is_experiment": True,
            }
        },
        "langsmith_dataset": {
            dataset: {
                "dataset_id": dataset,
                "name": "cases",
                "description": "all",
                "created_at": NOW,
                "updated_at": NOW,
                "data_type": "kv",
                "example_count": 1,
                "metadata": {"m": 1},
            }
        },
        "langsmith_example": {
            example: {
                "example_id": example,
                "dataset_id": dataset,
                "dataset_name": "cases",
                "created_at": NOW,
                "updated_at": NOW,
                "inputs": {"q": 1},
                "outputs": {"a": 1},
                "metadata": {"n": 1},
                "source_run_id": None,
            }
        },
        "langsmith_run": {
            run: {
                "run_id": run,
                "project_id": project,
                "project_name": "trial",
                "trace_id": run,
                "parent_run_id": None,
                "run_type": "chain",
                "start_time": datetime(2026, 5, 31, 0, 0, 0, 500000, tzinfo=UTC),
                "end_time": datetime(2026, 5, 31, 0, 0, 1, tzinfo=UTC),
                "name": "run",
                "status": "success",
                "inputs": {"question": "what is it?"},
                "outputs": {"answer": "it is that"},
                "error": None,
                "tags": ["prod"],
                "metadata": {"thread_id": "t-1"},
                "thread_id": "t-1",
                "dotted_order": f"20260531T000000500000Z{run}",
                "total_tokens": 0,
                "prompt_tokens": 0,
                "completion_tokens": 0,
                "total_cost": 0.5,
                "prompt_cost": None,
                "completion_cost": None,
                "first_token_time": None,
                "reference_example_id": example,
                "feedback_stats": {"stars": {"avg": 4.0, "values": {}}},
                "model_name": None,
                "model_provider": None,
                "is_root": True,
                "latency_seconds": 0.5,
                "time_to_first_token_seconds": None,
                "error_type": None,
                "prompt_commit": None,
                "user_id": None,
                "environment": None,
            }
        },
        "langsmith_feedback": {
            feedback: {
                "feedback_id": feedback,
                "run_id": run,
                "trace_id": run,
                "project_id": project,
                "key": "stars",
                "score": 4,
                "value": None,
                "comment": "good",
                "correction": None,
                "source_type": "api",
                "created_at": datetime(2026, 5, 31, 1, tzinfo=UTC),
                "updated_at": datetime(2026, 5, 31, 1, tzinfo=UTC),
                "evaluator_run_id": None,
                "source_name": None,
                "source_user_id": None,
                "source_metadata": None,
            }
        },
        "langsmith_dataset_version": {
            f"{dataset}@2026-06-01T00:00:00.000000Z": {
                "version_id": f"{dataset}@2026-06-01T00:00:00.000000Z",
                "dataset_id": dataset,
                "as_of": NOW,
                "tags": ["latest", "prod"],
            }
        },
        "langsmith_prompt": {},
        "langsmith_prompt_commit": {},
        "langsmith_usage_day": {},
        "langsmith_feedback_config": {
            "stars": {
                "feedback_key": "stars",
                "type": "continuous",
                "min": 1,
                "max": 5,
                "categories": None,
                "is_lower_score_better": False,
                "modified_at": NOW,
            }
        },
    }


def test_truth_and_api_tell_the_same() -> None:
    """Every run of a corpus is the same in the truth and in both APIs, field by field."""
    sim, api = make("dual")
    sim.corpus(projects=3, runs=200)
    truth = sim.workspace.truth()
    v1 = {run["id"]: run for project in truth["langsmith_project"] for run in api.v1_runs(session=[project])}
    names = ["ID", "NAME", "STATUS", "INPUTS", "OUTPUTS", "TOTAL_COST", "TOTAL_TOKENS", "THREAD_ID", "ERROR", "TAGS"]
    projects = list(truth["langsmith_project"])
    body = {"project_ids": projects, "min_start_time": "2026-04-01T00:00:00Z", "include_subtree_usage": True}
    v2 = {run["id"]: run for run in api.v2_runs(**body, selects=names)}
    assert v1.keys() == v2.keys() == truth["langsmith_run"].keys()
    for ident, record in truth["langsmith_run"].items():
        same = ("name", "inputs", "outputs", "total_cost", "total_tokens", "thread_id", "error", "tags")
        assert [v1[ident][name] for name in same] == [v2[ident][name] for name in same]
        assert [v1[ident][name] for name in same] == [record[name] for name in same]
        assert v1[ident]["status"] == v2[ident]["status"].lower() == record["status"]
        assert v1[ident]["start_time"] == record["start_time"].replace(tzinfo=None).isoformat()
    rows: list[dict[str, Any]] = api.rows("/feedback")
    assert {row["id"]: row["score"] for row in rows} == {
        ident: record["score"] for ident, record in truth["langsmith_feedback"].items()
    }


def test_retention_takes_old_runs_unless_their_trace_has_feedback() -> None:
    """A run expires after 14 days, or 400 with feedback anywhere in its trace; its feedback goes with it."""
    sim, api = make()
    work = sim.workspace
    project = work.add_project("one")
    start = NOW - timedelta(days=10)
    plain = work.add_run(project, start_time=start)
    root = work.add_run(project, start_time=start)
    leaf = work.add_run(project, start_time=start, parent_run_id=root)
    work.add_feedback(leaf, "stars", score=1)
    assert {api.get(f"/runs/{run}").json()["trace_tier"] for run in (root, leaf)} == {"longlived"}
    assert api.get(f"/runs/{root}").json()["ttl_seconds"] == 34_560_000
    sim.clock.advance(days=5)
    assert len(api.v1_runs(session=[project])) == 3
    sim.retention = True
    assert {run["id"] for run in api.v1_runs(session=[project])} == {root, leaf}
    assert api.get(f"/runs/{plain}").status_code == 404
    assert api.get(f"/sessions/{project}", include_stats="true").json()["run_count"] == 2
    sim.clock.advance(days=390)
    assert (api.v1_runs(session=[project]), api.get("/feedback").json()) == ([], [])
    assert (work.truth()["langsmith_run"], work.truth()["langsmith_feedback"]) == ({}, {})


def test_moving_a_run_in_time_moves_it_in_the_indexes() -> None:
    """A run with a changed start time is found at the new time only."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, start_time="2026-05-01T00:00:00Z")
    sim.workspace.update_run(run, start_time="2026-05-20T00:00:00Z", name="moved")
    found = api.v1_runs(session=[project], start_time="2026-05-10T00:00:00Z")
    assert [(one["id"], one["name"]) for one in found] == [(run, "moved")]


@pytest.mark.parametrize("seed", [1, 2])
def test_corpus_is_the_same_for_the_same_seed_and_in_the_past(seed: int) -> None:
    """Seed, shape and clock determine the whole corpus, and nothing lies in the clock's future."""
    worlds = []
    for _ in range(2):
        sim, _ = make()
        sim.seed = seed
        sim.corpus(projects=3, runs=100)
        worlds.append(sim.workspace.truth())
    assert worlds[0] == worlds[1]
    moments = [
        value
        for table in worlds[0].values()
        for record in table.values()
        for value in record.values()
        if isinstance(value, datetime)
    ]
    assert max(moments) <= NOW


def test_corpus_has_all_that_can_occur() -> None:
    """The corpus has every type and outcome, nesting, threads, tags, costs, equal start times, and every kind of feedback."""
    sim, api = make()
    sim.corpus(projects=4, runs=1200, datasets=2, examples=30, feedback=0.5, payload_bytes=900)
    truth = sim.workspace.truth()
    runs = list(truth["langsmith_run"].values())
    assert len(runs) == 1200
    assert {run["run_type"] for run in runs} == {"chain", "llm", "tool", "retriever", "prompt", "parser", "embedding"}
    assert Counter(run["status"] for run in runs).keys() == {"success", "error", "pending"}
    assert max(run["dotted_order"].count(".") for run in runs) == 3
    starts = Counter(run["start_time"] for run in runs if run["parent_run_id"] is None)
    assert max(starts.values()) > 1
    assert all(any(run[name] for run in runs) for name in ("thread_id", "tags", "total_cost", "reference_example_id"))
    feedback = list(truth["langsmith_feedback"].values())
    assert {type(one["score"]) for one in feedback} == {float, bool, int, type(None)}
    assert {type(one["value"]) for one in feedback} == {str, dict, int, bool, type(None)}
    assert {type(one["correction"]) for one in feedback} == {str, dict, type(None)}
    assert {one["source_type"] for one in feedback} == {"api", "app", "model", "auto_eval"}
    assert any(one["run_id"] is None for one in feedback)
    assert any(one["updated_at"] > one["created_at"] for one in feedback)
    assert len(truth["langsmith_example"]) == 2 * 27
    sizes = [len(run["inputs"]["input"]) for run in runs if run["run_type"] == "chain"]
    assert set(sizes) == {450}
    assert sum(row["reference_dataset_id"] is not None for row in api.rows("/sessions")) == 1


def test_a_root_carries_what_its_tree_used() -> None:
    """A root's tokens are the sum of its models' tokens; its cost is more than theirs, since tools and retrievers have a fee."""
    sim, _ = make()
    sim.corpus(projects=1, runs=200, datasets=0)
    runs = sim.workspace.truth()["langsmith_run"].values()
    fees = 0
    for root in (run for run in runs if run["parent_run_id"] is None and run["total_tokens"]):
        models = [run for run in runs if run["trace_id"] == root["trace_id"] and run["run_type"] == "llm"]
        assert root["total_tokens"] == sum(run["total_tokens"] for run in models)
        others = root["total_cost"] - sum(run["total_cost"] for run in models)
        assert others == pytest.approx(0) or others > 0.0004
        fees += others > 0.0004
    assert fees
