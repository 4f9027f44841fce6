"""Commits of prompts: the list of one prompt's, and pushing one. Their records stand in `simulator.hub`.

The list follows the OpenAPI document of August 2026, which writes its path without a prefix: `/commits/{owner}/{repo}`. Pushing
follows the official SDK (0.15.0, client.py), which asks relative to LANGSMITH_ENDPOINT. Whether another prefix is served too is
not documented, so here it is a 404 (`commits_at`). Of agents, files and skills no commits are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import hub
from simulator.messages import ApiError, Response, answer, invalid
from simulator.resource import Record, Resource

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.hub import Prompt
    from simulator.workspace import Workspace


def list_commits(call: Call) -> Response:
    """GET /commits/{owner}/{repo}: a page, newest first."""
    one = _prompt(call)
    call.query.flag("include_stats")
    offset, limit = call.page()
    limit = limit if call.query.text("limit") else 20
    newest_first = one.commits[::-1]
    page = [hub.commit_record(commit, one) for commit in newest_first[offset : offset + limit]]
    if call.query.flag("include_stats") is not False:
        page = [{**commit, "num_downloads": 0, "num_views": 0} for commit in page]
    return answer({"commits": page, "total": len(newest_first)})


def create_commit(call: Call) -> Response:
    """POST /commits/{owner}/{repo}: a commit that does not name the newest as its parent is a 409."""
    one, body = _prompt(call), call.json_object()
    if not isinstance(body.get("manifest"), dict):
        raise invalid("body", "manifest", "field required", "value_error.missing")
    parent = body.get("parent_commit")
    if one.head and parent is not None and not one.head.hash.startswith(str(parent)):
        raise _refused(409, "parent commit is not the latest")
    hub.push_commit(call.store, one.id, body["manifest"], description=body.get("description"))
    return answer({"commit": hub.commit_record(one.commits[-1], one)})


def _prompt(call: Call) -> Prompt:
    """The prompt of a path. Raises ApiError 404, also where this prefix is not the one that is served."""
    if not call.request.path.startswith(PREFIXES[call.settings.commits_at]):
        raise ApiError(404, "Not Found")
    owner, handle = call.path["owner"], call.path["repo"]
    for one in hub.prompts(call.store).values():
        is_owner = one.tenant is None if owner == hub.OWN else one.owner == owner and one.is_public
        if is_owner and one.handle == handle and one.repo_type == "prompt":
            return one
    raise _refused(404, "not found")


PREFIXES = {"root": "/commits/", "api": "/api/commits/", "v1": "/api/v1/commits/"}


def _refused(status: int, why: str) -> ApiError:
    """A refusal in this service's own form, `{"error": ...}`."""
    return ApiError(status, why, body=f'{{"error":"{why}"}}'.encode())


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_prompt_commit by key: those of the workspace's own prompts."""
    own = [one for one in hub.own_prompts(workspace).values() if one.repo_type == "prompt"]
    return {commit.id: _row(commit, one) for one in own for commit in one.commits}


def _row(commit: hub.Commit, one: Prompt) -> Record:
    return {
        "commit_id": commit.id,
        "prompt_id": one.id,
        "commit_hash": commit.hash,
        "parent_commit_hash": commit.parent.hash if commit.parent else None,
        "description": commit.description,
        "author": commit.author,
        "manifest": commit.manifest,
        "created_at": commit.created_at,
        "updated_at": commit.created_at,
    }


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """Make nothing: prompts are seeded with their commits."""
    del workspace, rng, oldest


RESOURCE = Resource(
    table=hub.COMMITS,
    operations=(
        ("GET", "/commits/{owner}/{repo}", "prompt_commits", list_commits),
        ("POST", "/commits/{owner}/{repo}", "write", create_commit),
    ),
    rows=rows,
    seed=seed,
    unimplemented={"GET /commits/{owner}/{repo}": ("tag",)},
)
