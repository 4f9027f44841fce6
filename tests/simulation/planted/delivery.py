"""Bugs in the delivery of rows, deletes and the position. Each is planted by replacing one function."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import connector_model.connection
from langsmith_core.destinations.duckdb import sql
from langsmith_core.faces import connector_delivery, standalone
from langsmith_core.sync import engine, payloads_missing
from langsmith_core.sync.batch import Batch


def saved_before_written(patch: pytest.MonkeyPatch) -> None:
    """Save the position before the rows."""

    def backwards(driver: Any, batches: Iterator[Batch]) -> None:
        for batch in batches:
            driver._save(batch.state)  # noqa: SLF001
            driver._sink.write(batch)  # noqa: SLF001
            driver.has_more = batch.has_more

    patch.setattr(standalone.Driver, "run", backwards)


def checkpointed_before_delivered(patch: pytest.MonkeyPatch) -> None:
    """Let Fivetran keep the position before the rows that lead to it."""
    take = connector_delivery.Delivery.take

    def backwards(delivery: connector_delivery.Delivery, batch: Batch) -> None:
        delivery.state = batch.state
        delivery.checkpoint()
        take(delivery, batch)

    patch.setattr(connector_delivery.Delivery, "take", backwards)
    patch.setattr(connector_model.connection, "CHECKPOINT_EVERY", timedelta(0))  # its verdict is not what is looked for


def no_more_too_early(patch: pytest.MonkeyPatch) -> None:
    """End a sync with its first full answer."""
    closed = engine.Engine._closed  # noqa: SLF001

    def early(self: engine.Engine, batch: Batch) -> Batch:
        closed(self, batch).has_more = False
        return batch

    patch.setattr(engine.Engine, "_closed", early)


def stale_replaces_newer(patch: pytest.MonkeyPatch) -> None:
    """Upsert a row whatever its version, so that an older reading replaces a newer one."""
    upsert = sql.upsert
    patch.setattr(sql, "upsert", lambda stream: upsert(stream).replace(" WHERE ", " WHERE true OR "))


def deletes_unsent(patch: pytest.MonkeyPatch) -> None:
    """Notice deleted records, but send no deletes."""
    patch.setattr(Batch, "delete", lambda *_: None)


def payloads_not_asked_for_again(patch: pytest.MonkeyPatch) -> None:
    """Mark a payload that storage did not serve, and never ask for it again."""
    patch.setattr(payloads_missing, "noted", lambda state, *_: state)
