"""The BigQuery sink: a batch becomes rows that are durable when `write` returns, each key once, the newest reading standing.

Here: the order of the steps, for each table of a batch. Statements (bigquery_sql), jobs (bigquery_jobs), what has to be written
(bigquery_plan), what cannot be (bigquery_check) and the tables (bigquery_tables) have files of their own; docs/bigquery.md tells
the whole. google is imported by these only.

    check      rows that BigQuery could not take go to langsmith_rejected
    look up    what is there of the batch's keys, in all partitions: key, version and hash only
    load       what is fresh, changed or gone, into a staging table of its own
    merge      into the partitions that the look-up named, and no other
    count      nobody else inserted meanwhile; else from the look-up again
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from langsmith_core.destinations.bigquery import plan as plans
from langsmith_core.destinations.bigquery import sql, tables
from langsmith_core.destinations.bigquery.checks import BadRowError, Checked, checked
from langsmith_core.destinations.bigquery.client import connected, emulated
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.refused import refusal
from langsmith_core.destinations.bigquery.tables import LAYOUTS, REJECTIONS, Layout
from langsmith_core.destinations.google import RETRY, explained, is_race
from langsmith_core.errors import BusyError
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import CHILDREN
from langsmith_core.sync.batch import Batch

KEYS_MAX = 50_000
"""Keys of one look-up: a request may have 10 MB."""
ROUNDS_MAX = 8
BY_TABLE = {layout.stream.name: layout for layout in LAYOUTS}
_log = logging.getLogger(__name__)


class BigQuery:
    """A sink. `rejected` counts rows refused since it was opened, `jobs.counts` jobs by kind."""

    def __init__(self, jobs: Jobs, place: str) -> None:
        self.jobs, self._place = jobs, place
        self.rejected = 0

    def write(self, batch: Batch) -> None:
        """Upsert by primary key, mark what is gone; an older `_synced_at` never replaces a newer one. Durable on return."""
        with explained(self._place):
            for layout in LAYOUTS:
                table = layout.stream.name
                rows = self._fit(layout, batch.lines.get(table, {}))
                self._upsert(layout, rows, batch.deletes.get(table, {}))
            for parent, child in CHILDREN.items():
                self._cascade(BY_TABLE[parent], BY_TABLE[child.name], sorted(batch.deletes.get(parent, {})))

    def _fit(self, layout: Layout, lines: Mapping[str, bytes]) -> list[Checked]:
        """The rows that BigQuery takes; the others are kept beside, counted and logged."""
        fit: list[Checked] = []
        refused: list[Checked] = []
        for key, line in lines.items():
            try:
                fit.append(checked(layout.stream, layout.partition, line))
            except BadRowError as error:
                _log.error(
                    "%s %s: refused, kept in %s: %s",
                    layout.stream.name,
                    key,
                    REJECTIONS.stream.name,
                    error,
                    extra={"fields": {"stream": layout.stream.name}},
                )
                refused.append(refusal(layout.stream.name, key, str(error), line))
        self.rejected += len(refused)
        self._upsert(REJECTIONS, refused, {})
        return fit

    def _upsert(self, layout: Layout, rows: Iterable[Checked], gone: Mapping[str, datetime]) -> None:
        """All rows and deletions, as many at a time as one look-up holds."""
        waiting = iter([*((row.key, row) for row in rows), *gone.items()])
        while part := list(islice(waiting, KEYS_MAX)):
            found = [row for _, row in part if isinstance(row, Checked)]
            self._settle(layout, found, {key: at for key, at in part if isinstance(at, datetime)})

    def _settle(self, layout: Layout, rows: list[Checked], gone: Mapping[str, datetime]) -> None:
        """Look, write, and look again until what is there is what should be."""
        keys = sorted({row.key for row in rows} | gone.keys())
        for _ in range(ROUNDS_MAX):
            try:
                if self._settled(layout, rows, gone, keys):
                    return
            except (exceptions.NotFound, exceptions.BadRequest) as error:
                if not is_race(error):
                    raise
            _log.info("%s: another pass wrote at the same time; looking again", layout.stream.name)
        raise BusyError(f"another pass keeps writing {layout.stream.name} in {self._place}; run one pass at a time")

    def _settled(self, layout: Layout, rows: list[Checked], gone: Mapping[str, datetime], keys: list[str]) -> bool:
        """One round. False: what came of it is not what was planned, since somebody else wrote meanwhile."""
        total, found = self._look_up(layout, keys)
        twice = plans.doubled(found)
        if twice:
            self._heal(layout, twice, found)
            return False
        plan = plans.planned(layout.stream.key, rows, gone, found)
        return not plan.lines or self._merged(layout, plan, total)

    def _look_up(self, layout: Layout, keys: list[str]) -> tuple[int, list[plans.Found]]:
        """How many rows the table has, and what is there of these keys."""
        rows = self.jobs.run("look-up", sql.look_up(layout, self._name(layout)), keys).rows
        (total,) = (row[-1] for row in rows if row[0] is None)
        return total, [plans.Found(*row) for row in rows if row[0] is not None]

    def _merged(self, layout: Layout, plan: plans.Plan, total: int) -> bool:
        """Load and merge; whether the table then has what was planned."""
        table = self._name(layout)
        staging = self.jobs.load(layout, plan.lines)
        within = sql.within(layout, plan.moments)
        done = self.jobs.run("merge", sql.merge(layout, table, staging, within, replaces=plan.replaced > 0, wide=self.jobs.wide))
        self.jobs.drop(staging)
        ((after,),) = self.jobs.run("count", sql.total(table)).rows
        return bool((done.inserted, done.updated) == (plan.fresh, plan.replaced) and after == total + plan.fresh)

    def _heal(self, layout: Layout, keys: list[str], found: list[plans.Found]) -> None:
        _log.warning(
            "%s: %d keys stood there twice; the newest row of each is kept",
            layout.stream.name,
            len(keys),
            extra={"fields": {"stream": layout.stream.name}},
        )
        within = sql.within(layout, [one.at for one in found if one.key in keys])
        self.jobs.run("heal", sql.heal(layout, self._name(layout), within), keys)

    def _cascade(self, parent: Layout, child: Layout, keys: list[str]) -> None:
        """Mark the rows of deleted parents as deleted; repeated after a crash, since the parents' deletion is."""
        if not keys:
            return
        rows = self.jobs.run("look-up", sql.orphans(child, parent, self.jobs.dataset), keys).rows
        if rows:
            within = sql.within(child, [moment for (moment,) in rows])
            self.jobs.run("cascade", sql.orphan(child, parent, self.jobs.dataset, within), keys)

    def _name(self, layout: Layout) -> str:
        return f"{self.jobs.dataset}.{layout.stream.name}"


