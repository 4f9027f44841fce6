"""Run queries, v1 and v2: the fields asked for, the bodies, the cursors, and which of the two an instance has.

Pure: a window becomes a Call. Not here: how a window moves on (run_window), sending, or any other endpoint.
Sources: the OpenAPI documents of June 2026 (v1) and May 2026 (v2 alpha), the SDK 0.15.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.ids import Ids
from langsmith_core.records.times import render
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.work import Api, Context

TABLE = RUN.name
ROWS_MAX: Mapping[Api, int] = {"v1": 100, "v2": 1000}
FAST_TIER = timedelta(days=7)
"""v1 run queries over at most this window have the faster rate limit (API reference, section 5)."""
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


NEEDED = frozenset(
    re.split(r"[.\[]", path)[0]
    for column in RUN.columns
    for path in (*column.sources, *((column.offloaded,) if column.offloaded else ()))
)
"""Fields of a run that its columns are made of."""


class Window(Struct, frozen=True):
    """The projects and the half-open time window of a query."""

    parents: Ids
    lo: datetime
    hi: datetime
    ended_since: datetime | None = None


def run_api(body: bytes) -> Api:
    """The run API to use, by `/info`: v2 wherever SmithDB answers, since v1 ends on 31 January 2027 (docs/decisions)."""
    flags = json_text.members(json_text.strict(body, 1)).get("instance_flags", b"null")
    if not flags.startswith(b"{"):
        return "v1"
    return "v2" if json_text.members(flags).get("sdb_query_enabled", b"false") not in (b"false", b"null", b"0") else "v1"


def of_window(window: Window, cursor: str | None, context: Context, limit: int) -> Call:
    """The request for the next page of a window, of at most `limit` runs."""
    return _v1(window, (), cursor, context, limit) if context.api == "v1" else _v2(window, {}, cursor, context, limit)


def by_id(window: Window, ids: Ids, cursor: str | None, context: Context, limit: int) -> Call:
    """The same for runs by id; v1 ignores every other filter."""
    if context.api == "v1":
        return _v1(window, ids, cursor, context, limit)
    return _v2(window, {"ids": list(ids)}, cursor, context, limit)


def edited(window: Window, since: datetime, keys: Sequence[str], cursor: str | None, context: Context, limit: int) -> Call:
    """The same for runs with feedback of these keys modified since then; v2 only.

    By the SDK's words, not in the API document, and unverified. A condition on feedback must stand beside it; one by key is the
    one that the SDK shows.
    """
    conditions = [f"eq(feedback_key, {json.dumps(key, ensure_ascii=False)})" for key in keys]
    condition = conditions[0] if len(conditions) == 1 else f"or({', '.join(conditions)})"
    return _v2(window, {"filter": condition, "min_feedback_modified_at": render(since)}, cursor, context, limit)


def records(body: bytes, api: Api) -> tuple[list[bytes], str | None]:
    """Cut an answer into runs, and the cursor. Raises MalformedError where it has not the shape of the OpenAPI document."""
    envelope = json_text.members(json_text.strict(body, 3))
    name = "runs" if api == "v1" else "items"
    if name not in envelope:
        raise json_text.MalformedError(f"an answer to a run query without {name!r}")
    cursor = _v1_cursor(envelope) if api == "v1" else envelope.get("next_cursor")
    return json_text.elements(envelope[name]), _text(cursor)


def _fields(context: Context) -> list[str]:
    """The fields to ask for. `plain`: those that columns are made of, where LangSmith refuses the full list."""
    offered = V1_SELECT if context.api == "v1" else V2_SELECTS
    offered = [name for name in offered if name.lower() in NEEDED] if context.memory.runs.plain else offered
    return context.fields(TABLE, offered)


def _v1(window: Window, ids: Sequence[str], cursor: str | None, context: Context, limit: int) -> Call:
    ended = f', gte(end_time, "{render(window.ended_since)}")' if window.ended_since else ""
    scope: dict[str, Any] = {
        "session": list(window.parents),
        "filter": f'and(gte(start_time, "{render(window.lo)}"), lt(start_time, "{render(window.hi)}"){ended})',
        # Without it the query counts as unbounded and has the slowest rate.
        "start_time": render(window.lo),
    }
    body: dict[str, Any] = {
        **({"id": list(ids)} if ids else scope),
        "select": _fields(context),
        "limit": limit,
        **({"cursor": cursor} if cursor else {}),
    }
    return Call("POST", "/api/v1/runs/query", _tier("v1", window.hi - window.lo), body=body)


def _v2(window: Window, further: Mapping[str, Any], cursor: str | None, context: Context, limit: int) -> Call:
    body: dict[str, Any] = {
        "project_ids": list(window.parents),
        "min_start_time": render(window.lo),  # without it: one day
        "max_start_time": render(window.hi),
        **({"filter": f'gte(end_time, "{render(window.ended_since)}")'} if window.ended_since else {}),
        **further,
        "selects": _fields(context),  # without it: ids only
        "page_size": limit,
        **({"cursor": cursor} if cursor else {}),
    }
    return Call("POST", "/api/v2/runs/query", _tier("v2", window.hi - window.lo), body=body)


def _tier(api: Api, span: timedelta) -> str:
    return f"{api}_week" if span <= FAST_TIER else f"{api}_long"


def _v1_cursor(envelope: Mapping[str, bytes]) -> bytes | None:
    cursors = envelope.get("cursors", b"null")
    return json_text.members(cursors).get("next") if cursors.startswith(b"{") else None


def _text(cursor: bytes | None) -> str | None:
    return None if cursor in (None, b"null", b'""') else json_text.text(cursor)
