"""`langsmith-sync streams`: the tables that a sync fills."""

from __future__ import annotations

from langsmith_core.streams.registry import STREAMS
from langsmith_sync import tables


def streams() -> None:
    """List the tables, their keys, and the switch of each.

    A table whose switch is false gets no rows, and LangSmith is not asked for them.
    """
    rows = [(one.table.name, one.switch or "always on", one.table.key, one.table.how_read) for one in STREAMS]
    tables.show(("table", "switch", "primary key", "how it is read"), rows)
