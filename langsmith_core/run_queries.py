"""Run queries, v1 and v2: the fields asked for, the bodies, the cursors, and which of the two an instance has.

Pure: a slice becomes a Call. Not here: any other endpoint (endpoints), sending, or what comes next.
Sources: the OpenAPI documents of June 2026 (v1) and May 2026 (v2 alpha), the SDK 0.15.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from langsmith_core import jsontext
from langsmith_core.calls import Call, Only, Page
from langsmith_core.masking import fit, has_halves
from langsmith_core.privacy import Hidden
from langsmith_core.state import Slice
from langsmith_core.streams import RUN
from langsmith_core.times import render
from langsmith_core.windows import CURSOR_MAX, FAST_TIER

ROWS_MAX = {"v1": 100, "v2": 1000}

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
    path.partition(".")[0].partition("[")[0]
    for column in RUN.columns
    for path in (*column.sources, *((column.offloaded,) if column.offloaded else ()))
)
"""Fields of a run that its columns are made of."""
HEAVY = frozenset({"inputs", "outputs", "extra", "metadata", "feedback_stats", "inputs_s3_urls", "outputs_s3_urls"})
"""Those that may hold megabytes, or lead to them. v2's statistics of feedback hold samples of comments."""
FIELDS = {Only.NEEDED: NEEDED, Only.LIGHT: NEEDED - HEAVY}


def run_api(body: bytes) -> str:
    """The run API to use, by `/info`: v2 wherever SmithDB answers, since v1 ends on 31 January 2027 (docs/decisions)."""
    return "v2" if _flag(body, "sdb_query_enabled", b"false") else "v1"


def has_both(body: bytes) -> bool:
    """Whether v1 is served beside v2, by `/info`: an instance that does not say is older than the flag, and has ClickHouse."""
    return run_api(body) == "v2" and _flag(body, "ch_query_enabled", b"true")


def _flag(body: bytes, name: str, absent: bytes) -> bool:
    flags = bytes(jsontext.picked(jsontext.strict(body, 1), "instance_flags").get("instance_flags", b"null"))
    told = jsontext.picked(flags, name) if flags.startswith(b"{") else {}
    return bytes(told.get(name, absent)) not in (b"false", b"null", b"0")


def call(
    piece: Slice,
    api: str,
    limit: int,
    keys: Sequence[str] = (),
    *,
    hidden: Hidden | None = None,
    only: Only = Only.ALL,
    totals: bool = True,
) -> Call:
    """The request for the next page of at most `limit` runs; `keys` of feedback where only edited ones count.

    Only.NEEDED: LangSmith refuses a query for one field that its version does not know.
    `totals`: on v2, parents come with the usage of their subtree, as they always do on v1.
    """
    offered = V1_SELECT if api == "v1" else V2_SELECTS
    offered = [name for name in offered if only not in FIELDS or name.lower() in FIELDS[only]]
    fields = hidden.asked(piece.table, offered) if hidden else offered
    return _v1(piece, limit, fields) if api == "v1" else _v2(piece, limit, fields, keys, totals=totals)


def page(api: str, body: bytes, limit: int) -> Page:
    """Cut an answer into runs, the first `limit` of them.

    Raises MalformedError where it has not the shape of the OpenAPI document.
    """
    name = "runs" if api == "v1" else "items"
    envelope = jsontext.picked(jsontext.strict(body, 3), name, "cursors", "next_cursor")
    if name not in envelope:
        raise jsontext.MalformedError(f"an answer to a run query without {name!r}")
    cursor = _v1_cursor(envelope) if api == "v1" else envelope.get("next_cursor")
    records, longer = jsontext.first(envelope[name], limit)
    return Page(records, _text(cursor), longer)


def _v1(piece: Slice, limit: int, fields: Sequence[str]) -> Call:
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
        "select": fields,
        "limit": limit,
        **({"cursor": piece.cursor} if piece.cursor else {}),
    }
    return Call("POST", "/api/v1/runs/query", _v1_tier(piece, hi - lo), body=body)


def _v2(piece: Slice, limit: int, fields: Sequence[str], keys: Sequence[str], *, totals: bool) -> Call:
    lo, hi = _bounds(piece)
    body: dict[str, Any] = {
        "project_ids": list(piece.parents),
        "min_start_time": render(lo),  # without it: one day
        "max_start_time": render(hi),
        **({"ids": list(piece.ids)} if piece.ids else {}),
        **({"filter": f'gte(end_time, "{render(piece.ended_since)}")'} if piece.ended_since else {}),
        **(_edited(piece.edited_since, keys) if piece.edited_since else {}),
        "selects": fields,  # without it: ids only
        # Without it: each run's own tokens, costs and first token's time (SDK 0.15.1, types/run_query_v2_params.py).
        **({"include_subtree_usage": True} if totals else {}),
        "page_size": limit,
        **({"cursor": piece.cursor} if piece.cursor else {}),
    }
    return Call("POST", "/api/v2/runs/query", "v2", body=body)


def _edited(since: datetime, keys: Sequence[str]) -> dict[str, str]:
    """Only runs with feedback modified since then: by the SDK's words, not in the API document, and unverified.

    A condition on feedback must stand beside it; one by key is the one that the SDK shows.
    """
    conditions = [f"eq(feedback_key, {json.dumps(key, ensure_ascii=False)})" for key in keys]
    condition = conditions[0] if len(conditions) == 1 else f"or({', '.join(conditions)})"
    return {"filter": condition, "min_feedback_modified_at": render(since)}


def _bounds(piece: Slice) -> tuple[datetime, datetime]:
    assert piece.floor is not None  # noqa: S101  a run slice always has its window
    assert piece.ceiling is not None  # noqa: S101
    return piece.floor, piece.ceiling


def _v1_tier(piece: Slice, span: timedelta) -> str:
    """The rate limit of a query: one by ids has no start_time, and counts as unbounded."""
    return "v1_week" if span <= FAST_TIER and not piece.ids else "v1_long"


def _v1_cursor(envelope: Mapping[str, jsontext.Text]) -> jsontext.Text | None:
    cursors = bytes(envelope.get("cursors", b"null"))
    return jsontext.picked(cursors, "next").get("next") if cursors.startswith(b"{") else None


def _text(cursor: jsontext.Text | None) -> str | None:
    """The cursor, as the state will hold it. Raises MalformedError where no state may: it repeats a secret, or is no text.

    A state takes no cursor longer than CURSOR_MAX, so that no more of it is looked through for secrets.
    """
    if cursor is None or bytes(cursor) in (b"null", b'""'):
        return None
    text = jsontext.text(cursor)
    kept = text[:CURSOR_MAX]
    if has_halves(text) or fit(kept) != kept:
        raise jsontext.MalformedError("a page cursor that repeats the key, or is no text")
    return text
