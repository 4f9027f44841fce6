"""Pages of the list of prompts: the question, and what an answer tells about one prompt.

A state keeps ids of prompts and no names. So work on one prompt asks for its page of the list first, which names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.ids import is_id
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context

PATH = "/api/v1/repos"
TIER = "prompts"
"""The rate limit of questions about prompts and commits (langsmith.pacing)."""
FIXED = (("is_archived", "allow"), ("sort_field", "updated_at"), ("sort_direction", "asc"))
"""Oldest change first: a prompt that is changed while pages are read moves to the end, and is read there again."""


class Named(NamedTuple):
    """What the list tells of a prompt: its name, and the hash of its newest commit, None for none."""

    handle: str
    head: str | None


def page_call(context: Context, offset: int, limit: int) -> Call:
    """Ask for a page of the list, of this workspace's prompts.

    `tenant_id` is documented, and its effect is not: a LangSmith that ignores it lists public prompts of all (`is_own`).
    """
    own = (("tenant_id", context.workspace),) if is_id(context.workspace) else ()
    return Call("GET", PATH, TIER, query=(*FIXED, *own, ("offset", str(offset)), ("limit", str(limit))))


def repos(body: bytes) -> bytes:
    """Return the list in an answer's envelope. Raises MalformedError where there is none."""
    found = json_text.picked(json_text.strict(body, 3), "repos").get("repos")
    if found is None:
        raise json_text.MalformedError("a list of prompts without 'repos'")
    return bytes(found)


@lru_cache(maxsize=1)
def named(body: bytes) -> Mapping[str, Named]:
    """Return what a page tells, by the prompt's id. Raises MalformedError for an answer of unknown shape."""
    found = {}
    for record in json_text.elements(repos(body)):
        fields = json_text.picked(record, "id", "repo_handle", "last_commit_hash")
        texts = {name: json_text.text(raw) for name, raw in fields.items() if json_text.begins(raw, b'"')}
        if "id" in texts and texts.get("repo_handle"):
            found[texts["id"].lower()] = Named(texts["repo_handle"], texts.get("last_commit_hash"))
    return found


def is_own(row: Row, context: Context) -> bool:
    """Tell whether a listed prompt is the workspace's own. One that does not say whose it is counts as such."""
    if not context.workspace or not row["raw"]:
        return True
    tenant = json_text.picked(json_text.from_column(row["raw"]), "tenant_id").get("tenant_id")
    return tenant is None or json_text.text(tenant).lower() in (context.workspace.lower(), "null")
