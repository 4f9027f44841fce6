"""How LangSmith is asked, and what its pages hold: every path, parameter and field name of a request is in this file.

Pure: a slice becomes a Call, an answer's body becomes a Page. Not here: sending, retrying, or what comes next.
Sources: the OpenAPI documents of June 2026 (v1) and May 2026 (v2 alpha), the SDK 0.15.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from langsmith_core import jsontext
from langsmith_core.state import Slice
from langsmith_core.streams import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.times import parse, render
from langsmith_core.windows import FAST_TIER

LIST_ROWS_MAX = 100
RUN_ROWS_MAX = {"v1": 100, "v2": 1000}


class Call(Struct, frozen=True):
    """One request: GET with a query, or POST with a body. `tier` names its rate limit (pacing has the table)."""

    method: str
    path: str
    tier: str = "any"
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None


class Reply(Struct, frozen=True):
    """An answer's body, and when the request was made by LangSmith's clock."""

    body: bytes
    at: datetime


Fetch: TypeAlias = Callable[[Call], Reply]
"""Send a call, with all its retries. Raises SyncError."""


class Source(Protocol):
    """The one way out."""

    def fetch(self, call: Call) -> Reply:
        """Send a call, with all its retries. Raises SyncError."""

    def download(self, address: str, bytes_max: int) -> bytes:
        """What an address that LangSmith has signed leads to, asked without our key. Raises UpstreamError."""


class Page(Struct, frozen=True):
    """Records as strict JSON texts, in the order they came, and the provider's cursor to the next page."""

    records: list[bytes]
    cursor: str | None = None


class List(Struct, frozen=True):
    """An offset list: its path, the parameter that takes the slice's parents, what is always sent."""

    path: str
    parents: str
    fixed: tuple[tuple[str, str], ...] = ()
    bounds: tuple[str, str] | None = None


LISTS: Mapping[str, List] = {
    # Oldest first: what is added while pages are read comes at the end and shifts nothing.
    PROJECT.table: List(
        "/api/v1/sessions", "id", (("include_stats", "true"), ("sort_by", "start_time"), ("sort_by_desc", "false"))
    ),
    DATASET.table: List("/api/v1/datasets", "id", (("sort_by", "created_at"), ("sort_by_desc", "false"))),
    EXAMPLE.table: List("/api/v1/examples", "dataset", (("order", "id"),)),
    FEEDBACK.table: List("/api/v1/feedback", "session", bounds=("min_created_at", "max_created_at")),
}

# The fields v1 answers by default, and the three that hold addresses of offloaded payloads, which it does not.
V1_SELECT = (  # noqa: SIM905  a list of 43 quoted words would hide the missing ones
    "id name run_type start_time end_time status error extra events inputs outputs parent_run_id manifest_id manifest_s3_id "
    "session_id serialized reference_example_id reference_dataset_id total_tokens prompt_tokens completion_tokens "
    "prompt_token_details completion_token_details total_cost prompt_cost completion_cost prompt_cost_details "
    "completion_cost_details price_model_id first_token_time trace_id dotted_order last_queued_at feedback_stats "
    "parent_run_ids tags in_dataset app_path trace_tier trace_first_received_at ttl_seconds trace_upgrade thread_id "
    "inputs_s3_urls outputs_s3_urls s3_urls"
).split()
# Not asked for: share_token and SHARE_URL, which open a run to whoever holds them; manifests, previews and messages, which
# repeat what other fields hold.
V2_SELECTS = (  # noqa: SIM905  as above
    "ID NAME RUN_TYPE STATUS START_TIME END_TIME LATENCY_SECONDS FIRST_TOKEN_TIME ERROR EXTRA METADATA EVENTS INPUTS OUTPUTS "
    "PARENT_RUN_IDS PROJECT_ID TRACE_ID THREAD_ID DOTTED_ORDER IS_ROOT REFERENCE_EXAMPLE_ID REFERENCE_DATASET_ID "
    "TOTAL_TOKENS PROMPT_TOKENS COMPLETION_TOKENS TOTAL_COST PROMPT_COST COMPLETION_COST PROMPT_TOKEN_DETAILS "
    "COMPLETION_TOKEN_DETAILS PROMPT_COST_DETAILS COMPLETION_COST_DETAILS PRICE_MODEL_ID TAGS APP_PATH ATTACHMENTS "
    "THREAD_EVALUATION_TIME IS_IN_DATASET LAST_QUEUED_AT FEEDBACK_STATS"
).split()

