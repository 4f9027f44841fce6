"""Count the jobs that batches cost in BigQuery, on the emulator, for the table in docs/bigquery.md: `make bigquery-costs`.

Every figure is a count: jobs that the sink sent, and rows that BigQuery's own statistics say were written. Nothing is timed.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from emulators import bigquery_emulator  # noqa: E402  the path above comes first
from emulators.warehouse import Warehouse  # noqa: E402

from langsmith_core.records import rows, times  # noqa: E402
from langsmith_core.streams.registry import PROJECT, RUN  # noqa: E402
from langsmith_core.sync.batch import Batch  # noqa: E402
from langsmith_core.sync.state import State  # noqa: E402

DOCUMENT = ROOT / "docs" / "bigquery.md"
KINDS = ("look-up", "load", "merge", "count", "cascade", "heal", "search")
HEAD = f"| batch | {' | '.join(KINDS)} | rows inserted | updated |\n|{'---|' * (len(KINDS) + 3)}\n"


def batch(first: int, last: int, day: int, *, changed: range = range(0)) -> Batch:
    """Return runs of these numbers, three to a day, read on a day of June. Those in `changed` have another name."""
    made = Batch(State(source="s"))
    for number in range(first, last):
        name = f"read on {day}" if number in changed else "n"
        record = f'{{"id":"{number:06}","name":"{name}","start_time":"2026-05-{1 + number % 3:02}T00:00:00"}}'
        row = {**rows.to_row(RUN, record.encode(), {}), "_synced_at": f"2026-06-{day:02}T00:00:00.000000Z"}
        made.add(RUN.name, {row["run_id"]: rows.encode(row, exact=True)}, 1)
    return made


def with_projects(one: Batch, day: int) -> Batch:
    """Add to the batch a project whose counter moved."""
    row = rows.to_row(PROJECT, f'{{"id":"p","run_count":{day}}}'.encode(), {})
    stamp = {"_synced_at": times.render(times.parse(f"2026-06-{day:02}"))}
    one.add(PROJECT.name, {"p": rows.encode({**row, **stamp}, exact=True)}, 1)
    return one


def next_day(warehouse: Warehouse, one: Batch) -> Batch:
    """Return the batch, after the tables were last searched on another day."""
    warehouse.let_a_day_pass()
    return one


CASES: tuple[tuple[str, Callable[[Warehouse], Batch]], ...] = (
    ("1,000 new runs of three days", lambda _: batch(0, 1000, 1)),
    ("the same runs read again, none changed", lambda _: batch(0, 1000, 2)),
    ("the same runs read again, ten changed", lambda _: batch(0, 1000, 3, changed=range(10))),
    ("1,000 read again, 100 new", lambda _: batch(0, 1100, 4, changed=range(10))),
    ("nothing", lambda _: batch(0, 0, 5)),
    ("100 new runs, and the listing of projects", lambda _: with_projects(batch(1100, 1200, 6), 6)),
    ("an older reading, delivered late", lambda _: batch(0, 10, 1, changed=range(10))),
    ("the first batch of a day, nothing in it", lambda warehouse: next_day(warehouse, batch(0, 0, 7))),
)


def counted(address: str) -> str:
    """Return the table. Each case follows the one before."""
    warehouse, text = Warehouse(address, "costs"), HEAD
    for name, made in CASES:
        before = warehouse.dml()
        warehouse.write(made(warehouse))
        written: Counter[str] = warehouse.dml() - before
        figures = [*(warehouse.jobs[kind] for kind in KINDS), written["inserted"], written["updated"]]
        text += f"| {name} | {' | '.join(map(str, figures))} |\n"
    warehouse.client.close()
    return text


def main() -> None:
    """Count, and write the table into the document."""
    logging.disable(logging.CRITICAL)
    reason = bigquery_emulator.missing()
    if reason:
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder, bigquery_emulator.running(Path(folder)) as address:
        os.environ["BIGQUERY_EMULATOR_HOST"] = address
        text = counted(address)
    print(text)
    document = DOCUMENT.read_text()
    DOCUMENT.write_text(re.sub(r"(?<=<!-- jobs -->\n).*?(?=<!-- /jobs -->)", lambda _: text, document, flags=re.DOTALL))


if __name__ == "__main__":
    main()