@contextmanager
def opened(settings: Settings) -> Iterator[BigQuery]:
    """The sink, its dataset and tables made or widened.

    Raises ConfigError where a person must act, SyncError with status 503 where the next pass may succeed.
    """
    place = _place(settings)
    with explained(place):
        client = connected(settings)
    try:
        with explained(place):
            jobs = _prepared(client, settings)
        yield BigQuery(jobs, place)
    finally:
        client.close()


def status(settings: Settings) -> dict[str, Any]:
    """What the dataset holds, from metadata, without a query or a change: `{"exists": bool, "rows": {table: n}}`."""
    with explained(_place(settings)), connected(settings) as client:
        rows: dict[str, int] = {}
        for layout in (*LAYOUTS, REJECTIONS):
            try:
                table = client.get_table(f"{client.project}.{settings.bigquery_dataset}.{layout.stream.name}", retry=RETRY)
            except exceptions.NotFound:
                continue
            rows[layout.stream.name] = table.num_rows or 0
    return {"exists": bool(rows), "rows": rows}


def _prepared(client: bigquery.Client, settings: Settings) -> Jobs:
    """The dataset, made where it is missing; jobs run where it lies."""
    name = f"{client.project}.{settings.bigquery_dataset}"
    try:
        found = client.get_dataset(name, retry=RETRY)
    except exceptions.NotFound:
        found = client.create_dataset(name, exists_ok=True, retry=RETRY)
        _log.warning(
            "made the dataset %s in %s; for another location, delete it and make it there yourself", name, found.location
        )
    tables.prepare(client, name)
    return Jobs(client, name, found.location, wide=not emulated())


def _place(settings: Settings) -> str:
    return f"{settings.google_project or 'the default project'}.{settings.bigquery_dataset}"
