"""Every switch of the simulator, in one place; the handlers only read them.

A default is what the documentation or a recorded answer shows; the other values are what is also known, or feared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["clickhouse", "dual", "smithdb"]


@dataclass(eq=False, slots=True)
class Settings:
    """Switches that may be turned at any moment."""

    mode: Mode = "clickhouse"
    stats_served: bool = True  # False: counters are null even with include_stats=true
    first_session_only: bool = True  # v1 runs/query honours only the first id of `session`
    costs_as_strings: bool = False  # v1 run costs as the specification says, not as recorded answers show
    last_page: Literal["null", "empty", "missing", "trailing"] = "null"  # how the last page of runs tells it is last
    short_pages: bool = False  # v2 pages are cut short, even to nothing, and still carry a cursor
    end_time_param: Literal["run_end", "window_end"] = "run_end"  # what v1's end_time bounds
    v2_missing_status: Literal[501, 404] = 501  # v2 on a deployment that has only ClickHouse
    v1_missing_status: Literal[501, 410, 404] = 501  # v1 where only SmithDB answers
    v1_ended: bool = False  # v1 run queries are gone, though /info may still name them
    stats_of_smithdb: bool = False  # on a dual deployment projects are counted in SmithDB; undocumented
    max_span_days: int | None = 401  # a wider v2 window is refused
    feedback_order: Literal["newest", "oldest", "by_id"] = "newest"  # undocumented
    subtree_usage: Literal["served", "refused", "ignored"] = "served"  # v2's include_subtree_usage, which older servers lack
    subtree_details: bool = True  # whether it sums the details too, which the SDK's words leave open
    rate_limits: bool = False
    v2_rates: Literal["flat", "by_window"] = "flat"  # 300 in ten seconds (August 2026), or what the CLI's notes said before
    retry_after: Literal["seconds", "date"] | None = "seconds"
    retention: bool = False
    presigned: Literal["absolute", "relative"] = "absolute"
    offloaded_as: Literal["null", "{}"] = "null"  # what stands in v1's answer for a payload that lies in the blob store
    presigned_seconds: float = 3600.0
    cursor_characters: int = 0  # what a cursor has at least: how long real ones are is not documented
    cursor_epoch: int = 0  # a cursor of an older epoch has expired
