"""The state machine's standalone face: BigQuery and Firestore through Google's clients, on the emulators of the environment.

Here: how it is called, and how its passes die, overlap and come too late. simulation/machine holds everything that all faces
share.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from emulators.bigquery_emulator import PROJECT
from emulators.tables import live
from emulators.warehouse import Warehouse
from hypothesis import strategies as st
from hypothesis.stateful import rule
from simulation.machine.calls import CallFailed, Died
from simulation.machine.datasets import picks
from simulation.machine.settling import Settling

from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.firestore import store
from langsmith_core.destinations.firestore.lease import SECONDS, Held
from langsmith_core.destinations.firestore.store import Bounds, FirestoreStore
from langsmith_core.faces import one_pass
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from product import Table

BRIEF = Bounds(lease_seconds=0.5)
"""A short lease: a sequence waits for the end of a dead pass's lease, by the server's clock."""
WAITING_SECONDS = 300
"""The longest wait for an event that must come. No test measures time by it."""
PLACES: Mapping[str, tuple[type[Any], str]] = {"job": (Jobs, "run"), "load": (Jobs, "load"), "save": (FirestoreStore, "save")}
"""The steps before which a pass may die. Before a save its rows are written, and its position is not."""
Outcome = tuple[int, str]


class CloudMachine(Settling):
    """A dataset and a position of its own for each sequence."""

    def begin(self) -> None:
        """Let a pass have several batches, each with its load, merge and save."""
        self.expectations.cascades = True
        self.warehouse = Warehouse(os.environ["BIGQUERY_EMULATOR_HOST"], f"m{uuid.uuid4().hex}")
        self.world.configure(
            SINK="bigquery",
            STATE_STORE="firestore",
            GOOGLE_CLOUD_PROJECT=PROJECT,
            BIGQUERY_DATASET=self.warehouse.settings.bigquery_dataset,
        )
        self.patch.setattr(one_pass, "BIGQUERY_BATCH_BYTES", 100_000)

    def call(self) -> bool:
        """Make one pass."""
        status, answer = self.world.pass_locally()
        if status != 200:
            raise CallFailed(status, answer["errorMessage"])
        return bool(answer["hasMore"])

    def state(self) -> Mapping[str, Any]:
        """The state in Firestore."""
        return store.status(self._settings())["state"] or {}

    def tables(self) -> Mapping[str, Table]:
        """The rows that are not deleted."""
        return live(self.warehouse)

    @rule(at=st.sampled_from(sorted(PLACES)), after=st.integers(0, 3), silently=st.booleans())
    def instance_dies(self, at: str, after: int, silently: bool) -> None:
        """End a pass before one of its jobs, loads or saves. If silently, its lease is not freed, and must end first."""
        owner, name = PLACES[at]
        whole, left = getattr(owner, name), [after]

        def dies(this: Any, *values: Any, **named: Any) -> Any:
            if not left[0]:
                raise Died
            left[0] -= 1
            return whole(this, *values, **named)

        with self.patch.context() as patch:
            patch.setattr(owner, name, dies)
            if silently:
                _brief(patch)
                patch.setattr(Held, "_freed", lambda _: None)
            try:
                self.called()
            except Died:
                self.begins_anew()
            if silently:
                self._lease_ends()

    @rule(after=st.integers(0, 12))
    def second_scheduler(self, after: int) -> None:
        """Call another pass while one is at work. It is refused and changes nothing."""
        outcomes: list[Outcome] = []
        self.at_request = {len(self.world.sim.requests) + after: lambda: outcomes.append(self._outcome())}
        try:
            self.called()
        finally:
            self.at_request = {}
        assert all(_is(one, "STATE_STORE: another pass holds the lease") for one in outcomes), outcomes

    @rule(after=st.integers(0, 12), pick=picks)
    def late_owner(self, after: int, pick: int) -> None:
        """Let a pass stand still past its lease, while a project changes and another pass takes over.

        The first pass writes rows that it read before the change, and its save is refused.
        """
        self.overtaken(after, lambda: self.world.workspace.projects and self.a_project_changes(pick, "describe"))

    def overtaken(self, after: int, change: Callable[[], Any]) -> None:
        """Let a pass stand still before one of its requests, while a change and another pass come between."""
        new_owners: list[Mapping[str, Any]] = []
        with self.patch.context() as patch:

            def stands_still() -> None:
                patch.undo()
                self._lease_ends()
                change()
                self.called()
                new_owners.append(self.state())

            _brief(patch)
            patch.setattr(Held, "_renewing", lambda _: None)
            self.at_request = {len(self.world.sim.requests) + after: stands_still}
            outcome = self._outcome()
            self.at_request = {}
        if new_owners:
            assert _is(outcome, "STATE_STORE: another pass took over the lease"), outcome
            assert self.state() == new_owners[0]
        else:
            assert outcome[0] == 200 or self.may_fail(*outcome), outcome
        self.expectations.record_looks(self.state())
        self.expectations.record_rewind(self.now, None)  # it may bring rows that the state has never known
        self.changes_end()

    def end(self) -> None:
        """Delete the tables: the emulator gets slower with every table it holds."""
        self.warehouse.client.delete_dataset(self.warehouse.dataset, delete_contents=True, not_found_ok=True)
        self.warehouse.client.close()

    def _outcome(self) -> Outcome:
        status, answer = self.world.pass_locally()
        return status, answer.get("errorMessage", "")

    def _lease_ends(self) -> None:
        """Wait until the lease ends.

        The simulated clock moves by a real lease, so that no two passes read in the same second.
        """
        deadline = time.monotonic() + WAITING_SECONDS
        while store.status(self._settings())["busy"]:
            assert time.monotonic() < deadline, "the lease does not end"
            time.sleep(0.05)
        self.world.clock.advance(seconds=SECONDS)

    def _settings(self) -> Settings:
        return config.load(os.environ)


def _brief(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "opened", partial(store.opened, bounds=BRIEF))


def _is(outcome: Outcome, begins: str) -> bool:
    status, message = outcome
    return status == 409 and message.startswith(begins)
