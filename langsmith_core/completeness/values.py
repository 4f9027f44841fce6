"""The counts that are compared, the verdicts, and the table of verdicts.

Values only. Not here: who counts (source_counts, destinations), what a count means (rules), or what follows (places).
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Protocol

from msgspec import Struct

from langsmith_core.records.columns import Column, Kind, Table


class Ruling(Enum):
    """What a comparison says."""

    COMPLETE = "complete"  # the destination holds as many rows as LangSmith counts, or more: expired ones stay
    REREAD = "reread"  # it holds fewer; they are being read again
    CLOSED = "closed"  # it held fewer, and holds all of them since they were read again
    GAP = "gap"  # it holds fewer, also after they were read again
    UNKNOWN = "unknown"  # LangSmith gives no count, or nobody knows what the count means


class Runs(Struct, frozen=True):
    """Runs of one project that began on one day, as the destination holds them: all, and those without a parent."""

    total: int = 0
    roots: int = 0


class Total(Struct, frozen=True):
    """A whole project or dataset: what LangSmith counted when it was last listed, and what the destination holds of it.

    `table` holds the counted rows, `parent_id` is the project or dataset. `source` is None where LangSmith gave no count.
    `roots` are the runs without a parent, of `langsmith_run` alone.
    """

    table: str
    parent_id: str
    name: str | None
    source: int | None
    destination: int
    roots: int = 0


class Verdict(Struct, frozen=True):
    """One row of the table: `day` is its midnight in UTC, None for the whole project or dataset."""

    table: str
    parent_id: str
    name: str | None
    day: datetime | None
    source: int | None
    destination: int
    checked_at: datetime
    ruling: Ruling


class Destination(Protocol):
    """A destination that can be counted. Deleted rows do not count, and no row counts twice."""

    def runs_by_day(self, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
        """Count runs that began in `[lo, hi)`, by project and by the midnight of their day in UTC. Both bounds are midnights."""

    def totals(self) -> list[Total]:
        """Count runs and feedback of every listed project, and examples of every listed dataset."""

    def record(self, verdicts: list[Verdict]) -> None:
        """Upsert verdicts by their key into `langsmith_completeness`. They are durable on return."""

    def verdicts(self) -> list[Verdict]:
        """Return the newest verdicts, at most VERDICTS_MAX, gaps first, then by table, name and day."""


VERDICTS_MAX = 10_000
COMPLETENESS = Table(
    "langsmith_completeness",
    (
        Column("completeness_id", Kind.STRING, (), "table_name, parent_id and day, joined by @; a whole project has no day"),
        Column("table_name", Kind.STRING, (), "The table whose rows were counted"),
        Column("parent_id", Kind.STRING, (), "The project, or for examples the dataset"),
        Column("parent_name", Kind.STRING, (), "Its name when it was counted"),
        Column("day", Kind.TIMESTAMP, (), "The day in UTC on which the runs began; null: the whole project or dataset"),
        Column("source", Kind.INTEGER, (), "Rows that LangSmith counts; null where it gives no count"),
        Column("destination", Kind.INTEGER, (), "Rows here, of the kind that LangSmith counts; deleted ones do not count"),
        Column("checked_at", Kind.TIMESTAMP, (), "When both were counted"),
        Column("verdict", Kind.STRING, (), "complete, reread, closed, gap or unknown (docs/completeness.md)"),
    ),
    how_read="counted once a day",
    time="checked_at",
    parent="parent_id",
    is_keyed_by_id=False,
)


def key(verdict: Verdict) -> str:
    """Return the primary key of a verdict's row."""
    parts = [verdict.table, verdict.parent_id, *([f"{verdict.day:%Y-%m-%d}"] if verdict.day else [])]
    return "@".join(parts)
