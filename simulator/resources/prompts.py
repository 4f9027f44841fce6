"""Prompts: the list, one prompt, and changing them. Their records stand in `simulator.hub`.

The answers follow the OpenAPI document of August 2026; deleting and changing follow the official SDK (0.15.0, client.py).
Where nobody says, the answer is the hardest: without `tenant_id` the public prompts of all workspaces are listed, without
`is_archived` no archived ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import hub
from simulator.corpus_prompts import fill, manifest
from simulator.messages import ApiError, Response, answer, invalid
from simulator.query import uuid_of
from simulator.resource import Action, Record, Resource

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.hub import Prompt
    from simulator.workspace import Workspace

SORTS = ("num_likes", "num_downloads", "num_views", "updated_at", "relevance")
ARCHIVED = ("true", "allow", "false")
BY_VIEWS = "num_views"


def list_prompts(call: Call) -> Response:
    """GET /repos: a page, in the order of `updated_at`; the newest first unless `sort_direction` is asc."""
    query = call.query
    by = query.choice("sort_field", SORTS, "updated_at")
    newest_first = query.choice("sort_direction", ("asc", "desc"), "desc") == "desc"
    found = [one for one in hub.prompts(call.store).values() if _is_listed(call, one)]
    found.sort(key=lambda one: (one.views if by == BY_VIEWS else 0, one.updated_at, one.id), reverse=newest_first)
    offset, limit = _page(call)
    page = [hub.repo_record(one, call.tenant_id) for one in found[offset : offset + limit]]
    return answer({"repos": page, "total": len(found)})


def _page(call: Call) -> tuple[int, int]:
    """Offset and limit. Without a limit the document gives 20."""
    offset, limit = call.page()
    return offset, limit if call.query.text("limit") else 20


def _is_listed(call: Call, one: Prompt) -> bool:
    query = call.query
    archived, public = query.choice("is_archived", ARCHIVED, "false"), query.text("is_public")
    tenant = query.text("tenant_id")
    kept = [
        one.tenant is None or one.is_public,
        archived == "allow" or one.is_archived == (archived == "true"),
        public is None or one.is_public == (public == "true"),
        query.flag("has_commits") in (None, bool(one.commits)),
        query.text("repo_type") in (None, one.repo_type),
    ]
    if tenant is not None and call.settings.repos_narrowed:
        kept.append((one.tenant or call.tenant_id) == uuid_of("query", "tenant_id", tenant))
    return all(kept)


def read_prompt(call: Call) -> Response:
    """GET /repos/{owner}/{repo}."""
    return answer({"repo": hub.repo_record(_named(call), call.tenant_id)})


def create_prompt(call: Call) -> Response:
    """POST /repos: a handle that is taken is a 409."""
    body = call.json_object()
    handle = str(body.get("repo_handle") or "")
    if not handle:
        raise invalid("body", "repo_handle", "field required", "value_error.missing")
    if any(one.handle == handle for one in hub.own_prompts(call.store).values()):
        raise ApiError(409, "Repo already exists")
    made = hub.make_prompt(call.store, handle, **_changes(body))
    return answer({"repo": hub.repo_record(hub.prompts(call.store)[made], call.tenant_id)})


def update_prompt(call: Call) -> Response:
    """PATCH /repos/{owner}/{repo}: changes what is sent."""
    one = _named(call)
    hub.edit_prompt(call.store, one.id, **_changes(call.json_object()))
    return answer({"repo": hub.repo_record(one, call.tenant_id)})


def remove_prompt(call: Call) -> Response:
    """DELETE /repos/{owner}/{repo}."""
    hub.delete_prompt(call.store, _named(call).id)
    return answer({})


def _changes(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("description", "is_public", "is_archived", "tags") if body.get(name) is not None}


def _named(call: Call) -> Prompt:
    owner, handle = call.path["owner"], call.path["repo"]
    for one in hub.prompts(call.store).values():
        is_owner = one.tenant is None if owner == hub.OWN else one.owner == owner
        if is_owner and one.handle == handle:
            return one
    raise ApiError(404, "Repo not found")


# Truth, seeded data, and what happens in a workspace in use


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_prompt by key: the workspace's own."""
    return {key: _row(one) for key, one in hub.own_prompts(workspace).items()}


SAME = ("full_name", "owner", "description", "repo_type", "is_public", "is_archived", "tags", "created_by")


def _row(one: Prompt) -> Record:
    return {
        "prompt_id": one.id,
        "repo_handle": one.handle,
        **{name: getattr(one, name) for name in SAME},
        "num_commits": len(one.commits),
        "num_views": one.views,
        "last_commit_hash": one.head.hash if one.head else None,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """Prompts of every kind with some commits each, and two of another workspace or another type."""
    fill(workspace, rng, oldest)


def is_made(workspace: Workspace, rng: Random) -> object:
    """A prompt is made, with a commit or without one."""
    made = hub.make_prompt(workspace, f"prompt-{rng.randint(0, 10**6)}", created_by="Grace H.")
    return hub.push_commit(workspace, made, manifest(rng)) if rng.random() < 0.8 else made


def _of_one(workspace: Workspace, rng: Random) -> str:
    """The id of an own prompt, made where there is none."""
    known = sorted(hub.own_prompts(workspace)) or [hub.make_prompt(workspace, "first-prompt")]
    return rng.choice(known)


def is_committed(workspace: Workspace, rng: Random) -> object:
    """A commit is pushed to a prompt; sometimes several at once."""
    made = _of_one(workspace, rng)
    return [hub.push_commit(workspace, made, manifest(rng), description="better") for _ in range(rng.choice((1, 1, 3)))]


def is_edited(workspace: Workspace, rng: Random) -> object:
    """A prompt is described anew, archived, or taken out of the archive."""
    made = _of_one(workspace, rng)
    return hub.edit_prompt(workspace, made, description=f"for {rng.randint(1, 99)} uses", is_archived=rng.random() < 0.3)


def is_viewed(workspace: Workspace, rng: Random) -> object:
    """A prompt is looked at: a counter moves, and no time."""
    return hub.view_prompt(workspace, _of_one(workspace, rng))


def is_deleted(workspace: Workspace, rng: Random) -> object:
    """A prompt goes with its commits, if there is one."""
    known = sorted(hub.own_prompts(workspace))
    return hub.delete_prompt(workspace, rng.choice(known)) if known else None


RESOURCE = Resource(
    table=hub.PROMPTS,
    operations=(
        ("GET", "/repos", "prompts", list_prompts),
        ("GET", "/repos/{owner}/{repo}", "prompt", read_prompt),
        ("POST", "/repos", "write", create_prompt),
        ("PATCH", "/repos/{owner}/{repo}", "write", update_prompt),
        ("DELETE", "/repos/{owner}/{repo}", "write", remove_prompt),
    ),
    rows=rows,
    seed=seed,
    actions={
        "prompt_is_made": Action(1, is_made),
        "prompt_is_committed": Action(2, is_committed),
        "prompt_is_edited": Action(0.7, is_edited),
        "prompt_is_viewed": Action(3, is_viewed),
        "prompt_is_deleted": Action(0.5, is_deleted),
    },
    unimplemented={
        "GET /repos": (
            *("tenant_handle", "query", "tags", "upstream_repo_owner", "upstream_repo_handle", "tag_value_id", "repo_types"),
            *("source", "with_latest_manifest", "match_prefix"),
        ),
    },
)
