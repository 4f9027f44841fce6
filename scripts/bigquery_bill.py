"""Work out what BigQuery bills for a month, for docs/bigquery.md: `make docs`.

Arithmetic from BigQuery's rule and the jobs that `make bigquery-costs` counts. Nothing here was read off a bill.
"""

from __future__ import annotations

from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.faces.one_pass import BIGQUERY_BATCH_BYTES

MB, TB = 1e6, 1e12
LEAST = 10 * MB
"""The least that BigQuery bills a statement for each table it reads."""
ROW, KEY, FOUND, MATCHED = 6_000, 38, 62, 46
"""Bytes of a run; of its key; of what a look-up reads of it; of what a merge or a count reads of it."""
FILLED = 0.9
"""How full batches are: pages are as large as this lets them be (sync/page_size)."""
LISTED, LISTED_BYTES = 6, 30 * MB
"""Small tables that each pass lists, and the least of a look-up (10) and a merge (20)."""
TIB, PRICE, FREE = 2**40, 6.25, 1
GIB, STORED, STORED_FREE = 2**30, 0.02, 10
"""The price of a GiB of storage for a month, and how many are free."""
DAYS, HOURS, YEAR = 30, 24, 365
PROJECTS = 20
"""Projects that share the runs: a batch of a first sync is one project's runs of some days."""
INTERVALS = (60, 15, 1)
"""Minutes from pass to pass."""
RAW = {"whole (the default)": 1.0, "what no column has": 0.55, "none: EXCLUDE_COLUMNS": 0.37}
"""What is kept of `raw`, and the row's share that is left: records of 3 KB on v1, by scripts/raw_bytes.py."""


def batches(size: float, most: int) -> int:
    """Return how many batches of at most `most` bytes so many bytes of rows are. Pages fill nine tenths of one."""
    return ceil(size / (FILLED * most))


class Workspace(Struct, frozen=True):
    """A table of runs of which a year is kept. `in_one_call`: a call can read a day of it, so that every pass reads it again."""

    name: str
    a_day: int
    in_one_call: bool
    row: int = ROW

    def batches(self, days: float) -> int:
        """Return how many batches the runs of some days are."""
        return batches(days * self.a_day * self.row, BIGQUERY_BATCH_BYTES)

    def read(self, days: float, columns: int) -> float:
        """Return the bytes billed for some bytes of each run of some days."""
        return max(LEAST, days * self.a_day * columns)

    def stored(self) -> float:
        """Return the bytes of a year."""
        return YEAR * self.a_day * self.row


WORKSPACES = (Workspace("12 million", 33_000, in_one_call=True), Workspace("170 million", 466_000, in_one_call=False))


def fresh(one: Workspace, minutes: int) -> int:
    """Return how many batches of a month have runs that are new: those of what each pass finds since the one before."""
    return _passes(minutes) * one.batches(minutes / 60 / HOURS)


def look_ups(one: Workspace, minutes: int) -> dict[int, int]:
    """Return how many look-ups of runs a month has, by the days that each reads.

    One for each batch that is read: what is new, the last day again, nightly the last week. One more, beside its days, for each
    batch with new runs.
    """
    nightly = DAYS
    again = _passes(minutes) - nightly if one.in_one_call else min(_passes(minutes), HOURS * DAYS) - nightly
    light = _passes(minutes) - nightly - again
    new = minutes / 60 / HOURS
    own = light * one.batches(new) + again * one.batches(1 + new)
    return {2: own + fresh(one, minutes), 7: nightly * one.batches(7)}


def month(one: Workspace, minutes: int) -> dict[str, float]:
    """Return the bytes billed in a month, by kind of job."""
    return {
        "look-ups": sum(count * one.read(days, FOUND) for days, count in look_ups(one, minutes).items()),
        "merges": _passes(minutes) * one.read(2, one.row) + DAYS * one.read(7, one.row),
        "counts": fresh(one, minutes) * one.read(2, MATCHED),
        "daily search": DAYS * one.read(YEAR, KEY),
        "small tables": _passes(minutes) * LISTED * LISTED_BYTES,
    }


def before(one: Workspace, minutes: int) -> float:
    """Return the bytes of a month's look-ups when each read the whole table, one for each batch that was read."""
    return (sum(look_ups(one, minutes).values()) - fresh(one, minutes)) * one.read(YEAR, FOUND)


def first(one: Workspace) -> float:
    """Return the bytes of the first sync of a year: each batch is looked up in and beside its days, inserted and counted."""
    days = ceil(PROJECTS * BIGQUERY_BATCH_BYTES / (one.a_day * one.row)) + 1
    each = one.read(days, FOUND) + one.read(2, FOUND) + 2 * one.read(days, MATCHED)
    return one.batches(YEAR) * each + one.read(YEAR, one.row)


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


def raw() -> str:
    """Return what a month costs with `raw` and without, every 15 minutes."""
    head = [f"{one.name}: {part}" for one in WORKSPACES for part in ("merges", "queries", "storage")]
    lines = [[name, *(cell for one in WORKSPACES for cell in _with_raw(one, share))] for name, share in RAW.items()]
    table = [["`raw`", *head], ["---"] * (len(head) + 1), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table)


def _with_raw(one: Workspace, share: float) -> list[str]:
    smaller = replace(one, row=round(one.row * share))
    figures = month(smaller, 15)
    stored = max(0.0, smaller.stored() / GIB - STORED_FREE) * STORED
    return [_bytes(figures["merges"]), dollars(sum(figures.values())), f"${stored:,.2f}"]


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
