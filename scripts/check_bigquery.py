"""Let a real project check every statement that the sink can send, before anything is deployed: `make check-bigquery PROJECT=…`.

Queries and merges are dry runs: BigQuery checks names, types and rights, says how many bytes it would process, and runs nothing.
A load cannot be a dry run, so one empty row goes into a staging table of each kind; loads are free. Without DATASET all of it is
done in a dataset of its own, whose tables are made as the first pass makes them, and which goes again. A DATASET that exists is
changed by nothing but its staging tables: there the bytes are those of its real tables.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from google.api_core import exceptions  # noqa: E402  the path above comes first
from google.cloud import bigquery  # noqa: E402

from langsmith_core.destinations.bigquery import counts, sql, tables  # noqa: E402
from langsmith_core.destinations.bigquery.client import connected, emulated  # noqa: E402
from langsmith_core.destinations.bigquery.errors import FOREIGN, RETRY, explained  # noqa: E402
from langsmith_core.destinations.bigquery.jobs import Jobs  # noqa: E402
from langsmith_core.destinations.bigquery.tables import EVERY, LAYOUTS, Layout  # noqa: E402
from langsmith_core.errors import SyncError  # noqa: E402
from langsmith_core.streams.registry import CHILDREN  # noqa: E402

SCRATCH = "langsmith_check"
LIFE = timedelta(hours=1)
KEYS = ["00000000-0000-0000-0000-000000000000"]
SECONDS = 600.0
BYTES_MAX = 10**12
"""BIGQUERY_MAX_GB where it is not set: a statement that would be refused for it is refused here."""
TABLE_OF = {layout.stream.name: layout for layout in LAYOUTS}
Statement = tuple[str, Layout, str, list[str] | None]
"""Kind, table, text and parameter @keys."""
HEAD = """A dry run runs nothing: BigQuery checks the statement, and says how many bytes it would process.
For the days of today and yesterday. BigQuery bills at least 10 MB for each table; what it bills for an UPDATE may be more.
"""
EMULATED = "This is the emulator: it counts no bytes and knows no rights, so 0 bytes and `accepted` prove the syntax alone.\n"


def statements(layout: Layout, jobs: Jobs, staging: str) -> Iterator[Statement]:
    """Yield every statement on a table that the sink can send: those of today and yesterday, and those of the whole table."""
    table, now = jobs.name(layout), datetime.now(UTC)
    within = sql.within(layout, [now, now - timedelta(days=1)])
    for where in dict.fromkeys((within, sql.EVERYWHERE)):
        yield "look-up", layout, sql.look_up(layout, table, where), KEYS
    for replaces in (False, True):
        merge = sql.merge(layout, table, staging, within, now, replaces=replaces, wide=jobs.wide)
        yield "merge, updates" if replaces else "merge, inserts", layout, merge, None
    yield "count", layout, sql.count(layout, table, within), KEYS
    yield "heal", layout, sql.heal(layout, table, within, now), KEYS
    if layout.partition:
        yield "search", layout, sql.twice(layout, table), None


def cascades(jobs: Jobs) -> Iterator[Statement]:
    """Yield the statements that mark the rows of deleted parents."""
    for parent, children in CHILDREN.items():
        for child in (TABLE_OF[one.name] for one in children):
            within = sql.within(child, [datetime.now(UTC)])
            yield "look-up", child, sql.orphans(child, TABLE_OF[parent], jobs.dataset), KEYS
            yield "cascade", child, sql.orphan(child, TABLE_OF[parent], jobs.dataset, within), KEYS


def counted(jobs: Jobs) -> Iterator[Statement]:
    """Yield the statements that count rows and read verdicts: of yesterday, and of whole projects and datasets."""
    midnight = sql.start_of(datetime.now(UTC), "DAY")
    layouts = {layout.stream.name: layout for layout in EVERY}
    for layout, text in counts.statements(jobs, layouts, midnight - timedelta(days=1), midnight):
        yield counts.KIND, layout, text, None


def checked(jobs: Jobs) -> Iterator[tuple[str, str, str, bool]]:
    """Yield what BigQuery says of each statement: kind, table, bytes or reason, and whether it would be accepted."""
    for layout in EVERY:
        line = msgspec.json.encode({layout.stream.key: KEYS[0]})
        loaded: list[str] = []

        def load(to: Layout = layout, row: bytes = line, made: list[str] = loaded) -> None:
            made.append(jobs.load(to, [row]))

        yield _said("load", layout, load)
        for staging in loaded:
            for statement in statements(layout, jobs, staging):
                yield _dry_run(jobs, statement)
            jobs.drop(staging)
    for statement in (*cascades(jobs), *counted(jobs)):
        yield _dry_run(jobs, statement)


def _dry_run(jobs: Jobs, statement: Statement) -> tuple[str, str, str, bool]:
    kind, layout, text, keys = statement
    return _said(kind, layout, lambda: jobs.dry_run(kind.partition(",")[0], layout, text, keys))


def _said(kind: str, layout: Layout, done: Callable[[], int | None]) -> tuple[str, str, str, bool]:
    try:
        count = done()
    except (SyncError, *FOREIGN) as error:
        return kind, layout.stream.name, " ".join(str(error).split()), False  # its own words: no statement here holds a row
    return kind, layout.stream.name, "free" if count is None else f"{count:,}", True


def check(project: str, dataset: str) -> int:
    """Print the bytes of each statement, and return the exit code: 1 where BigQuery refuses one."""
    with connected(project or None) as client, explained(project):
        name = f"{client.project}.{dataset}"
        made = _made(client, name)
        location = client.get_dataset(name, retry=RETRY).location
        jobs = Jobs(client, name, location, "check", lambda: SECONDS, wide=not emulated(), bytes_max=BYTES_MAX)
        print(f"{name}, in {location}{', made for this check' if made else ''}.\n{HEAD}{EMULATED if emulated() else ''}")
        try:
            return _printed(list(checked(jobs)))
        finally:
            if made:
                client.delete_dataset(name, delete_contents=True, retry=RETRY)


def _printed(found: list[tuple[str, str, str, bool]]) -> int:
    print(f"{'statement':16}{'table':28}{'bytes':>16}")
    for kind, table, text, accepted in found:
        print(f"{kind:16}{table:28}{text:>16}  accepted" if accepted else f"{kind:16}{table:28}  refused: {text}")
    refused = sum(not accepted for *_, accepted in found)
    print(f"\n{len(found)} statements, {refused} refused.")
    return 1 if refused else 0


def _made(client: bigquery.Client, name: str) -> bool:
    """Make the dataset and its tables where it is missing. Return whether it was."""
    try:
        client.get_dataset(name, retry=RETRY)
    except exceptions.NotFound:
        scratch = bigquery.Dataset(name)
        scratch.default_table_expiration_ms = int(LIFE.total_seconds() * 1000)
        client.create_dataset(scratch, retry=RETRY)
        tables.prepare(client, name)
        return True
    return False


def main() -> int:
    """Check the project and dataset of the environment."""
    project = os.environ.get("PROJECT", "").strip()
    if not project:
        print("Name the project: make check-bigquery PROJECT=acme-data [DATASET=langsmith]", file=sys.stderr)
        return 2
    try:
        return check(project, os.environ.get("DATASET", "").strip() or SCRATCH)
    except SyncError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
