"""The BigQuery sink: upsert a batch. Its rows are durable when `write` returns, each key once, in its newest reading.

Here: the order of the steps, for each table of a batch. Not here: statements (sql), jobs (jobs), what has to be written (plan),
what cannot be (check), the tables (tables). docs/bigquery.md explains the whole. Only this package and firestore import Google's
libraries.

    check      rows that BigQuery could not take go to langsmith_rejected
    look up    what the batch's own partitions have of its keys, or those beside them: key, version and hash only
    load       what is fresh, changed or gone, into a staging table of its own
    merge      into the partitions that the look-up named, and no other
    count      nobody else inserted the fresh keys meanwhile; else start again from the look-up, in all partitions
    search     once a day, for keys in two partitions: a row whose time was corrected by days stands twice until then
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice

from google.api_core import exceptions
from google.cloud import bigquery

from langsmith_core.destinations.bigquery import healing, retention, sql, tables
from langsmith_core.destinations.bigquery import plan as plans
from langsmith_core.destinations.bigquery.check import BadRowError, Checked, checked
from langsmith_core.destinations.bigquery.client import connected, emulated, place_of
from langsmith_core.destinations.bigquery.errors import explained, is_race
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.look_up import KEYS_MAX, anywhere, count, near
from langsmith_core.destinations.bigquery.rejected import rejected_row
from langsmith_core.destinations.bigquery.shared import layouts_of
from langsmith_core.destinations.bigquery.tables import LAYOUTS, REJECTED, Layout
from langsmith_core.errors import BusyError
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import CHILDREN
from langsmith_core.sync.batch import NEVER, Batch, trusted_to

ROUNDS_MAX = 8
WRITE_SECONDS = 300.0
"""How long writing may go on after a call's own time, for the batch that was read last."""
TABLE_OF = {layout.stream.name: layout for layout in LAYOUTS}
REFUSED = Remark(
    "%s: BigQuery cannot hold a row, so it is in langsmith_rejected with its reason; correct the record in LangSmith",
    logging.ERROR,
)
_log = logging.getLogger(__name__)


