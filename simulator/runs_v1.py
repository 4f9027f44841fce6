"""POST /runs/query and GET /runs/{id} of v1: deprecated, not served where only SmithDB answers, and full of traps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.attributes import ATTRIBUTES
from simulator.call import Call
from simulator.conditions import Scope, Test, full_text
from simulator.cursors import Cursor, query_digest, read_cursor
from simulator.jsontext import array, encode, splice
from simulator.messages import ApiError, Response, answer, invalid
from simulator.query import moment_of, uuid_of
from simulator.recorded import NO_SCOPE
from simulator.records import Run
from simulator.render_v1 import DEFAULT_SELECT, FIELDS, SELECTABLE, render
from simulator.run_pages import Search, filter_tests, filter_tree, page, position
from simulator.timeline import Timeline

DEPRECATED = (("Deprecation", "true"), ("Sunset", "Sun, 31 Jan 2027 00:00:00 GMT"))
SCOPES = ("session", "id", "parent_run", "trace", "reference_example")
PAGE_MAX = 100
TRACE_MAX = 25_000
EVERYTHING = frozenset(SELECTABLE) & (frozenset(FIELDS) | DEFAULT_SELECT)


def query_runs(call: Call) -> Response:
    """A page of runs."""
    only_with_clickhouse(call)
    body = call.json_object()
    size = _limit(body) * call.longer
    selected = _select(body)
    search = search_of(call, body)
    digest = query_digest(body, besides=("cursor", "limit", "select"))
    given = body.get("cursor") if call.cursor_fault != "repeat" and not body.get("trace") else None
    if given and call.cursor_fault == "expire":
        raise ApiError(400, "Cursor has expired")
    cursor = read_cursor(str(given), digest, call.settings.cursor_epoch) if given else None
    runs, more = page(call.store, search, cursor.after if cursor else None, TRACE_MAX if body.get("trace") else size)
    trailing = call.settings.last_page == "trailing" and len(runs) == size
    following = None
    if runs and (more or trailing):
        following = Cursor(digest, call.settings.cursor_epoch, position(runs[-1])).text(call.settings.cursor_characters)
    content = array([render(run, selected, call.view) for run in runs])
    return Response(200, splice(_envelope(call, following), [("runs", content)])).with_headers(*DEPRECATED)


def read_run(call: Call) -> Response:
    """One run with every field."""
    only_with_clickhouse(call)
    run = call.store.runs.get(call.ident("run_id"))
    sessions = call.query.ids("session_id")
    if run is None or not call.finds(run) or (sessions and run.project_id not in sessions):
        raise ApiError(404, "Run not found")
    selected = EVERYTHING - {"serialized"} if call.query.flag("exclude_serialized") else EVERYTHING
    return Response(200, render(run, selected, call.view)).with_headers(*DEPRECATED)


def validate_query(call: Call) -> Response:
    """Check a query's filter without running the query."""
    body = call.json_object()
    errors = []
    for name in ("filter", "trace_filter", "tree_filter"):
        try:
            if body.get(name):
                filter_tree(body[name], Scope(call.store, ATTRIBUTES))
        except ApiError as error:
            errors.append({"field": name, "message": str(error.detail)})
    return answer({"valid": not errors, "errors": errors})


def only_with_clickhouse(call: Call) -> None:
    """Refuse v1 where only SmithDB answers, with the status that `v1_missing_status` sets."""
    if call.settings.mode == "smithdb" or call.settings.v1_ended:
        status = call.settings.v1_missing_status
        raise ApiError(status, {501: "Not Implemented", 410: "Gone", 404: "Not Found"}[status])


def _limit(body: dict[str, Any]) -> int:
    limit = body.get("limit", PAGE_MAX)
    if not isinstance(limit, int) or limit < 1:
        raise invalid("body", "limit", "ensure this value is greater than or equal to 1", "value_error.number.not_ge")
    if limit > PAGE_MAX:
        raise ApiError(400, f"Limit exceeds maximum allowed value of {PAGE_MAX}")
    return limit