INFO = Call("GET", "/api/v1/info")
CREDENTIALS = Call("GET", "/api/v1/sessions", query=(("limit", "1"), ("include_stats", "false")))
"""`/info` needs no key, so it proves nothing; one project is the cheapest answer that does."""


def rows_max(table: str, api: str, page_size: int) -> int:
    """The page size to ask for: the configured one, capped by the endpoint's own maximum."""
    return min(page_size, RUN_ROWS_MAX[api] if table == RUN.table else LIST_ROWS_MAX)


def call(piece: Slice, api: str, limit: int) -> Call:
    """The request for the slice's next page of at most `limit` rows."""
    if piece.table == RUN.table:
        return _runs_v1(piece, limit) if api == "v1" else _runs_v2(piece, limit)
    shape = LISTS[piece.table]
    if piece.ids and piece.table != EXAMPLE.table:
        stats = (("include_stats", "true"),) if piece.table == PROJECT.table else ()
        return Call("GET", f"{shape.path}/{piece.ids[0]}", query=stats)
    query = [*shape.fixed, *((shape.parents, parent) for parent in piece.parents), *(("id", one) for one in piece.ids)]
    if shape.bounds and piece.lo and piece.hi:
        query += [(shape.bounds[0], render(piece.lo)), (shape.bounds[1], render(piece.hi))]
    elif piece.hi:
        query.append(("as_of", render(piece.hi)))
    offset = 0 if piece.ids else piece.offset
    return Call("GET", shape.path, query=(*query, ("offset", str(offset)), ("limit", str(limit))))


def named(name_or_id: str, *, is_id: bool) -> Call:
    """The project of exactly this name or id, if there is one."""
    return Call(
        "GET",
        LISTS[PROJECT.table].path,
        query=(("id" if is_id else "name", name_or_id), ("include_stats", "false"), ("limit", "1")),
    )


def by_ids(table: str, ids: tuple[str, ...]) -> Call:
    """Projects or datasets by id: at most 50, more are known to fail (langsmith-sdk #859)."""
    shape = LISTS[table]
    return Call("GET", shape.path, query=(*((shape.parents, one) for one in ids), ("limit", str(LIST_ROWS_MAX))))


def versions(dataset: str) -> Call:
    """The versions of a dataset, as many as a page holds; that the newest comes first is not documented."""
    return Call("GET", f"/api/v1/datasets/{dataset}/versions", query=(("limit", str(LIST_ROWS_MAX)),))


def newest(body: bytes) -> datetime | None:
    """The newest of a dataset's versions; None where it has none. Raises MalformedError for one that is no time."""
    found = [jsontext.members(one).get("as_of", b"") for one in jsontext.elements(jsontext.strict(body, 2))]
    try:
        return max((parse(jsontext.text(one)) for one in found if one), default=None)
    except (ValueError, OverflowError) as error:
        raise jsontext.MalformedError("a version of a dataset that is no time") from error


def difference(piece: Slice) -> Call:
    """What was added, modified and removed between the two versions of an examples slice."""
    assert piece.lo is not None  # noqa: S101  only a slice between two versions has a difference
    assert piece.hi is not None  # noqa: S101
    query = (("from_version", render(piece.lo)), ("to_version", render(piece.hi)))
    return Call("GET", f"/api/v1/datasets/{piece.parents[0]}/versions/diff", query=query)


