"""The same run queries for all programs that are not ours: every run, every field that we ask for, the largest pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.work import Work
from langsmith_core.streams.run_queries import V1_SELECT, V2_SELECTS


@dataclass(frozen=True)
class Names:
    """An API's path of run queries, and where its answers hold runs and the cursor."""

    path: str
    records: str
    cursor_path: str
    cursor: Callable[[Any], str | None]


NAMES = {
    "v1": Names("/api/v1/runs/query", "runs", "cursors.next", lambda answer: answer["cursors"]["next"]),
    "v2": Names("/api/v2/runs/query", "items", "next_cursor", lambda answer: answer["next_cursor"]),
}


def of(work: Work) -> list[dict[str, Any]]:
    """Return the request bodies. v1 takes one project at a time."""
    if work.api == "v1":
        alike = {"start_time": work.since, "select": V1_SELECT, "limit": work.page_size}
        return [{"session": [project], **alike} for project in work.projects]
    scope = {"project_ids": work.projects, "min_start_time": work.since, "include_subtree_usage": True}
    return [{**scope, "selects": V2_SELECTS, "page_size": work.page_size}]
