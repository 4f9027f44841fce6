"""Run queries, v1 and v2: the fields asked for, the bodies, the cursors.

Pure. Not here: how a window moves on (window_steps), which API is asked (run_api), or sending.

Sources: the OpenAPI documents of June 2026 (v1) and May 2026 (v2 alpha), the SDK 0.15.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from langsmith_core.calls import Call, Only, RecordPage
from langsmith_core.masking import fit, has_halves
from langsmith_core.records import json_text
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.times import canonical_or_none, render
from langsmith_core.streams.context import Api, Context
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.run_columns import RUN

ROWS_MAX: Mapping[Api, int] = {"v1": 100, "v2": 1000}
"""Runs in one page."""
PROJECTS_A_QUERY: Mapping[Api, int] = {"v1": 1, "v2": IDS_MAX}
"""Projects in one query: v1 honours only the first."""
FAST_TIER = timedelta(days=7)
"""v1 run queries over at most this window have the faster rate limit (API reference, section 5); so had v2 until August 2026."""
CURSOR_MAX = 4_000
"""Characters of a page cursor that a state keeps. After a call that ends at a longer one the window is asked again."""

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


class Question(Struct, frozen=True):
    """What a query asks for: runs of these projects in a half-open time window, or some of them by id.

    `ended_since`: only runs that have ended since then. `edited_since`: only those with feedback of `keys` modified since then,
    on v2 alone. `cursor` is the provider's own, from the page before.
    """

    parents: Ids
    lo: datetime
    hi: datetime
    ids: Ids = NO_IDS
    ended_since: datetime | None = None
    edited_since: datetime | None = None
    keys: tuple[str, ...] = ()
    cursor: str | None = None


def call(asked: Question, api: Api, context: Context, limit: int) -> Call:
    """Build the request for the next page of at most `limit` runs."""
    return _v1(asked, context, limit) if api == "v1" else _v2(asked, context, limit)


def page(body: bytes, api: Api, limit: int) -> RecordPage:
    """Cut an answer into runs, the first `limit` of them, and the cursor.

    Raises MalformedError where it has not the shape of the OpenAPI document.
    """
    name = "runs" if api == "v1" else "items"
    envelope = json_text.picked(json_text.strict(body, 3), name, "cursors", "next_cursor")
    if name not in envelope:
        raise json_text.MalformedError(f"an answer to a run query without {name!r}")
    cursor = _v1_cursor(envelope) if api == "v1" else envelope.get("next_cursor")
    records, longer = json_text.first(envelope[name], limit)
    return RecordPage(records, cursor_text(cursor), longer)


def starts(records: Sequence[bytes]) -> list[str]:
    """Return the start times of runs, as their rows will have them, without those that are not valid."""
    texts = (bytes(_picked(one).get("start_time", b"")) for one in records)
    return [time for text in texts if text.startswith(b'"') and (time := canonical_or_none(json_text.text(text)))]


def _picked(record: bytes) -> Mapping[str, json_text.Text]:
    """Return a run's start time; nothing of what is no record."""
    return json_text.picked(record, "start_time") if record.startswith(b"{") else {}


def _fields(api: Api, context: Context) -> list[str]:
    """Return the fields to ask for. LangSmith refuses a query for a field that its version does not know."""
    offered = V1_SELECT if api == "v1" else V2_SELECTS
    wanted = FIELDS.get(context.only)
    return context.fields(RUN.name, [name for name in offered if wanted is None or name.lower() in wanted])


def _v1(asked: Question, context: Context, limit: int) -> Call:
    ended = f', gte(end_time, "{render(asked.ended_since)}")' if asked.ended_since else ""
    scope: dict[str, Any] = {
        "session": list(asked.parents),
        "filter": f'and(gte(start_time, "{render(asked.lo)}"), lt(start_time, "{render(asked.hi)}"){ended})',
        # Without it the query counts as unbounded and has the slowest rate.
        "start_time": render(asked.lo),
    }
    body: dict[str, Any] = {
        **({"id": list(asked.ids)} if asked.ids else scope),  # with ids, v1 ignores every other filter
        "select": _fields("v1", context),
        "limit": limit,
        **({"cursor": asked.cursor} if asked.cursor else {}),
    }
    return Call("POST", "/api/v1/runs/query", _v1_tier(asked), body=body)


def _v2(asked: Question, context: Context, limit: int) -> Call:
    body: dict[str, Any] = {
        "project_ids": list(asked.parents),
        "min_start_time": render(asked.lo),  # without it: one day
        "max_start_time": render(asked.hi),
        **({"ids": list(asked.ids)} if asked.ids else {}),
        **({"filter": f'gte(end_time, "{render(asked.ended_since)}")'} if asked.ended_since else {}),
        **(_edited(asked.edited_since, asked.keys) if asked.edited_since else {}),
        "selects": _fields("v2", context),  # without it: ids only
        # Without it: each run's own tokens, costs and first token's time (SDK 0.15.1, types/run_query_v2_params.py).
        **({"include_subtree_usage": True} if context.memory.runs.own_usage != "refused" else {}),
        "page_size": limit,
        **({"cursor": asked.cursor} if asked.cursor else {}),
    }
    return Call("POST", "/api/v2/runs/query", "v2", body=body)


def _edited(since: datetime, keys: Sequence[str]) -> dict[str, str]:
    """Filter by the time of a feedback's last edit. The parameter is the SDK's, is not in the API document, and is unverified.

    A condition on feedback must stand beside it; the SDK shows one by key.
    """
    conditions = [f"eq(feedback_key, {json.dumps(key, ensure_ascii=False)})" for key in keys]
    condition = conditions[0] if len(conditions) == 1 else f"or({', '.join(conditions)})"
    return {"filter": condition, "min_feedback_modified_at": render(since)}


def _v1_tier(asked: Question) -> str:
    """Return the rate limit of a query. One by ids has no start_time, and counts as unbounded."""
    return "v1_week" if asked.hi - asked.lo <= FAST_TIER and not asked.ids else "v1_long"


def _v1_cursor(envelope: Mapping[str, json_text.Text]) -> json_text.Text | None:
    cursors = bytes(envelope.get("cursors", b"null"))
    return json_text.picked(cursors, "next").get("next") if cursors.startswith(b"{") else None


def cursor_text(cursor: json_text.Text | None) -> str | None:
    """Return the cursor as the state will hold it. Raises MalformedError where it repeats a secret, or is no text.

    Only CURSOR_MAX characters are searched for secrets, since a state takes no longer cursor.
    """
    if cursor is None or bytes(cursor) in (b"null", b'""'):
        return None
    text = json_text.text(cursor)
    kept = text[:CURSOR_MAX]
    if has_halves(text) or fit(kept) != kept:
        raise json_text.MalformedError("a page cursor that repeats the key, or is not a text")
    return text