class BigQuery:
    """The sink. `rejected` counts rows rejected since it was opened, `jobs.counts` jobs. It logs `remarks` when it closes."""

    def __init__(
        self, jobs: Jobs, place: str, layouts: Iterable[Layout], searched: dict[str, str], kept_days: Mapping[str, int]
    ) -> None:
        self.jobs, self._place, self.remarks = jobs, place, Remarks()
        self._searched, self._layouts = searched, {layout.stream.name: layout for layout in layouts}
        self._kept_days = kept_days
        self.rejected = 0
        self._trusted = NEVER

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Upsert by primary key, and mark deleted rows. All of it is durable on return.

        An older `_synced_at` never replaces a newer one that is not past `now`, LangSmith's time.
        """
        self._trusted = trusted_to(now)
        with explained(self._place):
            for table in TABLE_OF:
                layout = self._layouts[table]
                rows = retention.kept(self._fit(layout, batch.lines.get(table, {})), self._kept_days.get(table))
                self._upsert(layout, rows, batch.deletes.get(table, {}))
            for parent, child in ((parent, child) for parent, children in CHILDREN.items() for child in children):
                self._cascade(self._layouts[parent], self._layouts[child.name], sorted(batch.deletes.get(parent, {})))
            for table in TABLE_OF:
                self._search(self._layouts[table])

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
        self._upsert(self._layouts[REJECTED.name], refused, {})
        return fit

    def _upsert(self, layout: Layout, rows: Iterable[Checked], gone: Mapping[str, datetime]) -> None:
        """Write all rows and deletions, as many at a time as one look-up holds."""
        waiting = iter([*((row.key, row) for row in rows), *gone.items()])
        while part := list(islice(waiting, KEYS_MAX)):
            found = [row for _, row in part if isinstance(row, Checked)]
            deleted = {key: at for key, at in part if isinstance(at, datetime)}
            self._settle(layout, partial(self._settled, layout, found, deleted))

    def _settle(self, layout: Layout, settled: Callable[[bool], bool]) -> None:
        """Try until it is settled, from the second time on in all partitions. Raises BusyError after ROUNDS_MAX rounds."""
        for number in range(ROUNDS_MAX):
            try:
                if settled(number > 0):
                    return
            except (exceptions.NotFound, exceptions.BadRequest) as error:
                if not is_race(error):
                    raise
            _log.info("%s: another pass wrote at the same time; looking again", layout.stream.name)
        raise BusyError(f"another pass keeps writing {layout.stream.name} in {self._place}; run one pass at a time")

    def _settled(self, layout: Layout, rows: list[Checked], gone: Mapping[str, datetime], everywhere: bool) -> bool:
        """Look up and write. Return False where somebody else wrote meanwhile, so that the result is not the plan.

        A deletion has no time, so its row is looked for in all partitions.
        """
        keys = {row.key for row in rows} | gone.keys()
        wide = everywhere or gone
        found = anywhere(self.jobs, layout, keys) if wide else near(self.jobs, layout, keys, [row.at for row in rows])
        if healing.heal(self.jobs, layout, found, self._trusted):
            return False
        plan = plans.planned(layout.stream.key, rows, gone, found, self._trusted)
        return not plan.lines or self._merged(layout, plan)

    def _merged(self, layout: Layout, plan: plans.Plan) -> bool:
        """Load and merge. Return whether the table then holds what was planned, and each fresh key once in its partitions."""
        table = self.jobs.name(layout)
        staging = self.jobs.load(layout, plan.lines)
        within = sql.within(layout, plan.scanned)
        replaces, wide = bool(plan.replaced), self.jobs.wide
        statement = sql.merge(layout, table, staging, within, self._trusted, replaces=replaces, wide=wide)
        done = self.jobs.run("merge", layout, statement)
        self.jobs.drop(staging)
        if (done.inserted, done.updated) != (len(plan.fresh), len(plan.replaced)):
            return False
        return not plan.fresh or count(self.jobs, layout, plan.fresh) == len(plan.fresh)

    def _search(self, layout: Layout) -> None:
        """Once a day heal the keys that stand in two partitions, where no look-up saw both."""
        table, today = layout.stream.name, tables.today()
        if not layout.partition or self._searched[table] == today:
            return
        self._settle(layout, lambda _: healing.search(self.jobs, layout, self._trusted))
        self.jobs.label(layout, tables.SEARCHED, today)
        self._searched[table] = today

    def _cascade(self, parent: Layout, child: Layout, keys: list[str]) -> None:
        """Mark the rows of deleted parents as deleted. A crash repeats this, because it repeats the parents' deletion."""
        if not keys:
            return
        rows = self.jobs.run("look-up", child, sql.orphans(child, parent, self.jobs.dataset), keys).rows
        if rows:
            within = sql.within(child, [moment for (moment,) in rows])
            self.jobs.run("cascade", child, sql.orphan(child, parent, self.jobs.dataset, within), keys)


@contextmanager
def opened(settings: Settings, seconds_left: Callable[[], float]) -> Iterator[BigQuery]:
    """Open the sink, making or widening its dataset and tables.

    `seconds_left` are the call's. All its writes together end WRITE_SECONDS after them, or fail with a SyncError of status 503.
    Raises ConfigError where a person must act, SyncError with status 503 where the next pass may succeed.
    """
    place = place_of(settings)
    with explained(place):
        client = connected(settings.google_project)
    try:
        with explained(place):
            sink = _prepared(client, settings, place, lambda: seconds_left() + WRITE_SECONDS)
        try:
            yield sink
        finally:
            sink.remarks.tell()
    finally:
        client.close()


def _prepared(client: bigquery.Client, settings: Settings, place: str, seconds_left: Callable[[], float]) -> BigQuery:
    """Prepare the dataset, and return its sink, whose jobs run where it lies."""
    name = f"{client.project}.{settings.bigquery_dataset}"
    layouts, most = layouts_of(client, name, settings), settings.bigquery_bytes_max
    location, there = tables.prepare_dataset(client, name, layouts)
    days = retention.kept_days(client, there, settings.retention_days)
    jobs = Jobs(client, name, location, settings.source, seconds_left, wide=not emulated(), bytes_max=most)
    searched = {table: one.labels.get(tables.SEARCHED, "") for table, one in there.items()}
    return BigQuery(jobs, place, layouts, searched, days)
