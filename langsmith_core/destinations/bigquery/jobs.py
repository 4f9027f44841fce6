"""Run BigQuery jobs: statements with their counts, and loads that a repeated pass finds again.

Here: running and waiting. Not here: which statements (sql), or what a failure means (errors).
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_JOB_RETRY
from msgspec import Struct

from langsmith_core.destinations.bigquery.errors import RETRY, STAGING_PREFIX
from langsmith_core.destinations.bigquery.tables import Layout, staging_schema
from langsmith_core.errors import SyncError

JOB_RETRY_SECONDS = 120.0
REQUEST_SECONDS = 60.0
"""How long one request may take, and how long it is sent again where it fails."""
STAGING_LIFE = timedelta(hours=1)
ATTEMPTS_MAX = 20
_log = logging.getLogger(__name__)


class Done(Struct, frozen=True):
    """A statement's rows, and how many rows it inserted and updated."""

    rows: list[tuple[Any, ...]]
    inserted: int
    updated: int


class Jobs:
    """Run jobs in one dataset, and count them by kind in `counts`.

    `workspace`, a fingerprint, becomes a label of each job, beside table and kind: a bill can be split by them.
    `seconds_left` until the call's end bound all jobs together: what is not done then raises TimeoutError. `wide`: the service is
    BigQuery itself, not an emulator. `bytes_max`: of one statement; BigQuery refuses a larger one before it costs anything.
    """

    def __init__(
        self,
        client: bigquery.Client,
        dataset: str,
        location: str | None,
        workspace: str,
        seconds_left: Callable[[], float],
        *,
        wide: bool,
        bytes_max: int,
    ) -> None:
        self._client, self.dataset, self._location, self.wide = client, dataset, location, wide
        self._workspace, self._seconds_left, self._bytes_max = workspace, seconds_left, bytes_max
        self.counts: Counter[str] = Counter()

    def name(self, layout: Layout) -> str:
        """Return the full name of a table."""
        return f"{self.dataset}.{layout.stream.name}"

    def run(self, kind: str, layout: Layout, sql: str, keys: list[str] | None = None) -> Done:
        """Run a statement that concerns a table to its end; `keys` is its parameter @keys, the layout's workspace @workspace."""
        config = self._config(kind, layout, keys)
        left = self._left()
        config.job_timeout_ms = int(left * 1000)  # BigQuery stops it then too: none ends behind a later pass's back
        self.counts[kind] += 1
        again = DEFAULT_JOB_RETRY.with_timeout(min(JOB_RETRY_SECONDS, left))
        job = self._client.query(sql, job_config=config, location=self._location, job_retry=again, **self._bounds())
        rows = [tuple(row) for row in job.result(timeout=self._left(), retry=self._bounds()["retry"])]
        stats = job.dml_stats
        return Done(rows, stats.inserted_row_count if stats else 0, stats.updated_row_count if stats else 0)

    def dry_run(self, kind: str, layout: Layout, sql: str, keys: list[str] | None = None) -> int:
        """Let BigQuery check a statement without running it. Return the bytes that it says it would process."""
        config = self._config(kind, layout, keys)
        config.dry_run = True
        job = self._client.query(sql, job_config=config, location=self._location, **self._bounds())
        return int(job.total_bytes_processed or 0)

    def load(self, layout: Layout, lines: list[bytes]) -> str:
        """Load lines of JSON into a staging table of their own, which expires, and return its name.

        The content names job and table. A pass that died and is repeated finds the job, and does not load again. After a failed
        job, or one whose table is gone, another attempt follows. Raises SyncError after ATTEMPTS_MAX.
        """
        content = b"\n".join(lines)
        name = hashlib.sha256(b"\n".join([*self._place(layout), content])).hexdigest()[:32]
        for attempt in range(ATTEMPTS_MAX):
            staging = f"{self.dataset}.{STAGING_PREFIX}{name}_{attempt}"
            if self._loaded(layout, content, staging, f"langsmith_{name}_{attempt}"):
                return staging
        raise SyncError(
            f"BigQuery, {self.dataset}: {ATTEMPTS_MAX} loads of the same rows failed; see job langsmith_{name}_0 in its console"
        )

    def label(self, layout: Layout, key: str, value: str) -> None:
        """Set one label of a table. Its other labels stay."""
        table = bigquery.Table(self.name(layout))
        table.labels = {key: value}
        self._client.update_table(table, ["labels"], **self._bounds())

    def _config(self, kind: str, layout: Layout, keys: list[str] | None) -> bigquery.QueryJobConfig:
        given = [] if keys is None else [bigquery.ArrayQueryParameter("keys", "STRING", keys)]
        own = [bigquery.ScalarQueryParameter("workspace", "STRING", layout.workspace)] if layout.workspace else []
        config = bigquery.QueryJobConfig(query_parameters=[*given, *own], use_query_cache=False)
        config.labels, config.maximum_bytes_billed = self._labels(kind, layout), self._bytes_max
        return config

    def _place(self, layout: Layout) -> list[bytes]:
        """Return what names a load beside its content. Workspaces of one dataset never wait for each other's loads."""
        return [text.encode() for text in (self.dataset, layout.stream.name, *filter(None, [layout.workspace]))]

    def _labels(self, kind: str, layout: Layout) -> dict[str, str]:
        return {"kind": kind, "table": layout.stream.name, "workspace": self._workspace}

    def drop(self, table: str) -> None:
        """Delete a staging table, which may be gone already."""
        self._client.delete_table(table, not_found_ok=True, **self._bounds())

    def _loaded(self, layout: Layout, content: bytes, staging: str, job_id: str) -> bool:
        """Whether the rows are in the staging table now, by this job or by an earlier one of the same name."""
        table = bigquery.Table(staging, schema=staging_schema(layout))
        table.expires = datetime.now(UTC) + STAGING_LIFE
        try:
            self._client.create_table(table, **self._bounds())
            new = True
        except exceptions.Conflict:
            new = False
        try:
            job = self._begun(layout, content, staging, job_id)
        except exceptions.Conflict:
            if new:  # the job ran before, and its table has been dropped since
                self.drop(staging)
                return False
            _log.info("an earlier pass began the load %s; continuing it", job_id)
            return self._ended(self._client.get_job(job_id, location=self._location, **self._bounds()))
        job.result(timeout=self._left(), retry=self._bounds()["retry"])
        return True

    def _begun(self, layout: Layout, content: bytes, staging: str, job_id: str) -> bigquery.LoadJob:
        config = bigquery.LoadJobConfig(
            schema=staging_schema(layout),
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
            write_disposition=bigquery.WriteDisposition.WRITE_EMPTY,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            labels=self._labels("load", layout),
        )
        job = self._client.load_table_from_file(
            io.BytesIO(content),
            staging,
            size=len(content),
            job_id=job_id,
            location=self._location,
            job_config=config,
            timeout=self._left(),
        )
        self.counts["load"] += 1
        return job

    def _ended(self, job: Any) -> bool:
        """Wait for a job of an earlier pass, and return whether it succeeded."""
        try:
            job.result(timeout=self._left(), retry=self._bounds()["retry"])
        except exceptions.GoogleAPICallError as error:
            _log.warning("the load %s of an earlier pass failed and is repeated: %s", job.job_id, type(error).__name__)
            return False
        return True

    def _left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError where none are."""
        left = self._seconds_left()
        if left <= 0:
            raise TimeoutError("the time of this call's writes is over")
        return left

    def _bounds(self) -> dict[str, Any]:
        """Return how long one request may take now, as arguments of the library."""
        seconds = min(REQUEST_SECONDS, self._left())
        return {"retry": RETRY.with_timeout(seconds), "timeout": seconds}
