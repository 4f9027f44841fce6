"""The machine of the Connector SDK's connector: one call is a whole sync, on the strict model of the SDK.

calls.py holds everything that the faces share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from simulation.machine.calls import CallFailed
from simulation.machine.expectations import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from simulation.machine.settling import Settling

import connector_model
from product import Table

TABLES = (PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK)


class ConnectorMachine(Settling):
    """Syncs of a connector. The model raises if one breaks a rule of the SDK."""

    def call(self) -> bool:
        """Make one sync. It leaves nothing to do: what it could not read waits for the next."""
        self.call_begins()
        try:
            self.world.connection.sync()
        except connector_model.SyncFailed as failure:
            raise CallFailed(failure.status, failure.message) from failure
        return False

    def state(self) -> Mapping[str, Any]:
        """The state of the last checkpoint."""
        return self.world.connection.state or {}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not deleted."""
        return {table: self.world.in_connector(table) for table in TABLES}

    @rule()
    def begins_anew(self) -> None:
        """Start cold: a new process for each sync."""
        self.world.restart()

    @rule(steps=st.integers(1, 30))
    def older_state_is_replayed(self, steps: int) -> None:
        """Set the connection back to an older state."""
        states = self.world.connection.states
        self._replayed(states[-min(steps, len(states))])

    @rule(null=st.booleans())
    def resync_begins(self, null: bool) -> None:
        """Begin a historical re-sync, from an empty or null state."""
        self._replayed(None if null else {})

    @rule(after=st.integers(0, 60))
    def operation_fails(self, after: int) -> None:
        """Let the SDK raise at an operation. What came before stands, and the last checkpoint."""
        self.world.connection.fail_after(after)
        try:
            self.called()
        finally:
            self.world.connection.fail_after(None)

    def may_fail(self, status: int, message: str) -> bool:
        """Return whether a planned fault explains a failure, of LangSmith or of the SDK."""
        return super().may_fail(status, message) or message.startswith("500: Fivetran's SDK did not accept")

    def _replayed(self, state: dict[str, Any] | None) -> None:
        self.world.connection.replay(state)
        self.expectations.record_rewind(self.now, state)
