"""The connector under Fivetran's own SDK, before a destination that takes an answer only every tenth of a second."""

from __future__ import annotations

from bench.programs import connector
from bench.work import Work


def drain(work: Work) -> int:
    """Make one sync from an empty state."""
    return connector.drain(work, seconds=0.1)
