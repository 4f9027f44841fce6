"""Usage: a run's own and its subtree's, as v1 and v2 show it, and servers that refuse or ignore the request for totals."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Simulator
from simulator.client import Api, make
from simulator.workspace import Workspace

BODY = {"min_start_time": "2026-05-01T00:00:00Z"}
SELECTS = (  # noqa: SIM905  a list of quoted names would fill a screen
    "ID TOTAL_TOKENS PROMPT_TOKENS COMPLETION_TOKENS TOTAL_COST PROMPT_COST COMPLETION_COST PROMPT_TOKEN_DETAILS "
    "COMPLETION_TOKEN_DETAILS PROMPT_COST_DETAILS COMPLETION_COST_DETAILS FIRST_TOKEN_TIME"
).split()
AT = "2026-05-31T10:00:00"


def tree(workspace: Workspace) -> tuple[str, dict[str, str]]:
    """A chain with two models, one of them under a tool that has a fee."""
    project = workspace.add_project("one")
    root = workspace.add_run(project, start_time=f"{AT}Z")
    tool = workspace.add_run(project, parent_run_id=root, run_type="tool", start_time=f"{AT}Z", total_cost=0.01)
    low, high = (
        workspace.add_run(
            project,
            parent_run_id=parent,
            run_type="llm",
            start_time=f"2026-05-31T1{number}:00:00Z",
            total_tokens=10 * number,
            prompt_tokens=9 * number,
            completion_tokens=number,
            total_cost=0.1 * number,
            prompt_cost=0.1,
            prompt_token_details={"cache_read": number},
            prompt_cost_details={"cache_read": 0.1},
            first_token_time=f"2026-05-31T1{number}:00:01Z",
        )
        for number, parent in ((2, root), (1, tool))
    )
    return project, {"root": root, "tool": tool, "low": low, "high": high}


def v2(api: Api, project: str, **body: Any) -> dict[str, dict[str, Any]]:
    """Runs by id, as v2 answers them."""
    found = api.v2_runs(**{**BODY, "selects": SELECTS, "project_ids": [project], **body})
    return {run.pop("id"): run for run in found}


def usage(tokens: int, prompt: int, completion: int, cost: float | None, **others: Any) -> dict[str, Any]:
    """A run's usage as v2 writes it; fields that are not given are null."""
    return {
        "total_tokens": tokens,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_cost": cost,
        **dict.fromkeys(("prompt_cost", "completion_cost", "prompt_token_details", "completion_token_details")),
        **dict.fromkeys(("prompt_cost_details", "completion_cost_details", "first_token_time")),
        **others,
    }


def model(number: int) -> dict[str, Any]:
    """The usage of one of the two models."""
    details = {"prompt_token_details": {"raw": {"cache_read": number}}, "prompt_cost_details": {"raw": {"cache_read": 0.1}}}
    first = {"first_token_time": f"2026-05-31T1{number}:00:01.000Z", "prompt_cost": 0.1}
    return usage(10 * number, 9 * number, number, 0.1 * number, **details, **first)


DETAILS = {"prompt_token_details": {"raw": {"cache_read": 3}}, "prompt_cost_details": {"raw": {"cache_read": 0.2}}}
TOTAL = usage(30, 27, 3, 0.31, prompt_cost=0.2, first_token_time="2026-05-31T11:00:01.000Z", **DETAILS)
BELOW_TOOL = {**model(1), "total_cost": 0.11}


def test_v2_answers_what_each_run_used_itself() -> None:
    """v2 answers a parent's own usage (none, or a fee) without the flag, with false, and for a read of one run."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    own = {runs["root"]: usage(0, 0, 0, None), runs["tool"]: usage(0, 0, 0, 0.01), runs["low"]: model(2), runs["high"]: model(1)}
    assert v2(api, project) == v2(api, project, include_subtree_usage=False) == own
    one = api.get(f"/api/v2/runs/{runs['root']}", project_id=project, selects=["TOTAL_TOKENS"]).json()
    assert one == {"total_tokens": 0}


def test_with_the_flag_a_parent_has_its_subtrees_usage() -> None:
    """With the flag, a parent has sums of tokens, costs and details, and the earliest first token; leaves keep their own."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    found = v2(api, project, include_subtree_usage=True)
    assert found == {runs["root"]: TOTAL, runs["tool"]: BELOW_TOOL, runs["low"]: model(2), runs["high"]: model(1)}


@pytest.mark.parametrize(
    "narrow",
    [
        {"is_root": True},
        {"filter": 'eq(run_type, "chain")'},
        {"max_start_time": "2026-05-31T10:30:00Z", "run_type": "CHAIN"},
        {"page_size": 1, "run_type": "CHAIN"},
    ],
)
def test_descendants_count_whatever_the_request_leaves_out(narrow: dict[str, Any]) -> None:
    """Filters, windows and pages limit the runs that are answered, not those that are summed."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    assert v2(api, project, include_subtree_usage=True, **narrow) == {runs["root"]: TOTAL}


def test_selects_bound_what_is_answered_not_what_is_summed() -> None:
    """A query that selects one figure gets its total."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    found = v2(api, project, include_subtree_usage=True, is_root=True, selects=["ID", "TOTAL_COST"])
    assert found == {runs["root"]: {"total_cost": 0.31}}


