"""Work out what BigQuery bills for a month, for docs/bigquery.md: `make docs`.

Arithmetic from BigQuery's rule and the jobs that `make bigquery-costs` counts. Nothing here was read off a bill.
"""

from __future__ import annotations

from math import ceil

from msgspec import Struct

from langsmith_core.faces.sync_target import BIGQUERY_BATCH_BYTES

MB, TB = 1e6, 1e12
LEAST = 10 * MB
"""The least that BigQuery bills a statement for each table it reads."""
ROW, KEY, FOUND, MATCHED = 6_000, 38, 62, 46
"""Bytes of a run; of its key; of what a look-up reads of it; of what a merge reads of it to match it."""
LISTED, LISTED_BYTES = 4, 30 * MB
"""Small tables that each pass lists, and the least of a look-up (10) and a merge (20)."""
TIB, PRICE, FREE = 2**40, 6.25, 1
DAYS, HOURS = 30, 24
PROJECTS = 20
"""Projects that share the runs: a batch of a first sync is one project's runs of some days."""
INTERVALS = (60, 15, 1)
"""Minutes from pass to pass."""


class Workspace(Struct, frozen=True):
    """A table of runs of which a year is kept."""

    name: str
    a_day: int

    def batches(self, days: float) -> int:
        """Return how many batches the runs of some days are."""
        return ceil(days * self.a_day * ROW / BIGQUERY_BATCH_BYTES)

    def read(self, days: float, columns: int) -> float:
        """Return the bytes billed for some bytes of each run of some days."""
        return max(LEAST, days * self.a_day * columns)


WORKSPACES = (Workspace("12 million", 33_000), Workspace("170 million", 466_000))


def look_ups(one: Workspace, minutes: int) -> dict[int, int]:
    """Return how many look-ups of runs a month has, by the days that each reads: one for each batch.

    A pass reads what is new; that and hourly the last day again lie in two days. Nightly a pass reads a week.
    """
    nightly, hourly = DAYS, (HOURS - 1) * DAYS
    light = _passes(minutes) - nightly - hourly
    return {2: light * one.batches(minutes / 60 / HOURS) + hourly * one.batches(1), 7: nightly * one.batches(7)}


def month(one: Workspace, minutes: int) -> dict[str, float]:
    """Return the bytes billed in a month, by kind of job."""
    return {
        "look-ups": sum(count * one.read(days, FOUND) for days, count in look_ups(one, minutes).items()),
        "merges": _passes(minutes) * one.read(2, ROW) + DAYS * one.read(7, ROW),
        "daily search": DAYS * one.read(365, KEY),
        "small tables": _passes(minutes) * LISTED * LISTED_BYTES,
    }


def before(one: Workspace, minutes: int) -> float:
    """Return the bytes of a month's look-ups when each read the whole table."""
    return sum(look_ups(one, minutes).values()) * one.read(365, FOUND)


def first(one: Workspace) -> float:
    """Return the bytes of the first sync of a year: each batch is looked up in its days, staged, and inserted."""
    days = ceil(PROJECTS * BIGQUERY_BATCH_BYTES / (one.a_day * ROW)) + 1
    return one.batches(365) * (one.read(days, FOUND) + one.read(days, MATCHED)) + one.read(365, ROW)


def dollars(billed: float) -> str:
    """Return the price on demand, less the month's free TiB."""
    cost = max(0.0, billed / TIB - FREE) * PRICE
    return f"${cost:,.0f}" if cost else "free"


def bill() -> str:
    """Return the totals, and the table behind them."""
    kinds = tuple(month(WORKSPACES[0], INTERVALS[0]))
    head = f"| rows, a pass every | look-up jobs | {' | '.join(kinds)} | together | price | look-ups of the whole table |"
    rows = [_line(one, minutes) for one in WORKSPACES for minutes in INTERVALS]
    return "\n".join([*_totals(), "", head, "|---" * (len(kinds) + 5) + "|", *rows])


def _totals() -> list[str]:
    small, large = WORKSPACES
    months = [f"{one.name} rows, every 15 minutes: **{dollars(sum(month(one, 15).values()))}** a month" for one in WORKSPACES]
    once = f"the first sync of a year, once: **{dollars(first(small))}** and **{dollars(first(large))}**"
    return [f"- {line}" for line in (*months, once)]


def _line(one: Workspace, minutes: int) -> str:
    figures = month(one, minutes)
    total = sum(figures.values())
    cells = [f"{one.name}, {minutes} min", f"{sum(look_ups(one, minutes).values()):,}", *map(_bytes, figures.values())]
    return f"| {' | '.join([*cells, _bytes(total), dollars(total), _bytes(before(one, minutes))])} |"


def _bytes(billed: float) -> str:
    return f"{billed / TB:,.2f} TB" if billed < 10 * TB else f"{billed / TB:,.0f} TB"


def _passes(minutes: int) -> int:
    return DAYS * HOURS * 60 // minutes
