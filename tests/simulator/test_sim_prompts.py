"""Prompts, their commits and usage by day on the simulator, over HTTP and in its truth."""

from __future__ import annotations

import pytest

from simulator import Simulator, hub
from simulator.client import HOST, Api, make
from simulator.corpus_prompts import OTHERS

USAGE = "/orgs/current/billing/granular-usage"
MAY = {"start_time": "2026-05-01T00:00:00Z", "end_time": "2026-06-01T00:00:00Z"}


def workspace(count: int) -> tuple[Simulator, Api, list[str]]:
    """A workspace with so many prompts, a minute between them, each with one commit. Their ids, oldest first."""
    sim, api = make()
    made = []
    for number in range(count):
        made.append(hub.make_prompt(sim.workspace, f"p{number}"))
        hub.push_commit(sim.workspace, made[-1], {"n": number})
        sim.clock.advance(minutes=1)
    return sim, api, made


def handles(api: Api, **params: str | int) -> list[str]:
    """The handles of one answer."""
    return [one["repo_handle"] for one in api.get("/repos", **params).json()["repos"]]


def commits(api: Api, handle: str, **params: str | int) -> list[str]:
    """The hashes of one answer."""
    return [one["commit_hash"] for one in api.from_root(f"/commits/-/{handle}", **params).json()["commits"]]


def test_pages_come_in_the_order_of_changes() -> None:
    """The newest change first, or last; twenty without a limit, a hundred at most. A view is no change."""
    sim, api, made = workspace(30)
    assert handles(api) == [f"p{number}" for number in range(29, 9, -1)]
    assert handles(api, sort_direction="asc", limit=2, offset=1) == ["p1", "p2"]
    assert api.get("/repos", limit=101).status_code == 422
    hub.push_commit(sim.workspace, made[3], {})
    sim.clock.advance(minutes=1)
    hub.edit_prompt(sim.workspace, made[2], description="new")
    hub.view_prompt(sim.workspace, made[5])
    assert handles(api, limit=3) == ["p2", "p3", "p29"]


def test_whose_prompts_are_listed() -> None:
    """Public prompts of others are listed unless `tenant_id` narrows the list, or where it is ignored; private ones never are."""
    sim, api, _ = workspace(1)
    for public in (True, False):
        hub.make_prompt(sim.workspace, f"public {public}", tenant=OTHERS, owner="acme", is_public=public)
    assert handles(api) == ["public True", "p0"]
    assert handles(api, tenant_id=sim.tenant_id) == ["p0"]
    assert handles(api, tenant_id=OTHERS) == ["public True"]
    assert handles(api, is_public="false") == ["p0"]
    sim.repos_narrowed = False
    assert handles(api, tenant_id=sim.tenant_id) == ["public True", "p0"]


def test_archived_prompts_are_listed_on_demand() -> None:
    """`is_archived` is false by default, `allow` lists both."""
    sim, api, made = workspace(2)
    hub.edit_prompt(sim.workspace, made[0], is_archived=True)
    assert [handles(api, **params) for params in ({}, {"is_archived": "true"}, {"is_archived": "allow"})] == [
        ["p1"],
        ["p0"],
        ["p0", "p1"],
    ]


def test_commits_are_newest_first_and_shift() -> None:
    """A commit that is pushed between two pages moves the others to the next page."""
    sim, api, (prompt,) = workspace(1)
    hashes = [hub.push_commit(sim.workspace, prompt, {"n": number}) for number in range(4)]
    first = commits(api, "p0", limit=2)
    hub.push_commit(sim.workspace, prompt, {})
    assert (first, commits(api, "p0", limit=2, offset=2)) == (hashes[:1:-1], hashes[2:0:-1])
    listed = api.get("/repos").json()["repos"][0]
    assert (listed["last_commit_hash"], listed["num_commits"]) == (commits(api, "p0")[0], 6)


@pytest.mark.parametrize(("at", "path"), [("root", "/commits"), ("api", "/api/commits"), ("v1", "/api/v1/commits")])
def test_commits_are_served_at_one_place(at: str, path: str) -> None:
    """Another prefix is a 404, and so is a prompt that is not there, or is none."""
    sim, api, _ = workspace(1)
    sim.commits_at = at  # type: ignore[assignment]  # a row of the table
    hub.make_prompt(sim.workspace, "agent", repo_type="agent")
    paths = ("/commits", "/api/commits", "/api/v1/commits")
    assert [one for one in paths if api.from_root(f"{one}/-/p0").status_code == 200] == [path]
    assert [api.from_root(f"{path}/-/{name}").status_code for name in ("none", "agent")] == [404, 404]


