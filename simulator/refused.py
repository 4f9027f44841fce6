"""Documented parameters that the simulator does not implement. A request with one is a 501 that names it.

In silence it would answer more than was asked for, and a client's mistake would pass for a good question.
"""

from __future__ import annotations

from simulator.messages import ApiError, Request
from simulator.words import words

RUN_SEARCH = words("data_source_type skip_pagination use_experimental_search skip_prev_cursor")
# operation: names in its query or its body
REFUSED: dict[str, tuple[str, ...]] = {
    "GET /sessions": words(
        "dataset_version sort_by_feedback_key sort_by_feedback_source tag_value_id facets filter use_approx_stats "
        "stats_select stats_filter"
    ),
    "GET /workspaces": words("include_deleted data_plane_id"),
    "GET /datasets": words("tag_value_id exclude_corrections_datasets exclude"),
    "GET /datasets/{dataset_id}/versions": words("search example"),
    "GET /examples": ("filter",),
    "GET /examples/count": ("filter",),
    "GET /feedback": ("include_user_names",),
    "GET /runs/{run_id}": words("exclude_s3_stored_attributes include_messages"),
    "POST /runs/query": RUN_SEARCH,
    "POST /runs/query/validate": (
        *RUN_SEARCH,
        *words(
            "id trace parent_run run_type session reference_example execution_order start_time end_time error query is_root "
            "search_filter cursor limit select order"
        ),
    ),
    "POST /runs/stats": words("data_source_type skip_pagination use_experimental_search group_by groups select"),
    "POST /v2/runs/query": words("ai_query sort_order"),
}
NEUTRAL = (None, False, "false")  # a switch that is off asks for nothing


def check(operation: str, request: Request) -> None:
    """Refuse a request that asks for what is not implemented."""
    body = request.body if isinstance(request.body, dict) else {}
    given = [*request.query, *body.items()]
    for name in REFUSED.get(operation, ()):
        if any(key == name and value not in NEUTRAL for key, value in given):
            raise ApiError(501, f"The simulator does not implement {name!r} of {operation}")