def _select(body: dict[str, Any]) -> frozenset[str]:
    names = body.get("select")
    if names is None:
        return DEFAULT_SELECT
    unknown = [name for name in names if name not in SELECTABLE]
    if unknown:
        raise invalid("body", "select", f"value is not a valid enumeration member: {unknown[0]}", "type_error.enum")
    return frozenset(names)


def _envelope(call: Call, following: str | None) -> bytes:
    """The answer except its runs. The `last_page` setting says how the last page is marked."""
    rest: dict[str, Any] = {"search_cursors": None, "parsed_query": None}
    if following is not None or call.settings.last_page in {"null", "trailing"}:
        return encode({**rest, "cursors": {"next": following, "prev": None}})
    return encode({**rest, "cursors": {}} if call.settings.last_page == "empty" else rest)


def search_of(call: Call, body: dict[str, Any]) -> Search:
    """The search of a query. With ids every other condition is ignored."""
    if not any(body.get(name) for name in SCOPES):
        raise ApiError(400, NO_SCOPE)
    search = Search(_timelines(call, body), newest_first=_newest_first(body))
    if not body.get("id"):
        search.low = moment_of("body", "start_time", body["start_time"]) if body.get("start_time") else None
        search.tests.extend(_tests(call, body, search))
        filter_tests(body, Scope(call.store, ATTRIBUTES), search)
    return search


def _newest_first(body: dict[str, Any]) -> bool:
    order = body.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise invalid("body", "order", "value is not a valid enumeration member: asc, desc", "type_error.enum")
    return bool(order == "desc")


def _timelines(call: Call, body: dict[str, Any]) -> list[Timeline[Run]]:
    store = call.store
    if body.get("id"):
        wanted: Timeline[Run] = Timeline()
        for ident in dict.fromkeys(uuid_of("body", "id", value) for value in body["id"]):
            if ident in store.runs:
                wanted.add(store.runs[ident].start_time, ident, store.runs[ident])
        return [wanted]
    if body.get("trace"):
        return [store.trace_runs[uuid_of("body", "trace", body["trace"])]]
    if body.get("session"):
        sessions = [uuid_of("body", "session", value) for value in body["session"]]
        honoured = sessions[:1] if call.settings.first_session_only else list(dict.fromkeys(sessions))
        return [store.project_runs[session] for session in honoured]
    if body.get("reference_example"):
        return [store.example_runs[uuid_of("body", "reference_example", one)] for one in body["reference_example"]]
    parent = store.runs.get(uuid_of("body", "parent_run", body["parent_run"]))
    return [store.trace_runs[parent.trace_id]] if parent else [Timeline()]


# member of the body: makes the test for a value
TESTS: dict[str, Callable[[Any], Test]] = {
    "run_type": lambda value: lambda run: run.run_type == value,
    "is_root": lambda value: lambda run: (run.parent_run_id is None) == value,
    "execution_order": lambda _: lambda run: run.parent_run_id is None,
    "error": lambda value: lambda run: (run.error is not None) == value,
    "trace": lambda value: lambda run: run.trace_id == value,
    "parent_run": lambda value: lambda run: run.parent_run_id == value,
    "reference_example": lambda value: lambda run: run.reference_example_id in value,
    "query": lambda value: full_text(str(value)),
    "search_filter": lambda value: full_text(str(value)),
}


def _tests(call: Call, body: dict[str, Any], search: Search) -> list[Test]:
    tests = [make(body[name]) for name, make in TESTS.items() if body.get(name) is not None]
    if body.get("end_time"):
        end = moment_of("body", "end_time", body["end_time"])
        if call.settings.end_time_param == "window_end":
            search.high = end
        else:
            tests.append(lambda run: run.end_time is not None and run.end_time <= end)
    return tests