def changed(body: bytes) -> tuple[list[str], list[str]]:
    """Of a difference: the ids to read again, and those that are gone."""
    lists = jsontext.members(jsontext.strict(body, 1))
    added, modified, removed = (
        [jsontext.text(one) for one in jsontext.elements(lists.get(f"examples_{kind}", b"[]"))]
        for kind in ("added", "modified", "removed")
    )
    return sorted({*added, *modified}), removed


def page(piece: Slice, api: str, body: bytes) -> Page:
    """Cut an answer into records.

    Raises MalformedError where it has not the shape of the OpenAPI document.
    """
    if piece.ids and piece.table not in (RUN.table, EXAMPLE.table):
        return Page([jsontext.strict(body, 1)])
    if piece.table != RUN.table:
        return Page(jsontext.elements(jsontext.strict(body, 2)))
    envelope = jsontext.members(jsontext.strict(body, 3))
    name = "runs" if api == "v1" else "items"
    if name not in envelope:
        raise jsontext.MalformedError(f"an answer to a run query without {name!r}")
    cursor = _v1_cursor(envelope) if api == "v1" else envelope.get("next_cursor")
    return Page(jsontext.elements(envelope[name]), _text(cursor))


def run_api(body: bytes) -> str:
    """The run API to use, by `/info`: v2 wherever SmithDB answers, since v1 ends on 31 January 2027 (docs/decisions)."""
    flags = jsontext.members(jsontext.strict(body, 1)).get("instance_flags", b"null")
    if not flags.startswith(b"{"):
        return "v1"
    return "v2" if jsontext.members(flags).get("sdb_query_enabled", b"false") not in (b"false", b"null", b"0") else "v1"


def _runs_v1(piece: Slice, limit: int) -> Call:
    lo, hi = _bounds(piece)
    ended = f', gte(end_time, "{render(piece.ended_since)}")' if piece.ended_since else ""
    scope: dict[str, Any] = {
        "session": list(piece.parents),
        "filter": f'and(gte(start_time, "{render(lo)}"), lt(start_time, "{render(hi)}"){ended})',
        # Without it the query counts as unbounded and has the slowest rate.
        "start_time": render(lo),
    }
    body: dict[str, Any] = {
        **({"id": list(piece.ids)} if piece.ids else scope),  # with ids, v1 ignores every other filter
        "select": V1_SELECT,
        "limit": limit,
        **({"cursor": piece.cursor} if piece.cursor else {}),
    }
    return Call("POST", "/api/v1/runs/query", _tier("v1", hi - lo), body=body)


def _runs_v2(piece: Slice, limit: int) -> Call:
    lo, hi = _bounds(piece)
    body: dict[str, Any] = {
        "project_ids": list(piece.parents),
        "min_start_time": render(lo),  # without it: one day
        "max_start_time": render(hi),
        **({"ids": list(piece.ids)} if piece.ids else {}),
        **({"filter": f'gte(end_time, "{render(piece.ended_since)}")'} if piece.ended_since else {}),
        "selects": V2_SELECTS,  # without it: ids only
        "page_size": limit,
        **({"cursor": piece.cursor} if piece.cursor else {}),
    }
    return Call("POST", "/api/v2/runs/query", _tier("v2", hi - lo), body=body)


def _bounds(piece: Slice) -> tuple[datetime, datetime]:
    assert piece.floor is not None  # noqa: S101  a run slice always has its window
    assert piece.ceiling is not None  # noqa: S101
    return piece.floor, piece.ceiling


def _tier(api: str, span: timedelta) -> str:
    return f"{api}_week" if span <= FAST_TIER else f"{api}_long"


def _v1_cursor(envelope: Mapping[str, bytes]) -> bytes | None:
    cursors = envelope.get("cursors", b"null")
    return jsontext.members(cursors).get("next") if cursors.startswith(b"{") else None


def _text(cursor: bytes | None) -> str | None:
    return None if cursor in (None, b"null", b'""') else jsontext.text(cursor)