def test_v1_always_has_totals() -> None:
    """v1 always answers totals: a parent's usage includes its children's."""
    sim, api = make("clickhouse")
    project, runs = tree(sim.workspace)
    found = {run["id"]: run for run in api.v1_runs(session=[project])}
    root = found[runs["root"]]
    names = ("total_tokens", "total_cost", "prompt_cost", "prompt_token_details", "first_token_time")
    assert [root[name] for name in names] == [30, 0.31, 0.2, {"cache_read": 3}, "2026-05-31T11:00:01"]
    assert found[runs["tool"]]["total_cost"] == 0.11


def test_details_may_stay_each_runs_own() -> None:
    """A switch leaves the details unsummed: the SDK does not say which "selected token and cost fields" are enriched."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    sim.subtree_details = False
    nothing = {"prompt_token_details": None, "prompt_cost_details": None}
    assert v2(api, project, include_subtree_usage=True)[runs["root"]] == {**TOTAL, **nothing}


def test_a_server_may_refuse_the_flag() -> None:
    """An older server refuses the flag with any value, and answers a query without it."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    sim.subtree_usage = "refused"
    for value in (True, False):
        refused = api.post("/api/v2/runs/query", {"project_ids": [project], "include_subtree_usage": value})
        assert (refused.status_code, refused.json()["detail"]) == (400, 'unknown field "include_subtree_usage"')
    assert v2(api, project)[runs["root"]] == usage(0, 0, 0, None)


def test_a_server_may_ignore_the_flag() -> None:
    """An older server ignores the flag, and answers each run's own usage."""
    sim, api = make("smithdb")
    project, _ = tree(sim.workspace)
    sim.subtree_usage = "ignored"
    assert v2(api, project, include_subtree_usage=True) == v2(api, project)


def test_a_flag_that_is_no_flag_is_refused() -> None:
    """A flag of a wrong type is a 400, like any value of a wrong type."""
    sim, api = make("smithdb")
    project, _ = tree(sim.workspace)
    assert api.post("/api/v2/runs/query", {"project_ids": [project], "include_subtree_usage": "yes"}).status_code == 400


def root_tokens(sim: Simulator, api: Api, project: str, root: str) -> int:
    """The root's tokens, which the truth must equal."""
    found: int = v2(api, project, include_subtree_usage=True)[root]["total_tokens"]
    assert sim.workspace.truth()["langsmith_run"][root]["total_tokens"] == found
    return found


def test_totals_follow_their_parts() -> None:
    """A child that is added, indexed late, changed or deleted changes its ancestors' totals."""
    sim, api = make("smithdb")
    project, runs = tree(sim.workspace)
    assert root_tokens(sim, api, project, runs["root"]) == 30
    more = {"parent_run_id": runs["tool"], "total_tokens": 5}
    child = sim.workspace.add_run(project, **more, visible_at="2026-06-01T00:05:00Z")  # type: ignore[arg-type]  # of two types
    assert root_tokens(sim, api, project, runs["root"]) == 30
    sim.clock.advance(minutes=5)
    assert root_tokens(sim, api, project, runs["root"]) == 35
    sim.workspace.update_run(child, total_tokens=7)
    assert root_tokens(sim, api, project, runs["root"]) == 37
    sim.workspace.delete_run(child)
    assert root_tokens(sim, api, project, runs["root"]) == 30


def test_runs_that_are_traced_keep_their_own_usage() -> None:
    """Ingested usage stays with its own run and reaches parents only in totals; a tool reports a fee, a chain nothing."""
    sim, api = make("smithdb")
    usages = {
        "llm": {"total_tokens": 7, "total_cost": 0.5},
        "tool": {"total_tokens": 9, "total_cost": 0.25},
        "chain": {"total_tokens": 8},
    }
    root = "00000000-0000-4000-8000-0000000000b0"
    head = {"trace_id": root, "name": "r", "start_time": "2026-05-31T23:00:00Z", "session_name": "traced"}
    stamp = f"20260531T230000000000Z{root}"
    post: list[dict[str, Any]] = [{**head, "id": root, "run_type": "chain", "dotted_order": stamp}]
    for number, (run_type, reported) in enumerate(usages.items(), 1):
        ident = f"00000000-0000-4000-8000-0000000000b{number}"
        below = {"parent_run_id": root, "dotted_order": f"{stamp}.20260531T23000000000{number}Z{ident}"}
        post.append({**head, **below, "id": ident, "run_type": run_type, "outputs": {"usage_metadata": reported}})
    assert api.post("/runs/batch", {"post": post}).status_code == 202
    project = next(iter(sim.workspace.projects))
    shown = [
        {
            run["id"]: (run["total_tokens"], run["total_cost"])
            for run in api.v2_runs(**BODY, **flag, project_ids=[project], selects=SELECTS)
        }
        for flag in ({}, {"include_subtree_usage": True})
    ]
    ids = [one["id"] for one in post]
    assert shown[0] == dict(zip(ids, [(0, None), (7, 0.5), (0, 0.25), (0, None)], strict=True))
    assert shown[1] == {**shown[0], root: (7, 0.75)}
