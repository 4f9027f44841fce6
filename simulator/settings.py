"""Every switch of the simulator, in one place. The handlers only read them.

A default is what the documentation or a recorded answer shows. Other values are behaviours that are known or suspected too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["clickhouse", "dual", "smithdb"]


@dataclass(eq=False, slots=True)
class Settings:
    """Switches. A test may change them at any moment."""

    mode: Mode = "clickhouse"
    stats_served: bool = True  # False: counters are null even with include_stats=true
    run_count: Literal["all", "roots"] = "all"  # what a project's run_count counts; undocumented
    stats_filter: Literal["exact", "inclusive", "ignored", "refused"] = "exact"  # how it bounds start times; undocumented
    stats_start_time: Literal["honoured", "ignored"] = "honoured"
    uncounted: frozenset[str] = frozenset()  # ids of projects whose run_count is null though counters are served
    first_session_only: bool = True  # v1 runs/query honours only the first id of `session`
    costs_as_strings: bool = False  # v1 run costs are strings, as the specification says; recorded answers show numbers
    last_page: Literal["null", "empty", "missing", "trailing"] = "null"  # how the last page of runs is marked
    short_pages: bool = False  # v2 pages are cut short, even to nothing, and still carry a cursor
    end_time_param: Literal["run_end", "window_end"] = "run_end"  # what the end_time of a v1 query bounds
    v2_missing_status: Literal[501, 404] = 501  # status of v2 on a deployment that has only ClickHouse
    v1_missing_status: Literal[501, 410, 404] = 501  # status of v1 where only SmithDB answers
    v1_ended: bool = False  # v1 run queries have ended, though /info may still announce them
    stats_of_smithdb: bool = False  # on a dual deployment projects are counted in SmithDB; undocumented
    max_span_days: int | None = 401  # a wider v2 window is refused
    repos_narrowed: bool = True  # GET /repos heeds tenant_id; the document does not say what it does
    commits_at: Literal["root", "api", "v1"] = "root"  # the prefix of /commits; the document's is none
    usage_readable: bool = False  # the key may read its organisation's usage (organization:read)
    feedback_order: Literal["newest", "oldest", "by_id"] = "newest"  # undocumented
    subtree_usage: Literal["served", "refused", "ignored"] = "served"  # v2's include_subtree_usage; older servers lack it
    subtree_details: bool = True  # whether it sums the details too: the SDK's documentation does not say
    rate_limits: bool = False
    v2_rates: Literal["flat", "by_window"] = "flat"  # flat: 300 in ten seconds (August 2026); by_window: the CLI's older notes
    retry_after: Literal["seconds", "date"] | None = "seconds"
    retention: bool = False
    presigned: Literal["absolute", "relative"] = "absolute"
    offloaded_as: Literal["null", "{}"] = "null"  # what v1 answers for a payload in object storage
    presigned_seconds: float = 3600.0
    cursor_characters: int = 0  # the least length of a cursor: that of real ones is not documented
    cursor_epoch: int = 0  # a cursor of an older epoch has expired
    latency_seconds: float = 0.0  # of every answer, as of a network: concurrent requests wait beside each other
    compressed: bool = False  # answers are gzip for a client that asks for it
