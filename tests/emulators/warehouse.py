"""One dataset of the BigQuery emulator for a test: batches to write, a plain client, and rows to compare with DuckDB's."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
from emulators.bigquery_emulator import PROJECT
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.bigquery.tables import SEARCHED
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.records.columns import JSON_KINDS, Table
from langsmith_core.streams.registry import TABLES
from langsmith_core.sync.batch import NEVER, Batch
from samples import settings

Row = tuple[Any, ...]
SECONDS = 600.0


def unhurried() -> float:
    """Return the seconds left of a call that has more than enough."""
    return SECONDS


class Warehouse:
    """A dataset that nobody else uses. `jobs` and `rejected` belong to the last pass."""

    def __init__(self, address: str, dataset: str) -> None:
        self.settings = settings(GOOGLE_CLOUD_PROJECT=PROJECT, BIGQUERY_DATASET=dataset)
        self.dataset = f"{PROJECT}.{dataset}"
        self.client = bigquery.Client(
            PROJECT,
            AnonymousCredentials(),
            client_options={"api_endpoint": f"http://{address}"},
        )
        self.jobs: Counter[str] = Counter()
        self.rejected = 0

    def write(self, *batches: Batch, now: datetime = NEVER) -> None:
        """Make one pass that delivers these batches at LangSmith's time `now`."""
        with sink.opened(self.settings, unhurried) as opened:
            for one in batches:
                opened.write(one, now)
            self.jobs, self.rejected = opened.jobs.counts, opened.rejected

    def ask(self, sql: str) -> list[Row]:
        """Query as somebody else's client does. `{}` in the statement is the dataset."""
        return [tuple(row) for row in self.client.query(sql.replace("{}", self.dataset)).result()]

    def rows(self, stream: Table) -> list[Row]:
        """Return every row by key: columns as declared, JSON as a value, and when it was deleted."""
        names = ", ".join(f"TO_JSON_STRING({c.name})" if c.kind in JSON_KINDS else c.name for c in stream.columns)
        nulls = ", ".join(f"{c.name} IS NULL" for c in stream.columns)
        found = self.ask(f"SELECT {names}, _deleted_at, {nulls} FROM `{{}}.{stream.name}` ORDER BY {stream.key}")  # noqa: S608
        count = len(stream.columns) + 1
        return [
            _plain(
                stream, [None if null else value for value, null in zip(row, (*row[count:], False), strict=False)], row[count - 1]
            )
            for row in found
        ]

    def names(self, stream: Table) -> list[str]:
        """Return the columns that the table has."""
        return [field.name for field in self.client.get_table(f"{self.dataset}.{stream.name}").schema]

    def tables(self) -> list[str]:
        """Return the tables that exist."""
        return sorted(table.table_id for table in self.client.list_tables(self.dataset))

    def dml(self) -> Counter[str]:
        """Count the rows that all statements on this dataset inserted, updated and deleted."""
        done: Counter[str] = Counter()
        for job in self.client.list_jobs():
            stats = job.dml_stats if job.job_type == "query" and self.dataset in job.query else None
            if stats:
                done.update(inserted=stats.inserted_row_count, updated=stats.updated_row_count, deleted=stats.deleted_row_count)
        return done

    def look_ups(self, stream: Table) -> list[str]:
        """Return the statements that looked keys of a table up, oldest first."""
        return self._asked("look-up", stream)

    def merges(self, stream: Table) -> list[str]:
        """Return the statements that merged rows into a table, oldest first."""
        return self._asked("merge", stream)

    def _asked(self, kind: str, stream: Table) -> list[str]:
        """Return the statements of a kind that concern a table, by their labels."""
        jobs = [job for job in self.client.list_jobs() if job.job_type == "query" and self.dataset in job.query]
        mine = [job for job in jobs if (job.labels.get("kind"), job.labels.get("table")) == (kind, stream.name)]
        return [job.query for job in sorted(mine, key=lambda job: job.created)]

    def labels(self, stream: Table) -> dict[str, str]:
        """Return the labels of a table."""
        found: dict[str, str] = self.client.get_table(f"{self.dataset}.{stream.name}").labels
        return found

    def let_a_day_pass(self) -> None:
        """Label every table as one that was last searched on another day."""
        for stream in TABLES:
            table = bigquery.Table(f"{self.dataset}.{stream.name}")
            table.labels = {SEARCHED: "2026-01-01"}
            self.client.update_table(table, ["labels"])

    def loads(self) -> int:
        """Count the load jobs of this dataset that succeeded."""
        jobs = [job for job in self.client.list_jobs() if job.job_type == "load" and job.error_result is None]
        return sum(job.destination.dataset_id == self.settings.bigquery_dataset for job in jobs)


def in_duckdb(path: str, stream: Table) -> list[Row]:
    """Return the same rows from a DuckDB file, in the same form."""
    names = ", ".join(f"{c.name}::VARCHAR" if c.kind in JSON_KINDS else c.name for c in stream.columns)
    with closing(duckdb.connect(path, read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(f"SELECT {names}, _deleted_at FROM {stream.name} ORDER BY {stream.key}").fetchall()  # noqa: S608
    return [_plain(stream, row[:-1], row[-1]) for row in found]


def write_duckdb(path: str, *batches: Batch) -> None:
    """Make the same pass into a DuckDB file."""
    with local.opened(path) as file:
        for one in batches:
            file.write(one)
            file.save(one.state)


def value(text: str | None) -> Any:
    """Parse a JSON text. A number that BigQuery's JSON cannot hold becomes the text of its digits (docs/bigquery.md)."""
    return None if text is None else (json.loads(text, parse_int=_integer, parse_float=_fraction),)


def _integer(digits: str) -> int | str:
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else digits


def _fraction(digits: str) -> float | str:
    return float(digits) if Decimal(digits) == Decimal(repr(float(digits))) else digits


def _plain(stream: Table, row: Any, deleted_at: Any) -> Row:
    kinds = [column.kind for column in stream.columns]
    return (*(value(one) if kind in JSON_KINDS else one for one, kind in zip(row, kinds, strict=False)), deleted_at)
