"""One machine for each face: how it is called, how its answers get lost, what its tables are.

calls.py holds everything that the faces share.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from simulation.machine.calls import CallFailed
from simulation.machine.datasets import few, picks
from simulation.machine.expectations import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from simulation.machine.settling import Settling
from simulation.memory import Kept

import fivetran_model
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.destinations.duckdb.memory import connected
from langsmith_core.faces import one_pass
from langsmith_core.settings import config
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from product import Table, rows_of

TABLES = (PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK)


class FivetranMachine(Settling):
    """The strict model of Fivetran, which raises if an answer breaks the protocol."""

    def call(self) -> bool:
        """Make one call whose answer arrives."""
        try:
            return self.world.fivetran.step().has_more
        except fivetran_model.CallFailed as failure:
            raise CallFailed(failure.status, failure.message) from failure

    def state(self) -> Mapping[str, Any]:
        """The state that Fivetran keeps."""
        return self.world.fivetran.state or {}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not soft-deleted."""
        return {table: self.world.in_fivetran(table) for table in TABLES}

    @rule()
    def answer_is_lost(self) -> None:
        """Make a call whose answer Fivetran never receives."""
        self.world.fivetran.lose_answer()

    @rule()
    def state_is_lost(self) -> None:
        """Deliver an answer's rows, but lose its state."""
        self._replayed(self.world.fivetran.state, self.called)

    @rule(steps=st.integers(1, 30))
    def older_state_is_replayed(self, steps: int) -> None:
        """Set the connection back to an older state."""
        self._replayed(self.world.fivetran.states[-min(steps, len(self.world.fivetran.states))])

    @rule(null=st.booleans())
    def resync_begins(self, null: bool) -> None:
        """Begin a historical re-sync, from an empty or null state."""
        self._replayed(None if null else {})

    def _replayed(self, state: dict[str, Any] | None, before: Any = None) -> None:
        if before:
            before()
        self.world.fivetran.replay(state)
        self.expectations.record_rewind(self.now, state)


class LocalMachine(Settling):
    """The embedded face. Its file stays open between calls, since opening takes most of their time. Some steps close it."""

    def begin(self) -> None:
        """Keep the file open, and make a pass commit several times."""
        self.expectations.cascades = True
        self.kept: Kept | None = None
        self.hung: Batch | None = None
        self.patch.setattr(local, "_connected", self._connected)
        self.patch.setattr(local, "_made_ready", self._made_ready)
        self.patch.setattr(one_pass, "DUCKDB_BATCH_BYTES", 100_000)

    def call(self) -> bool:
        """Make one pass."""
        status, answer = self.world.pass_locally()
        if status != 200:
            raise CallFailed(status, answer["errorMessage"])
        return bool(answer["hasMore"])

    def state(self) -> Mapping[str, Any]:
        """The state in the file."""
        with local.opened(self.world.database) as file:
            return file.load() or {}

    def _position(self) -> Mapping[str, Any]:
        """The state without the last failure, and without the two fields that are saved with every failure."""
        return {name: value for name, value in self.state().items() if name not in ("trouble", "version", "source")}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not deleted."""
        return {table: rows_of(self.world.database, table) for table in TABLES}

    @rule(at=st.sampled_from(["write", "save"]), after=st.integers(0, 2))
    def commit_fails(self, at: str, after: int) -> None:
        """Fail a pass after rows are written and before their state is saved. The last commit stands."""
        whole = getattr(local.LocalFile, at)
        left = [after]

        def broken(file: local.LocalFile, batch: Batch | State, *now: datetime) -> None:
            whole(file, batch, *now) if at == "write" or left[0] else None
            if not left[0]:
                if isinstance(batch, Batch) and batch.lines.keys() & {EXAMPLE, RUN}:  # tables that not every pass reads again
                    self.hung = batch
                raise OSError("no space left on device")
            left[0] -= 1

        before = self._position()
        with self.patch.context() as patch:
            patch.setattr(local.LocalFile, at, broken)
            status, answer = self.world.pass_locally()
        assert status in (200, 500) or self.may_fail(status, answer["errorMessage"])
        assert status != 500 or "(OSError)" in answer["errorMessage"], answer
        assert status != 500 or after or self._position() == before, "a position is kept whose rows are not"
        self.expectations.record_looks(self.state())

    @precondition(lambda self: self.hung)
    @rule(pick=picks, count=few)
    def hung_pass_goes_on(self, pick: int, count: int) -> None:
        """Let a hung pass write rows that it read before a change was synced. No older reading replaces a newer one."""
        assert self.hung
        self.world.clock.advance(seconds=1)  # row versions are whole seconds, so two readings within one are not ordered
        if self.world.workspace.datasets:
            self.examples_change(pick, "edit", count)
        self.sync_is_made()
        state = state_json.load(self.state(), config.load(dict(os.environ)).source)
        with local.opened(self.world.database) as file:
            file.write(self.hung)
            file.save(state)
        self.expectations.record_rewind(self.now, None)  # it may bring rows that the state has never known
        self.hung = None

    @rule()
    def file_is_closed(self) -> None:
        """End the process between two passes. The next one opens the file again."""
        self.end()

    def end(self) -> None:
        """Close the file."""
        if self.kept:
            self.kept.connection.close()
        self.kept = None

    def _connected(self, path: str, resolved: str, *, read_only: bool = False) -> Any:
        del path, read_only
        self.kept = self.kept or Kept(connected(resolved, local.CONFIG))
        return self.kept

    def _made_ready(self, path: str, connection: Any, whole: Any = local._made_ready) -> None:  # noqa: SLF001  the original, before the patch
        if not connection.ready:
            whole(path, connection)
            connection.ready = True
