"""Documented parameters that the simulator does not implement. A request with one is a 501 that names it.

If the simulator ignored them, it would answer more than was asked for, and a client's mistake would stay hidden.
"""

from __future__ import annotations

from simulator.messages import ApiError, Request
from simulator.names import split_names
from simulator.resources import RESOURCES

RUN_SEARCH = split_names("data_source_type skip_pagination use_experimental_search skip_prev_cursor")
# operation: names of parameters in its query or its body
UNIMPLEMENTED: dict[str, tuple[str, ...]] = {
    "GET /sessions": split_names(
        "dataset_version sort_by_feedback_key sort_by_feedback_source tag_value_id facets filter use_approx_stats"
    ),
    "GET /workspaces": split_names("include_deleted data_plane_id"),
    "GET /datasets": split_names("tag_value_id exclude_corrections_datasets exclude"),
    "GET /examples": ("filter",),
    "GET /examples/count": ("filter",),
    "GET /feedback": ("include_user_names",),
    "GET /runs/{run_id}": split_names("exclude_s3_stored_attributes include_messages"),
    "POST /runs/query": RUN_SEARCH,
    "POST /runs/query/validate": (
        *RUN_SEARCH,
        *split_names(
            "id trace parent_run run_type session reference_example execution_order start_time end_time error query is_root "
            "search_filter cursor limit select order"
        ),
    ),
    "POST /runs/stats": split_names("data_source_type skip_pagination use_experimental_search group_by groups select"),
    "POST /v2/runs/query": split_names("ai_query sort_order"),
    **{operation: names for resource in RESOURCES for operation, names in resource.unimplemented.items()},
}
NEUTRAL = (None, False, "false")  # a switch that is off is harmless


def check(operation: str, request: Request) -> None:
    """Refuse a request with a parameter that is not implemented. Raises ApiError 501."""
    body = request.body if isinstance(request.body, dict) else {}
    given = [*request.query, *body.items()]
    for name in UNIMPLEMENTED.get(operation, ()):
        if any(key == name and value not in NEUTRAL for key, value in given):
            raise ApiError(501, f"The simulator does not implement {name!r} of {operation}")
