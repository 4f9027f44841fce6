"""How rows, deletes and the position are handed on: wrong ways of it, each planted by replacing one function.

Not here: by which steps they are met (the table in planted).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from langsmith_core.sync import engine
from langsmith_core.faces import standalone
from langsmith_core import unfilled
from langsmith_core.destinations.duckdb import sql
from langsmith_core.sync.batch import Batch


def saved_before_written(patch: pytest.MonkeyPatch) -> None:
    """The position is kept, then the rows."""

    def backwards(driver: Any, batches: Iterator[Batch]) -> None:
        while (batch := driver._next(batches)) is not None:  # noqa: SLF001
            driver._saved(batch.state)  # noqa: SLF001
            driver._sink.write(batch)  # noqa: SLF001
            driver.has_more = batch.has_more

    patch.setattr(standalone.Driver, "run", backwards)


def no_more_too_early(patch: pytest.MonkeyPatch) -> None:
    """A sync ends with its first full answer."""
    closed = engine._closed  # noqa: SLF001

    def early(batch: Batch, now: datetime) -> Batch:
        closed(batch, now).has_more = False
        return batch

    patch.setattr(engine, "_closed", early)


def stale_replaces_newer(patch: pytest.MonkeyPatch) -> None:
    """A row is upserted whatever its version."""
    upsert = sql.upsert
    patch.setattr(duckdb_sql, "upsert", lambda stream: upsert(stream).split(" WHERE ")[0])


def deletes_unsent(patch: pytest.MonkeyPatch) -> None:
    """What is gone is noticed and not told."""
    patch.setattr(Batch, "delete", lambda *_: None)


def payloads_not_asked_for_again(patch: pytest.MonkeyPatch) -> None:
    """A payload that storage did not give is marked, and forgotten."""
    patch.setattr(unfilled, "noted", lambda state, *_: state)
