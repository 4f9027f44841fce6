"""Deliver batches through the operations of the Connector SDK: upserts, deletes, and a checkpoint of the position behind them.

    op.upsert, op.delete   (1) rows first
    op.checkpoint(state)   (2) then the position

Here: when a checkpoint is due. Not here: the engine's passes (connector_sync), a row's values (connector_values).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from langsmith_core.errors import DeliveryError
from langsmith_core.faces import connector_values
from langsmith_core.streams.registry import TABLE_OF
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

EVERY = timedelta(minutes=1)
"""Between two checkpoints: Fivetran asks for one a minute at most, and for one in about ten minutes."""
HEAVY_ROW, HEAVY_MAX = 100_000, 50_000_000
"""The SDK holds up to a hundred rows that Fivetran has not taken yet, whatever they weigh. It lets none wait at a checkpoint. So
one comes early once rows of HEAVY_ROW bytes or more have brought HEAVY_MAX since the last."""
CHOICE = "json_columns"
"""Beside the engine's state, how JSON columns were declared at the connection's first sync."""


class Operations(Protocol):
    """What is used of the SDK's `Operations`."""

    def upsert(self, table: str, data: dict[str, Any]) -> Any:
        """Insert a row, or replace the one of the same key."""

    def delete(self, table: str, keys: dict[str, Any]) -> Any:
        """Mark the row of a key as deleted."""

    def checkpoint(self, state: dict[str, Any]) -> Any:
        """Let Fivetran store all that came before, and keep the state. Returns when this is under way."""


class Delivery:
    """What one sync has delivered. `state` is the position behind the last whole batch; `bytes` and rows are of this pass."""

    def __init__(self, state: State, json_columns: str, op: Operations, now: Callable[[], datetime]) -> None:
        self.state, self.bytes, self._rows = state, 0, Counter[str]()
        self._json_columns, self._op, self._now = json_columns, op, now
        self._saved, self._heavy = now(), 0
        self.is_broken = False

    def begun(self) -> Mapping[str, int]:
        """Begin a pass, and return the rows by table that it will have delivered."""
        self.bytes, self._rows = 0, Counter()
        return self._rows

    def take(self, batch: Batch) -> None:
        """Deliver a batch whole, and checkpoint if it is time. Raises DeliveryError."""
        for table, lines in batch.lines.items():
            with self._sdk(f"a row of {table}"):
                self._upsert(table, list(lines.values()))
        for table, keys in batch.deletes.items():
            with self._sdk(f"a delete of {table}"):
                for key in keys:
                    self._op.delete(table, {TABLE_OF[table].key: key})
        self.state = batch.state
        self.bytes += batch.size
        if self._heavy >= HEAVY_MAX or self._now() - self._saved >= EVERY:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Let Fivetran keep the position. Raises DeliveryError."""
        state: dict[str, Any] = msgspec.json.decode(dump(self.state))
        with self._sdk("a checkpoint"):
            self._op.checkpoint({**state, CHOICE: self._json_columns})
        self._saved, self._heavy = self._now(), 0

    def _upsert(self, table: str, lines: list[bytes]) -> None:
        decode, upsert = connector_values.decoder(TABLE_OF[table], self._json_columns), self._op.upsert
        for line in lines:
            upsert(table, decode(line))
        self._heavy += sum(len(line) for line in lines if len(line) >= HEAVY_ROW)
        self._rows[table] += len(lines)

    @contextmanager
    def _sdk(self, what: str) -> Iterator[None]:
        """Name what the SDK refuses, and the class of its error: the text may hold values of the row."""
        try:
            yield
        except Exception as error:
            self.is_broken = True
            raise DeliveryError(
                f"Fivetran's SDK did not accept {what} ({type(error).__name__}); the next sync continues from the last "
                "checkpoint; report it if it happens again"
            ) from error