def test_edits_over_http() -> None:
    """POST makes a prompt and pushes a commit, PATCH archives, DELETE takes prompt and commits out of the truth."""
    sim, api, _ = workspace(0)
    assert api.post("/repos", {"repo_handle": "one", "is_public": False}).status_code == 200
    assert api.post("/repos", {"repo_handle": "one", "is_public": False}).status_code == 409
    pushed = api.session.post(f"{HOST}/commits/-/one", json={"manifest": {"a": 1}}, timeout=5).json()["commit"]
    assert (
        api.session.post(f"{HOST}/commits/-/one", json={"manifest": {}, "parent_commit": "0" * 8}, timeout=5).status_code == 409
    )
    assert api.session.patch(f"{HOST}/api/v1/repos/-/one", json={"is_archived": True}, timeout=5).json()["repo"]["is_archived"]
    truth = sim.workspace.truth()
    assert [row["last_commit_hash"] for row in truth[hub.PROMPTS].values()] == [pushed["commit_hash"]]
    assert [row["manifest"] for row in truth[hub.COMMITS].values()] == [{"a": 1}]
    assert api.session.delete(f"{HOST}/api/v1/repos/-/one", timeout=5).status_code == 200
    assert (sim.workspace.truth()[hub.PROMPTS], sim.workspace.truth()[hub.COMMITS]) == ({}, {})


def test_prompts_have_a_limit_of_their_own() -> None:
    """A hundred requests a minute for prompts and commits together; others do not count."""
    sim, api, _ = workspace(1)
    sim.rate_limits = True
    asked = [api.get("/repos", limit=1).status_code for _ in range(60)] + [len(commits(api, "p0")) for _ in range(40)]
    assert asked == [200] * 60 + [1] * 40
    assert [api.get("/repos").status_code, api.from_root("/commits/-/p0").status_code] == [429, 429]
    assert api.get("/sessions").status_code == 200


def test_usage_is_counted_by_day_and_project() -> None:
    """A trace counts on the day of its root's start, once, and stays counted after its run and project are gone."""
    sim, api = make()
    sim.usage_readable, api.session.headers["X-Organization-Id"] = True, OTHERS
    work = sim.workspace
    one, two = work.add_project("one"), work.add_project("two")
    root = work.add_run(one, start_time="2026-05-30T23:59:59Z")
    work.add_run(one, start_time="2026-05-31T00:00:00Z", parent_run_id=root)
    work.add_run(two, start_time="2026-05-31T05:00:00Z")
    work.delete_project(one)
    answer = api.get(USAGE, **MAY, workspace_ids=sim.tenant_id, group_by="project").json()
    shown = [
        (row["time_bucket"], row["dimensions"]["project_id"], row["dimensions"]["project_name"], row["traces"])
        for row in answer["usage"]
    ]
    assert answer["stride"] == {"days": 1, "hours": 0}
    assert shown == [("2026-05-30T00:00:00+00:00", one, None, 1), ("2026-05-31T00:00:00+00:00", two, "two", 1)]
    assert [row["traces"] for row in work.truth()["langsmith_usage_day"].values()] == [1, 1]
    of_others = api.get(USAGE, **MAY, workspace_ids=OTHERS, group_by="project").json()
    assert of_others["usage"] == []


def test_usage_belongs_to_the_organisation() -> None:
    """Without the organisation, or for a key that may not read it, usage is a 403 and no truth. Over 31 days it is a 400."""
    sim, api = make()
    sim.workspace.add_run(sim.workspace.add_project("one"))
    asked = {**MAY, "workspace_ids": sim.tenant_id}
    assert api.get(USAGE, **asked).status_code == 403
    api.session.headers["X-Organization-Id"] = OTHERS
    assert (api.get(USAGE, **asked).status_code, sim.workspace.truth()["langsmith_usage_day"]) == (403, {})
    sim.usage_readable = True
    assert api.get(USAGE, **asked).status_code == 200
    assert api.get(USAGE, **{**asked, "start_time": "2026-04-30T23:59:59Z"}).status_code == 400
    assert api.get(USAGE, **MAY).status_code == 422


def test_prompts_draw_no_number_that_others_draw() -> None:
    """Ids of other records do not depend on prompts that were made before."""
    made = []
    for busy in (False, True):
        sim, _ = make()
        if busy:
            hub.push_commit(sim.workspace, hub.make_prompt(sim.workspace, "one"), {})
        made.append(sim.workspace.add_project("one"))
    assert made[0] == made[1]
