"""POST /api/v2/runs/query and GET /api/v2/runs/{id}: newest first; by default only the last day, and only ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from simulator.attributes import V2_ATTRIBUTES
from simulator.call import Call
from simulator.conditions import Scope, Test, speaks_of_feedback
from simulator.cursors import Cursor, query_digest, read_cursor
from simulator.jsontext import array, encode, splice
from simulator.messages import ApiError, Response
from simulator.query import moment_of, uuid_of
from simulator.records import Feedback, Run
from simulator.render_v2 import SELECTABLE, render
from simulator.run_pages import Search, filter_tests, filter_tree, page, position
from simulator.times import parse_time
from simulator.view import View

PAGE_MAX = 1000
ONLY_ID = frozenset({"ID"})


def query_runs(call: Call) -> Response:
    """A page of runs. A cursor in the query string is ignored: the first page comes again."""
    _only_with_smithdb(call)
    body = call.json_object()
    size = _page_size(body) * call.longer
    view = _view(call, body)
    selected = _selects(body.get("selects"))
    digest = query_digest(body, besides=("cursor", "page_size", "selects"))
    cursor = _cursor(call, body, digest)
    low, high = _pinned(cursor) or _window(call, body)
    search = Search([call.store.project_runs[project] for project in _projects(call, body)], low, high)
    if body.get("ids"):
        body = {**body, "ids": {uuid_of("body", "ids", ident) for ident in body["ids"]}}
    search.tests.append(lambda run: run.in_smithdb)
    search.tests.extend(make(body[name]) for name, make in TESTS.items() if body.get(name) is not None)
    filter_tests(body, _scope(call, body), search)
    runs, more = page(call.store, search, cursor.after if cursor else None, size)
    turn = cursor.turn + 1 if cursor else 1
    kept = _cut_short(call, runs, more, turn)
    following = None
    if more or len(kept) < len(runs) or (call.settings.last_page == "trailing" and len(runs) == size):
        after = position(kept[-1]) if kept else cursor.after if cursor else (high, "")
        pinned = (low.isoformat(), high.isoformat())
        following = Cursor(digest, call.settings.cursor_epoch, after, turn, pinned).text(call.settings.cursor_characters)
    content = array([render(run, selected, view) for run in kept])
    return Response(200, splice(_envelope(call, following), [("items", content)]))


def read_run(call: Call) -> Response:
    """One run of one project."""
    _only_with_smithdb(call)
    project = call.query.text("project_id")
    if project is None:
        raise ApiError(400, "project_id is required")
    run = call.store.runs.get(call.ident("run_id"))
    if run is None or run.project_id != project or not (run.in_smithdb and call.finds(run)):
        raise ApiError(404, "run not found")
    return Response(200, render(run, _selects(call.query.many("selects")), replace(call.view, totals=False)))


def _only_with_smithdb(call: Call) -> None:
    if call.settings.mode == "clickhouse":
        status = call.settings.v2_missing_status
        raise ApiError(status, "Not Implemented" if status == 501 else "Not Found")


def _view(call: Call, body: dict[str, Any]) -> View:
    """The view of usage: a run's own, unless subtree totals are asked for and served."""
    asked, served = body.get("include_subtree_usage"), call.settings.subtree_usage
    if asked is not None and served == "refused":
        raise ApiError(400, 'unknown field "include_subtree_usage"')
    if not isinstance(asked, bool | None):
        raise ApiError(400, "include_subtree_usage must be a boolean")
    return replace(call.view, totals=bool(asked) and served == "served", details=call.settings.subtree_details)


def _page_size(body: dict[str, Any]) -> int:
    size = body.get("page_size", 100)
    if not isinstance(size, int) or not 1 <= size <= PAGE_MAX:
        raise ApiError(400, f"page_size must be between 1 and {PAGE_MAX}")
    return size


def _selects(names: list[str] | None) -> frozenset[str]:
    unknown = [name for name in names or () if name not in SELECTABLE]
    if unknown:
        raise ApiError(400, f"unknown selects value: {unknown[0]}")
    return frozenset(names) if names else ONLY_ID


