"""A connection as Fivetran runs it: the state, the tables, and one sync after another.

A sync that fails keeps the rows that came, and the state of its last checkpoint. Here: the operations and their rules. Not here:
what becomes of a value (coercion).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connector_model.coercion import coerced

State = dict[str, Any]
Table = dict[str, dict[str, Any]]
STATE_MAX, LINES_MAX, CHECKPOINT_EVERY = 10_000_000, 1_500, timedelta(minutes=1)
HEAVY = 50_000_000
"""A checkpoint may come early once so many bytes have come since the last: the SDK's queue counts rows, not bytes."""
DELETED = "_fivetran_deleted"


class RuleBroken(Exception):  # noqa: N818  what the model is for
    """The connector did what it must not do."""


class SyncFailed(Exception):  # noqa: N818  a regular end of a sync
    """The connector raised. Fivetran shows the message, and the traceback with all its causes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Connection:
    """One connection: `state` and all `states` it has held, the `tables` by key, and the `lines` of the log by level."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        schema: Callable[[Any], list[dict[str, Any]]],
        update: Callable[[State | None, Any, Any], None],
    ) -> None:
        self.now, self._schema, self._update = now, schema, update
        self.state: State | None = {}
        self.states: list[State] = [{}]
        self.tables: dict[str, Table] = {}
        self.lines: list[tuple[str, str]] = []
        self.declared: dict[str, dict[str, Any]] = {}
        self.checkpoints = 0
        self.left: int | None = None
        self.raises: type[BaseException] = TimeoutError

    def fail_after(self, operations: int | None, raises: type[BaseException] = TimeoutError) -> None:
        """Raise at the operation after so many, as the SDK does where it cannot send; never with None."""
        self.left, self.raises = operations, raises

    def sync(self) -> None:
        """Ask for the schema, then make one sync. Raises SyncFailed where the connector raises."""
        self.declared = {one["table"]: one for one in self._called(lambda: self._schema(Log(self)))}
        for table in self.declared:
            self.tables.setdefault(table, {})
        self.checkpoints = 0
        given = None if self.state is None else json.loads(json.dumps(self.state))
        operations = Operations(self)
        self._called(lambda: self._update(given, operations, Log(self)))
        if operations.since:
            raise RuleBroken(f"{operations.since} operations came after the last checkpoint")

    def replay(self, state: State | None) -> None:
        """Return to a state, of `states` or another."""
        self.state = state

    def live(self, table: str) -> Table:
        """Return a table's rows that are not deleted, without nulls."""
        return {key: row for key, row in self.tables.get(table, {}).items() if DELETED not in row}

    def keep(self, state: State) -> None:
        """Keep the state of a checkpoint."""
        text = json.dumps(state)
        if len(text) > STATE_MAX:
            raise RuleBroken(f"a state of {len(text)} bytes")
        self.state = json.loads(text)
        self.states.append(json.loads(text))
        self.checkpoints += 1

    def _called(self, work: Callable[[], Any]) -> Any:
        began = len(self.lines)
        begun = self.now()
        try:
            return work()
        except RuleBroken:
            raise
        except Exception as error:
            if error.__cause__ or (error.__context__ and not error.__suppress_context__):
                raise RuleBroken("the message would carry the traceback of a cause") from error
            raise SyncFailed(getattr(error, "status", 0), str(error)) from error
        finally:
            minutes = (self.now() - begun) // timedelta(minutes=1) + 1
            if len(self.lines) - began > LINES_MAX * minutes:
                raise RuleBroken(f"{len(self.lines) - began} lines in {minutes} minutes")


class Operations:
    """The operations of one sync. `since`: how many came after its last checkpoint."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.since, self._weight, self._saved, self._is_early = 0, 0, connection.now(), False

    def upsert(self, table: str, data: dict[str, Any]) -> None:
        """Insert a row, or replace the one of the same key."""
        key, columns = self._key(table, data), self._connection.declared[table]["columns"]
        if data.keys() - columns.keys():
            raise RuleBroken(f"{table}: columns that are not declared: {sorted(data.keys() - columns.keys())}")
        row = {name: coerced(columns[name], value) for name, value in data.items() if value is not None}
        self._connection.tables[table][key] = row
        self._weight += sum(len(value) for value in row.values() if isinstance(value, str))

    def delete(self, table: str, keys: dict[str, Any]) -> None:
        """Mark the row of a key as deleted."""
        key = self._key(table, keys)
        if list(keys) != self._connection.declared[table]["primary_key"]:
            raise RuleBroken(f"{table}: a delete by {list(keys)}")
        row = self._connection.tables[table].pop(key, None)
        if row is not None:
            self._connection.tables[table][key] = {**row, DELETED: True}

    def checkpoint(self, state: State) -> None:
        """Keep the state. Raises RuleBroken at the next operation where it came too soon, since a sync's last may."""
        self._count()
        now = self._connection.now()
        self._is_early = now - self._saved < CHECKPOINT_EVERY and self._weight < HEAVY
        self._connection.keep(state)
        self.since, self._weight, self._saved = 0, 0, now

    def _count(self) -> None:
        left = self._connection.left
        if left == 0:
            raise self._connection.raises("a planned failure of the SDK")
        self._connection.left = None if left is None else left - 1

    def _key(self, table: str, data: dict[str, Any]) -> str:
        self._count()
        if self._is_early:
            raise RuleBroken("two checkpoints within a minute, of light rows")
        if table not in self._connection.declared:
            raise RuleBroken(f"{table} is not declared")
        self.since += 1
        (name,) = self._connection.declared[table]["primary_key"]
        if not isinstance(data.get(name), str):
            raise RuleBroken(f"{table}: a row without a key")
        key: str = data[name]
        return key


class Log:
    """Fivetran's log."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def info(self, message: str) -> None:
        """Keep a line."""
        self._connection.lines.append(("INFO", message))

    def warning(self, message: str) -> None:
        """Keep a line."""
        self._connection.lines.append(("WARNING", message))

    def error(self, message: str) -> None:
        """Keep a line."""
        self._connection.lines.append(("ERROR", message))
