"""One machine for each face: how it is called, how its answers get lost, what its tables are.

Not here: anything that the faces share (calls).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import duckdb
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from simulation.machine.calls import CallFailed
from simulation.machine.datasets import few, picks
from simulation.machine.promises import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from simulation.machine.rest import Rest

import fivetran_model
import main
from langsmith_core.settings import config
from langsmith_core.sync import state_json
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from product import Table, rows_of

TABLES = (PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK)


class FivetranMachine(Rest):
    """The strict model of Fivetran, which raises where an answer breaks the protocol."""

    def call(self) -> bool:
        """One call that arrives."""
        try:
            return self.world.fivetran.step().has_more
        except fivetran_model.CallFailed as failure:
            raise CallFailed(failure.status, failure.message) from failure

    def state(self) -> Mapping[str, Any]:
        """What Fivetran keeps."""
        return self.world.fivetran.state or {}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not soft-deleted."""
        return {table: self.world.in_fivetran(table) for table in TABLES}

    @rule()
    def answer_is_lost(self) -> None:
        """A call is made, and Fivetran never hears of it."""
        self.world.fivetran.lose_answer()

    @rule()
    def state_is_lost(self) -> None:
        """Rows arrive, and the state that came with them is not kept."""
        self._replayed(self.world.fivetran.state, self.called)

    @rule(steps=st.integers(1, 30))
    def older_state_is_replayed(self, steps: int) -> None:
        """The connection goes back to a state of before."""
        self._replayed(self.world.fivetran.states[-min(steps, len(self.world.fivetran.states))])

    @rule(null=st.booleans())
    def resync_begins(self, null: bool) -> None:
        """A historical re-sync: from an empty state."""
        self._replayed(None if null else {})

    def _replayed(self, state: dict[str, Any] | None, before: Any = None) -> None:
        if before:
            before()
        self.world.fivetran.replay(state)
        self.promises.rewound(self.now, state)


class LocalMachine(Rest):
    """The embedded face. Its file is kept open between calls, as opening takes most of their time, and at times really closed."""

    def begin(self) -> None:
        """Keep the file open, and let a pass have several commits."""
        self.promises.cascades = True
        self.kept: Kept | None = None
        self.hung: Batch | None = None
        self.patch.setattr(local, "_connected", self._connected)
        self.patch.setattr(local, "_made_ready", self._made_ready)
        self.patch.setattr(main, "SYNC_BATCH_BYTES", 100_000)

    def call(self) -> bool:
        """One pass."""
        status, answer = self.world.pass_locally()
        if status != 200:
            raise CallFailed(status, answer["errorMessage"])
        return bool(answer["hasMore"])

    def state(self) -> Mapping[str, Any]:
        """What the file holds."""
        with local.opened(self.world.database) as file:
            return file.load() or {}

    def _position(self) -> Mapping[str, Any]:
        """The same without why the last pass failed, and without what a state has that was saved for that alone."""
        return {name: value for name, value in self.state().items() if name not in ("trouble", "version", "source")}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not deleted."""
        return {table: rows_of(self.world.database, table) for table in TABLES}

    @rule(at=st.sampled_from(["write", "save"]), after=st.integers(0, 2))
    def commit_fails(self, at: str, after: int) -> None:
        """A pass dies with rows written and the state not saved, or just before: the file is as the last commit left it."""
        whole = getattr(local.LocalFile, at)
        left = [after]

        def broken(file: local.LocalFile, batch: Batch | State) -> None:
            whole(file, batch) if at == "write" or left[0] else None
            if not left[0]:
                if isinstance(batch, Batch) and batch.lines.keys() & {EXAMPLE, RUN}:  # what is not read again in every pass
                    self.hung = batch
                raise OSError("no space left on device")
            left[0] -= 1

        before = self._position()
        with self.patch.context() as patch:
            patch.setattr(local.LocalFile, at, broken)
            status, answer = self.world.pass_locally()
        assert status in (200, 500) or self.may_fail(status, answer["errorMessage"])
        assert status != 500 or after or self._position() == before, "a position is kept whose rows are not"
        self.promises.looked(self.state())

    @precondition(lambda self: self.hung)
    @rule(pick=picks, count=few)
    def hung_pass_goes_on(self, pick: int, count: int) -> None:
        """What a pass has read before a change is written after it was synced: no older reading replaces a newer one."""
        assert self.hung
        self.world.clock.advance(seconds=1)  # a version is a second: of two readings within one, either may be the newer
        if self.world.workspace.datasets:
            self.examples_change(pick, "edit", count)
        self.sync_is_made()
        state = state_json.load(self.state(), config.load(dict(os.environ)).source)
        with local.opened(self.world.database) as file:
            file.write(self.hung)
            file.save(state)
        self.promises.rewound(self.now, None)  # it may bring what the state has never known
        self.hung = None

    @rule()
    def file_is_closed(self) -> None:
        """The process ends between two passes; the file is opened again."""
        self.end()

    def end(self) -> None:
        """Close the file."""
        if self.kept:
            self.kept.connection.close()
        self.kept = None

    def _connected(self, path: str, resolved: str, *, read_only: bool = False) -> Any:
        del path, read_only
        self.kept = self.kept or Kept(duckdb.connect(resolved, config=local.CONFIG))
        return self.kept

    def _made_ready(self, path: str, connection: Any, whole: Any = local._made_ready) -> None:  # noqa: SLF001  taken before the patch
        if not connection.ready:
            whole(path, connection)
            connection.ready = True


class Kept:
    """A connection that stays open when it is closed; what was not committed is lost all the same."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.ready = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def close(self) -> None:
        """Undo what was not committed."""
        try:
            self.connection.rollback()
        except duckdb.TransactionException:
            return
