"""Work out docs/scale.md's tables from measured and documented rates: `python scripts/scale.py`.

Here: the arithmetic, and where each figure comes from. Prices are list prices in dollars, and a dollar counts as a euro.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable
from datetime import timedelta
from heapq import heappop, heappush
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from langsmith_core.langsmith.pacing import TIERS, Pacer  # noqa: E402  the path above comes first
from langsmith_core.langsmith.shares import RENEWED, WHOLE, Grant, granted  # noqa: E402
from langsmith_core.streams.ledgers import EPOCH  # noqa: E402
from langsmith_core.sync.state import SHARDS_MAX  # noqa: E402

PAGE = Path("docs", "scale.md")
ROWS = (10_000_000, 100_000_000, 1_000_000_000)
INSTANCES = (1, 4, 13, 20)
ROWS_A_SECOND = 2_000
"""Of one instance on one core, runs of 3 KB: docs/benchmarks.md, the DuckDB face (2,207 with v2's limit enforced)."""
ROWS_A_PAGE, BYTES_A_ROW = 1_000, 3_000
SEEN_A_SECOND = 3
"""Queries a second that anybody has measured on LangSmith's cloud (langsmith/pacing)."""
FULL = 0.9
"""How full a batch is: the next page's weight is kept free."""
MERGES = 2
"""MERGE statements that BigQuery runs at once on one table; 20 more wait (its page on data manipulation)."""
LOOK_UP, MERGE = 62, 46
"""Bytes of a row that a look-up and a merge read (docs/bigquery.md)."""
ROUNDS = 2
"""Look-ups of a batch of new rows: in its own days, then in those beside them (docs/bigquery.md)."""
PACED_SECONDS, WARM_SECONDS = 600, 120
"""The time that is counted through, and what of it is left out: shares grow after a minute."""
TIB, DOLLARS_A_TIB = 2**40, 6.25
INSTANCE_DOLLARS = 0.000024 + 2 * 0.0000025
"""Of one second with one vCPU and 2 GiB."""
TASK_DOLLARS, TURN_SECONDS = 0.4 / 1_000_000, 240


def limits() -> dict[str, float]:
    """Return LangSmith's limits in rows a second: what shares let through of the documented one, and what anybody has seen."""
    return {"documented": speed(max(INSTANCES)), "seen": float(SEEN_A_SECOND * ROWS_A_PAGE)}


def speed(count: int) -> float:
    """Return the rows a second of so many instances, once their shares have grown."""
    steady = [at for at in queries(count) if at >= WARM_SECONDS]
    return len(steady) * ROWS_A_PAGE / (PACED_SECONDS - WARM_SECONDS)


def hours(rows: int, instances: int, limit: float) -> float:
    """Return how long it takes where cores or LangSmith bind, and BigQuery does not."""
    return rows / min(instances * ROWS_A_SECOND, limit) / 3_600


def reading() -> str:
    """Return the table of hours, by instances and limit."""
    found = limits()
    lines = []
    for rows in ROWS:
        cells = [f"{hours(rows, count, found['documented']):,.1f}" for count in INSTANCES]
        lines.append((f"{rows // 1_000_000:,}M", *cells, f"{hours(rows, max(INSTANCES), found['seen']):,.1f}"))
    names = [f"{count} instance{'s' * (count > 1)}" for count in INSTANCES]
    return _table(("runs", *names, f"any, at {SEEN_A_SECOND} queries a second"), lines)


def pacing() -> str:
    """Return the table of what the program's own pace and shares let through, on a clock that is counted."""
    lines = []
    for count in (1, 2, 4, 8, 13, 20):
        sent = queries(count)
        most = max(bisect_left(sent, at + TIERS["v2"].seconds) - i for i, at in enumerate(sent))
        lines.append((str(count), f"{speed(count):,.0f}", f"{speed(count) / ROWS_A_SECOND:.1f} x", str(most)))
    return _table(("instances", "rows a second", "of one", "queries in ten seconds at most"), lines)


def queries(count: int) -> list[float]:
    """Return when so many instances ask for a page each time that they have worked on one, as far as pace and shares allow."""
    pacers, parts, asks = [Pacer("localhost") for _ in range(count)], [0] * count, [0.0] * count
    grants: list[Grant] = []
    sent: list[float] = []
    due = [(0.0, one) for one in range(count)]
    while due[0][0] < PACED_SECONDS:
        now, one = heappop(due)
        if now >= asks[one]:
            own, grants = granted(grants, str(one), EPOCH + timedelta(seconds=now), looks=False, instances=count)
            parts[one], asks[one] = own.part, now + RENEWED.total_seconds()
        wait = pacers[one].wait("v2", now, parts[one] / WHOLE)
        if wait <= 0:
            pacers[one].sent("v2", now)
            sent.append(now)
        heappush(due, (now + (wait if wait > 0 else ROWS_A_PAGE / ROWS_A_SECOND), one))
    return sent


def writing() -> str:
    """Return the table of what BigQuery lets through: rows a second by a batch's size and a merge's seconds."""
    lines = []
    for megabytes in (32, 128, 256):
        batch = _batch(megabytes)
        cells = [f"{MERGES * batch / seconds:,.0f}" for seconds in (3, 10, 30)]
        lines.append((f"{megabytes} MB ({batch:,} rows)", *cells))
    return _table(("a batch", "a merge takes 3 s", "10 s", "30 s"), lines)


def bill() -> str:
    """Return the table of euros."""
    lines = []
    for rows in ROWS:
        seconds = rows / ROWS_A_SECOND
        fixed = seconds * INSTANCE_DOLLARS + seconds / TURN_SECONDS * TASK_DOLLARS
        cells = [f"{scanned(rows, megabytes):,.0f}" for megabytes in (32, 256)]
        lines.append((f"{rows // 1_000_000:,}M", f"{fixed:,.2f}", *cells))
    return _table(("runs", "instances and tasks", "BigQuery, batches of 32 MB", "of 256 MB"), lines)


def scanned(rows: int, megabytes: int) -> float:
    """Return the dollars of look-ups and merges. A look-up reads a batch's days, which a shard's window bounds."""
    batches, days = rows / _batch(megabytes), rows / SHARDS_MAX
    look_ups = batches * ROUNDS * LOOK_UP * days
    return (look_ups + batches * MERGE * days + rows * BYTES_A_ROW) / TIB * DOLLARS_A_TIB


def _batch(megabytes: int) -> int:
    return int(megabytes * 1_000_000 * FULL / BYTES_A_ROW)


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    names = list(head)
    rows = [names, ["---", *["---:"] * (len(names) - 1)], *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def rendered(text: str) -> str:
    """Return the page with its tables between their markers."""
    for name, table in (("reading", reading()), ("pacing", pacing()), ("writing", writing()), ("bill", bill())):
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    (ROOT / PAGE).write_text(rendered((ROOT / PAGE).read_text()))
