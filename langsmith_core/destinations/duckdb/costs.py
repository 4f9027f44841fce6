"""What each day's traces have cost, for the status. It reads three columns of the days asked for, and changes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from langsmith_core.destinations.duckdb import errors
from langsmith_core.destinations.duckdb.file import reading
from langsmith_core.streams.registry import RUN

BY_DAY = f"""
    SELECT strftime(start_time AT TIME ZONE 'UTC', '%Y-%m-%d') AS day, count(*), CAST(sum(total_cost) AS DOUBLE)
    FROM {RUN.name} WHERE start_time >= $1 AND is_root GROUP BY day ORDER BY day"""


def by_day(path: str, since: datetime) -> list[dict[str, Any]]:
    """Return the days since a midnight that have traces: `[{"day": "2026-05-31", "traces": 3, "cost": dollars or None}]`.

    Raises BusyError where a pass holds the file, ConfigError where it is no database, or its tables are not ours.
    """
    resolved = str(Path(path).resolve())
    if not Path(resolved).exists():
        return []
    with reading(path, resolved) as file, errors.explained(path):
        found = file.read(RUN, BY_DAY, [since])
    return [{"day": day, "traces": traces, "cost": cost} for day, traces, cost in found]
