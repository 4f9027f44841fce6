"""The BigQuery sink: upsert a batch. Its rows are durable when `write` returns, each key once, in its newest reading.

Here: the order of the steps, for each table of a batch. Not here: statements (sql), jobs (jobs), what has to be written (plan),
what cannot be (check), the tables (tables). docs/bigquery.md explains the whole. Only this package and firestore import Google's
libraries.

    check      rows that BigQuery could not take go to langsmith_rejected
    look up    what the table has of the batch's keys, in all partitions: key, version and hash only
    load       what is fresh, changed or gone, into a staging table of its own
    merge      into the partitions that the look-up named, and no other
    count      nobody else inserted meanwhile; else start again from the look-up
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
from langsmith_core.destinations.bigquery.check import BadRowError, Checked, checked
from langsmith_core.destinations.bigquery.client import connected, emulated
from langsmith_core.destinations.bigquery.errors import RETRY, explained, is_race
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.rejected import rejected_row
from langsmith_core.destinations.bigquery.tables import LAYOUTS, REJECTIONS, Layout
from langsmith_core.errors import BusyError
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import CHILDREN
from langsmith_core.sync.batch import NEVER, Batch, trusted_to

KEYS_MAX = 50_000
"""Keys of one look-up: a request may have 10 MB."""
ROUNDS_MAX = 8
TABLE_OF = {layout.stream.name: layout for layout in LAYOUTS}
REFUSED = Remark("%s: refused, kept in langsmith_rejected, each with its reason; correct the record in LangSmith", logging.ERROR)
_log = logging.getLogger(__name__)


class BigQuery:
    """The sink. `rejected` counts rows rejected since it was opened, `jobs.counts` jobs. It logs `remarks` when it closes."""

    def __init__(self, jobs: Jobs, place: str) -> None:
        self.jobs, self._place, self.remarks = jobs, place, Remarks()
        self.rejected = 0
        self._trusted = NEVER

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Upsert by primary key, and mark deleted rows. All of it is durable on return.

        An older `_synced_at` never replaces a newer one that is not past `now`, LangSmith's time.
        """
        self._trusted = trusted_to(now)
        with explained(self._place):
            for layout in LAYOUTS:
                table = layout.stream.name
                rows = self._fit(layout, batch.lines.get(table, {}))
                self._upsert(layout, rows, batch.deletes.get(table, {}))
            for parent, child in ((parent, child) for parent, children in CHILDREN.items() for child in children):
                self._cascade(TABLE_OF[parent], TABLE_OF[child.name], sorted(batch.deletes.get(parent, {})))

    def _fit(self, layout: Layout, lines: Mapping[str, bytes]) -> list[Checked]:
        """Return the rows that BigQuery takes. Store the others in langsmith_rejected, count them and remark on them."""
        fit: list[Checked] = []
        refused: list[Checked] = []
        for key, line in lines.items():
            try:
                fit.append(checked(layout.stream, layout.partition, line))
            except BadRowError as error:
                self.remarks.add(REFUSED, layout.stream.name, of=key, why=error)
                refused.append(rejected_row(layout.stream.name, key, str(error), line))
        self.rejected += len(refused)
        self._upsert(REJECTIONS, refused, {})
        return fit

    def _upsert(self, layout: Layout, rows: Iterable[Checked], gone: Mapping[str, datetime]) -> None:
        """Write all rows and deletions, as many at a time as one look-up holds."""
        waiting = iter([*((row.key, row) for row in rows), *gone.items()])
        while part := list(islice(waiting, KEYS_MAX)):
            found = [row for _, row in part if isinstance(row, Checked)]
            self._settle(layout, found, {key: at for key, at in part if isinstance(at, datetime)})

    def _settle(self, layout: Layout, rows: list[Checked], gone: Mapping[str, datetime]) -> None:
        """Look up and write, and look again, until the table holds what it should. Raises BusyError after ROUNDS_MAX rounds."""
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
        """Run one round. Return False where somebody else wrote meanwhile, so that the result is not the plan."""
        total, found = self._look_up(layout, keys)
        twice = plans.doubled(found)
        if twice:
            self._heal(layout, twice, found)
            return False
        plan = plans.planned(layout.stream.key, rows, gone, found, self._trusted)
        return not plan.lines or self._merged(layout, plan, total)

    def _look_up(self, layout: Layout, keys: list[str]) -> tuple[int, list[plans.Found]]:
        """Return how many rows the table has, and what it has of these keys."""
        rows = self.jobs.run("look-up", sql.look_up(layout, self._name(layout)), keys).rows
        (total,) = (row[-1] for row in rows if row[0] is None)
        return total, [plans.Found(*row) for row in rows if row[0] is not None]

    def _merged(self, layout: Layout, plan: plans.Plan, total: int) -> bool:
        """Load and merge. Return whether the table then holds what was planned."""
        table = self._name(layout)
        staging = self.jobs.load(layout, plan.lines)
        within = sql.within(layout, plan.moments)
        replaces, wide = plan.replaced > 0, self.jobs.wide
        done = self.jobs.run("merge", sql.merge(layout, table, staging, within, self._trusted, replaces=replaces, wide=wide))
        self.jobs.drop(staging)
        ((after,),) = self.jobs.run("count", sql.total(table)).rows
        return bool((done.inserted, done.updated) == (plan.fresh, plan.replaced) and after == total + plan.fresh)

    def _heal(self, layout: Layout, keys: list[str], found: list[plans.Found]) -> None:
        _log.warning(
            "%s: %d keys stood there twice; the newest row of each is kept, look for a second writer if it stays",
            layout.stream.name,
            len(keys),
            extra={"fields": {"stream": layout.stream.name}},
        )
        within = sql.within(layout, [one.at for one in found if one.key in keys])
        self.jobs.run("heal", sql.heal(layout, self._name(layout), within), keys)

    def _cascade(self, parent: Layout, child: Layout, keys: list[str]) -> None:
        """Mark the rows of deleted parents as deleted. A crash repeats this, because it repeats the parents' deletion."""
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
    """Open the sink, making or widening its dataset and tables.

    Raises ConfigError where a person must act, SyncError with status 503 where the next pass may succeed.
    """
    place = _place(settings)
    with explained(place):
        client = connected(settings)
    try:
        with explained(place):
            sink = BigQuery(_prepared(client, settings), place)
        try:
            yield sink
        finally:
            sink.remarks.tell()
    finally:
        client.close()


def status(settings: Settings) -> dict[str, Any]:
    """Return what the dataset holds: `{"exists": bool, "rows": {table: n}}`. It reads metadata only: no query, no change."""
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
    """Prepare the dataset, and return its jobs, which run where it lies."""
    name = f"{client.project}.{settings.bigquery_dataset}"
    return Jobs(client, name, tables.prepare_dataset(client, name), wide=not emulated())


def _place(settings: Settings) -> str:
    return f"{settings.google_project or 'the default project'}.{settings.bigquery_dataset}"
