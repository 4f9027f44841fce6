"""Prompts and their commits: the records, what people do with them, and how they are written. No request is answered here.

The API calls prompts "repos". Records follow the OpenAPI document of August 2026 (RepoWithLookups, CommitWithLookups).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from simulator.times import aware

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.store import Store

PROMPTS = "langsmith_prompt"
COMMITS = "langsmith_prompt_commit"
OWN = "-"
"""The owner in a path that means the key's own workspace."""


@dataclass(slots=True, eq=False)
class Commit:
    """One commit of a prompt."""

    id: str
    hash: str
    parent: Commit | None
    description: str | None
    author: str
    manifest: dict[str, Any]
    created_at: datetime


@dataclass(slots=True, eq=False)
class Prompt:
    """One prompt. `tenant` is another workspace's id, None for this one. `commits` are in order, the oldest first."""

    id: str
    handle: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    tenant: str | None = None
    owner: str | None = None
    repo_type: str = "prompt"
    is_public: bool = False
    is_archived: bool = False
    tags: list[str] = field(default_factory=list)
    created_by: str | None = None
    views: int = 0
    commits: list[Commit] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """Owner and handle. A workspace without a handle of its own owns nothing public, and is `-`."""
        return f"{self.owner or OWN}/{self.handle}"

    @property
    def head(self) -> Commit | None:
        """The newest commit."""
        return self.commits[-1] if self.commits else None


# What people do


def prompts(store: Store) -> dict[str, Prompt]:
    """All prompts by id, those of other workspaces too."""
    return store.records[PROMPTS]


def own_prompts(store: Store) -> dict[str, Prompt]:
    """The workspace's own prompts by id."""
    return {key: one for key, one in prompts(store).items() if one.tenant is None}


def make_prompt(store: Store, handle: str, **values: Any) -> str:
    """Make a prompt without a commit. `values` are further fields. Returns its id."""
    now = store.clock.now()
    ident = str(uuid5(NAMESPACE_OID, f"prompt {handle} {now} {len(prompts(store))}"))
    prompts(store)[ident] = Prompt(ident, handle, now, now, **values)
    return ident


def edit_prompt(store: Store, ident: str, **values: Any) -> str:
    """Change fields of a prompt. Returns its id."""
    one = prompts(store)[ident]
    for name, value in values.items():
        setattr(one, name, value)
    one.updated_at = store.clock.now()
    return ident


def view_prompt(store: Store, ident: str) -> str:
    """Count a view. The document calls it a statistic, so it is no update."""
    prompts(store)[ident].views += 1
    return ident


def delete_prompt(store: Store, ident: str) -> str:
    """Delete a prompt with its commits. Its handle may be given again later."""
    return prompts(store).pop(ident).id


def push_commit(
    store: Store, ident: str, manifest: dict[str, Any], *, description: str | None = None, author: str = "Ada L."
) -> str:
    """Push a commit to a prompt, which is an update of the prompt. Returns the commit's hash."""
    one, now = prompts(store)[ident], store.clock.now()
    name = f"{ident} {len(one.commits)} {now}"
    one.commits.append(
        Commit(str(uuid5(NAMESPACE_OID, name)), sha256(name.encode()).hexdigest(), one.head, description, author, manifest, now)
    )
    one.updated_at = now
    return one.commits[-1].hash


# The API's records


def repo_record(one: Prompt, tenant_id: str) -> dict[str, Any]:
    """A RepoWithLookups. `tenant_id` is this workspace's."""
    return {
        "repo_handle": one.handle,
        "description": one.description,
        "readme": None,
        "id": one.id,
        "tenant_id": one.tenant or tenant_id,
        "created_at": aware(one.created_at),
        "updated_at": aware(one.updated_at),
        "is_public": one.is_public,
        "is_archived": one.is_archived,
        "restricted_mode": False,
        "tags": one.tags,
        "original_repo_id": None,
        "upstream_repo_id": None,
        "commit_tags": [],
        "repo_type": one.repo_type,
        "source": "internal",
        "owner": one.owner,
        "full_name": one.full_name,
        "num_likes": 0,
        "num_downloads": 0,
        "num_views": one.views,
        "liked_by_auth_user": False,
        "last_commit_hash": one.head.hash if one.head else None,
        "num_commits": len(one.commits),
        "created_by": one.created_by,
        "original_repo_full_name": None,
        "upstream_repo_full_name": None,
        "latest_commit_manifest": None,
    }


def commit_record(one: Commit, prompt: Prompt) -> dict[str, Any]:
    """A CommitWithLookups. What a commit does not have is left out: the document knows no null."""
    record = {
        "id": one.id,
        "repo_id": prompt.id,
        "commit_hash": one.hash,
        "parent_commit_hash": one.parent.hash if one.parent else None,
        "parent_id": one.parent.id if one.parent else None,
        "description": one.description,
        "full_name": one.author,
        "manifest": one.manifest,
        "manifest_sha": list(bytes.fromhex(one.hash[:8])),
        "example_run_ids": [],
        "created_at": aware(one.created_at),
        "updated_at": aware(one.created_at),
    }
    return {name: value for name, value in record.items() if value is not None}
