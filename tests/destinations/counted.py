"""Rows of two projects and a dataset, what a destination counts of them, and verdicts to record. DuckDB and BigQuery agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from destinations.files import EARLY, LATE, batch
from langsmith_core.completeness.values import Ruling, Runs, Total, Verdict
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.sync.batch import Batch
from samples import encoded

FIRST, SECOND, THIRD = (datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3))
CHECKED = datetime(2026, 6, 2, 3, 4, 5, 678901, tzinfo=UTC)
STATS = {"stars": {"n": 2, "avg": 0.5}, "mood": {"n": 0, "avg": None, "values": {"good": 3, "bad": 1}}, "none": None}
"""Two scores, and four labels: v1 counts no `n` for labels alone."""


def made(stream: Table, **record: Any) -> Batch:
    """One row, as the engine delivers it."""
    given = {"dataset_id": record["dataset_id"]} if "dataset_id" in record else {}
    return batch(stream, rows.to_row(stream, encoded(record), {}, given=given), at=EARLY)


def run(key: str, project: str | None, start: str, parent: str | None = None) -> Batch:
    """One run."""
    return made(RUN, id=key, session_id=project, start_time=start, parent_run_id=parent)


def held() -> list[Batch]:
    """Two counted projects, one without any counter, one that is gone; a dataset, one without examples, one that is gone."""
    gone = Batch(made(PROJECT, id="gone").state)
    for table, key in ((PROJECT.name, "gone"), (DATASET.name, "lost"), (EXAMPLE.name, "e3"), (FEEDBACK.name, "f4")):
        gone.delete(table, key, parse(LATE))
    return [
        made(PROJECT, id="p", name="one", run_count=5, feedback_stats=STATS),
        made(PROJECT, id="q", name="two", run_count=0, feedback_stats={}),
        made(PROJECT, id="u", name="uncounted"),
        made(PROJECT, id="gone", run_count=9),
        run("r1", "p", "2026-05-01T00:00:00"),
        run("r2", "p", "2026-05-01T23:59:59.999999", parent="r1"),
        run("r3", "p", "2026-05-02T00:00:00", parent="r1"),
        run("r4", "q", "2026-05-02T12:00:00"),
        run("r5", "p", "2026-05-03T00:00:00"),
        run("r6", "p", "2026-04-30T23:59:59.999999"),
        run("r7", None, "2026-05-01T10:00:00"),
        run("r8", "not listed", "2026-05-01T10:00:00"),
        made(FEEDBACK, id="f1", run_id="r1", session_id="p", key="stars", created_at="2026-05-01T00:00:00"),
        made(FEEDBACK, id="f2", run_id="r2", session_id="p", key="mood", created_at="2026-05-02T00:00:00"),
        made(FEEDBACK, id="f3", session_id="p", key="of the project", created_at="2026-05-02T00:00:00"),
        made(FEEDBACK, id="f4", run_id="r1", session_id="p", key="deleted", created_at="2026-05-01T00:00:00"),
        made(DATASET, id="d", name="cases", example_count=2),
        made(DATASET, id="e", name="empty", example_count=0),
        made(DATASET, id="lost", example_count=1),
        made(EXAMPLE, id="e1", dataset_id="d", created_at="2026-05-01T00:00:00"),
        made(EXAMPLE, id="e2", dataset_id="d", created_at="2026-05-01T00:00:00"),
        made(EXAMPLE, id="e3", dataset_id="d", created_at="2026-05-01T00:00:00"),
        gone,
    ]


BY_DAY = {
    ("p", FIRST): Runs(2, 1),
    ("p", SECOND): Runs(1, 0),
    ("q", SECOND): Runs(1, 1),
    ("not listed", FIRST): Runs(1, 1),
}
"""Of the first two days."""
TOTALS = [
    Total(RUN.name, "p", "one", 5, 5, 3),
    Total(FEEDBACK.name, "p", "one", 6, 2),
    Total(RUN.name, "q", "two", 0, 1, 1),
    Total(FEEDBACK.name, "q", "two", 0, 0),
    Total(RUN.name, "u", "uncounted", None, 0),
    Total(FEEDBACK.name, "u", "uncounted", None, 0),
    Total(EXAMPLE.name, "d", "cases", 2, 2),
    Total(EXAMPLE.name, "e", "empty", 0, 0),
]


def verdict(parent: str, ruling: Ruling, day: datetime | None = None, *, table: Table = RUN, later: float = 0) -> Verdict:
    """A verdict that was found so many seconds after CHECKED."""
    source = None if ruling is Ruling.UNKNOWN else 7
    return Verdict(table.name, parent, f'{parent}\'s "name"', day, source, 6, CHECKED + timedelta(seconds=later), ruling)


FOUND = [
    verdict("b", Ruling.GAP, SECOND),
    verdict("a", Ruling.COMPLETE, table=EXAMPLE),
    verdict("a", Ruling.UNKNOWN),
    verdict("a", Ruling.COMPLETE, FIRST),
    verdict("a", Ruling.CLOSED, SECOND),
    verdict("b", Ruling.REREAD, THIRD),
]
"""Verdicts in the order in which they are read."""
