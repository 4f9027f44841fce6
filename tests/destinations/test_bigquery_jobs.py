"""The jobs of a call share its time, whatever BigQuery does. They need no BigQuery."""

from __future__ import annotations

from typing import Any, cast

import pytest
from google.cloud import bigquery

from langsmith_core.destinations.bigquery.errors import explained
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.tables import REJECTIONS
from langsmith_core.errors import SyncError

EACH, ALL = 40.0, 100.0


class Slow:
    """A client whose jobs take `EACH` seconds. It notes how long BigQuery and this program would have waited."""

    dml_stats = None

    def __init__(self) -> None:
        self.left, self.given = ALL, list[tuple[int, float]]()

    def query(self, _: str, job_config: Any, **__: Any) -> Slow:
        """Begin a job."""
        self.stops = int(job_config.job_timeout_ms)
        return self

    def result(self, timeout: float, **_: Any) -> list[Any]:
        """End it."""
        self.given.append((self.stops, timeout))
        self.left -= EACH
        return []


def test_jobs_share_the_time_that_is_left() -> None:
    """Each job may take what those before have left. Once nothing is left no job begins, and the next pass goes on."""
    slow = Slow()
    jobs = Jobs(cast("bigquery.Client", slow), "p.d", None, "w", lambda: slow.left, wide=False)
    for _ in range(3):
        jobs.run("count", REJECTIONS, "SELECT 1")
    with pytest.raises(SyncError, match="longer than this pass may wait") as caught, explained("p.d"):
        jobs.run("count", REJECTIONS, "SELECT 1")
    assert caught.value.status == 503
    assert slow.given == [(100_000, 100.0), (60_000, 60.0), (20_000, 20.0)]
