"""The connector under Fivetran's own SDK, with JSON columns as STRING."""

from __future__ import annotations

from bench.programs import connector
from bench.work import Work


def drain(work: Work) -> int:
    """Make one sync from an empty state."""
    return connector.drain(work, json_columns="string")
