"""Two workspaces of one function as it is deployed: one BigQuery dataset, positions in Firestore, a delete in one of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from emulators.bigquery_emulator import PROJECT
from emulators.firestore_emulator import Emulator
from emulators.test_end_to_end import assert_complete
from emulators.warehouse import Row, Warehouse
from google.cloud import firestore
from processes.servers import Function, function
from processes.test_two_workspaces_at_once import drained
from two_workspaces import NAMES, TENANTS, Two, mapped

from langsmith_core.settings import workspaces
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import DATASET, EXAMPLE, TABLES
from product import known_truth
from simulator import Clock


class Own(Warehouse):
    """The rows of one workspace in a shared dataset."""

    def __init__(self, whole: Warehouse, name: str) -> None:
        self.client, self.dataset, self._name = whole.client, whole.dataset, name

    def ask(self, sql: str) -> list[Row]:
        """Query this workspace's rows alone. The statement ends with an ORDER BY."""
        return super().ask(sql.replace(" ORDER BY", f" WHERE workspace_id = '{TENANTS[self._name]}' ORDER BY"))


def assert_union(two: Two, warehouse: Warehouse) -> None:
    """Each workspace's live rows are its own truth, and no row names no workspace."""
    for name, sim in two.sims.items():
        assert_complete(known_truth(sim.workspace), Own(warehouse, name))
    for stream in TABLES:
        found = warehouse.ask(f"SELECT DISTINCT workspace_id FROM `{{}}.{stream.name}`")  # noqa: S608
        assert {workspace for (workspace,) in found} <= set(TENANTS.values()), stream.name


def marked(warehouse: Warehouse, name: str) -> dict[str, set[str]]:
    """Return the keys of the rows that are marked as deleted, by table."""
    own = Own(warehouse, name)
    return {
        stream.name: {key for key, at in own.ask(f"SELECT {stream.key}, _deleted_at FROM `{{}}.{stream.name}` ORDER BY 1") if at}  # noqa: S608
        for stream in (DATASET, EXAMPLE)
    }


def dropped(two: Two, name: str) -> dict[str, set[str]]:
    """Delete a dataset with examples in a workspace, and return what goes with it."""
    store = two.sims[name].workspace
    examples = known_truth(store)[EXAMPLE.name]
    gone = next(iter(examples.values()))["dataset_id"]
    keys = {key for key, record in examples.items() if record["dataset_id"] == gone}
    store.delete_dataset(gone)
    return {DATASET.name: {gone}, EXAMPLE.name: keys}


def positions(settings: Settings) -> set[str]:
    """Return the names of the head documents."""
    client = firestore.Client(project=settings.google_project)
    return {one.id for one in client.collection(settings.firestore_collection).stream()}


def passes(one: Function) -> None:
    """Make passes of both workspaces until nothing is left."""
    for name in NAMES:
        drained(one, name)


def test_one_dataset_holds_both_and_a_delete_is_ones_own(
    warehouse: Warehouse, bigquery_emulator: str, firestore_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dataset ends with the union of both, equal keys included. What is deleted in one is marked in its rows alone."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
    two = Two(Clock(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z"), runs=30)
    with two.address.serve() as url:
        google = {"SINK": "bigquery", "GOOGLE_CLOUD_PROJECT": PROJECT, "FIRESTORE_COLLECTION": f"c_{tmp_path.name}"}
        google |= {"BIGQUERY_EMULATOR_HOST": bigquery_emulator, "FIRESTORE_EMULATOR_HOST": firestore_emulator.address}
        entries = {name: {"LANGSMITH_BASE_URL": url} for name in NAMES}
        given = mapped(entries, BIGQUERY_DATASET=warehouse.settings.bigquery_dataset, **google)
        with function(tmp_path, given) as one:
            passes(one)
            assert_union(two, warehouse)
            gone = dropped(two, "my-team")
            before = marked(warehouse, "other")
            passes(one)
            assert_union(two, warehouse)
            assert (marked(warehouse, "my-team"), marked(warehouse, "other")) == (gone, before)
            status = one.ask("GET", params={"workspace": "other"})[1]
            assert (status["shared_dataset"], status["last_error"], status["busy"]) == (True, None, False)
    settings = [workspaces.settings(given, name) for name in NAMES]
    assert positions(settings[0]) == {each.position for each in settings}
    assert len({json.dumps(each.position) for each in settings}) == 2