def _cursor(call: Call, body: dict[str, Any], digest: str) -> Cursor | None:
    given = body.get("cursor")
    if not given or call.cursor_fault == "repeat":
        return None
    if call.cursor_fault == "expire":
        raise ApiError(400, "Cursor has expired")
    return read_cursor(str(given), digest, call.settings.cursor_epoch)


def _pinned(cursor: Cursor | None) -> tuple[datetime, datetime] | None:
    """The window that the first page resolved: its end does not move while pages are read."""
    if cursor is None or cursor.pinned is None:
        return None
    return parse_time(cursor.pinned[0]), parse_time(cursor.pinned[1])


def _window(call: Call, body: dict[str, Any]) -> tuple[datetime, datetime]:
    """The window [min_start_time, max_start_time); by default the last 24 hours."""
    now = call.store.clock.now()
    high = _moment(body, "max_start_time") or now
    asked, span_max = _moment(body, "min_start_time"), call.settings.max_span_days
    low = asked or _earliest(call, body) or now - timedelta(days=1)
    if asked is not None and span_max is not None and high - asked > timedelta(days=span_max):
        raise ApiError(400, f"time range must not exceed {span_max} days")
    return low, high


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    return None if body.get(name) is None else moment_of("body", name, body[name])


def _earliest(call: Call, body: dict[str, Any]) -> datetime | None:
    dataset = body.get("reference_dataset_id")
    starts = (item.start_time for item in call.store.projects.values() if item.reference_dataset_id == dataset)
    return min(starts, default=None) if dataset else None


def _projects(call: Call, body: dict[str, Any]) -> list[str]:
    """The ids of the projects to search. Raises ApiError 404 if any of them does not exist."""
    ids, dataset = body.get("project_ids"), body.get("reference_dataset_id")
    if bool(ids) == bool(dataset):
        raise ApiError(400, "exactly one of project_ids and reference_dataset_id must be set")
    if dataset:
        dataset = uuid_of("body", "reference_dataset_id", dataset)
        return [item.id for item in call.store.projects.values() if item.reference_dataset_id == dataset]
    projects = list(dict.fromkeys(uuid_of("body", "project_ids", ident) for ident in ids or ()))
    if any(project not in call.store.projects for project in projects):
        raise ApiError(404, "session not found")
    return projects


def _scope(call: Call, body: dict[str, Any]) -> Scope:
    """The context of filters. A window of feedback changes, if given, limits the feedback that counts."""
    low, high = _moment(body, "min_feedback_modified_at"), _moment(body, "max_feedback_modified_at")
    scope = Scope(call.store, V2_ATTRIBUTES)
    if low is None and high is None:
        return scope
    trees = [filter_tree(body[name], scope) for name in ("filter", "trace_filter", "tree_filter") if body.get(name)]
    if not any(speaks_of_feedback(tree) for tree in trees):
        raise ApiError(400, "min_feedback_modified_at and max_feedback_modified_at need a feedback condition")

    def counts(item: Feedback) -> bool:
        return (low is None or item.modified_at >= low) and (high is None or item.modified_at < high)

    return Scope(call.store, V2_ATTRIBUTES, counts)


# member of the body: makes the test for a value
TESTS: dict[str, Callable[[Any], Test]] = {
    "ids": lambda value: lambda run: run.id in value,
    "trace_id": lambda value: lambda run: run.trace_id == value,
    "run_type": lambda value: lambda run: run.run_type.upper() == value,
    "is_root": lambda value: lambda run: (run.parent_run_id is None) == value,
    "has_error": lambda value: lambda run: (run.error is not None) == value,
    "reference_examples": lambda value: lambda run: run.reference_example_id in value,
}


def _cut_short(call: Call, runs: list[Run], more: bool, turn: int) -> list[Run]:
    """With `short_pages` on, every third page is empty and the others are cut, except for the last."""
    if not call.settings.short_pages or not runs:
        return runs
    return [] if turn % 3 == 2 else runs[: max(1, len(runs) * 2 // 3)] if more else runs


def _envelope(call: Call, following: str | None) -> bytes:
    if following is not None or call.settings.last_page in {"null", "trailing"}:
        return encode({"next_cursor": following})
    return b"{}"
