"""The emulators that these tests need.

Where one is not installed, its tests are skipped. Where EMULATORS_REQUIRED is set, they fail.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulators import bigquery_emulator as bigquery_process
from emulators import firestore_emulator as firestore_process
from emulators import firestore_proxy
from emulators import tasks_emulator as tasks_process
from emulators.firestore_emulator import Emulator
from emulators.firestore_proxy import Proxy
from emulators.positions import settings_of
from emulators.warehouse import Warehouse

from langsmith_core.settings.config import Settings


@pytest.fixture(scope="session")
def bigquery_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a BigQuery emulator, `host:port`."""
    reason = bigquery_process.missing()
    if reason and os.environ.get("EMULATORS_REQUIRED"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with bigquery_process.running(tmp_path_factory.mktemp("bigquery")) as address:
        yield address


@pytest.fixture
def warehouse(bigquery_emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """A dataset of its own in the BigQuery emulator, and the product set to use it."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_emulator)
    one = Warehouse(bigquery_emulator, f"d{uuid.uuid4().hex}")
    yield one
    # The emulator gets slower with every table it holds.
    one.client.delete_dataset(one.dataset, delete_contents=True, not_found_ok=True)
    one.client.close()


@pytest.fixture(scope="session")
def firestore_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Google's Firestore emulator."""
    reason = firestore_process.missing()
    if reason and os.environ.get("EMULATORS_REQUIRED"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with firestore_process.running(tmp_path_factory.mktemp("firestore")) as one:
        yield one


@pytest.fixture
def tasks_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a Cloud Tasks emulator of its own, which the product is set to use."""
    reason = tasks_process.missing()
    if reason and os.environ.get("EMULATORS_REQUIRED"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with tasks_process.running(tmp_path) as address:
        monkeypatch.setenv("CLOUD_TASKS_EMULATOR_HOST", address)
        yield address


@pytest.fixture
def position(firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a project of its own in the Firestore emulator, and the product set to use it."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
    return settings_of(f"p-{uuid.uuid4().hex[:20]}")


@pytest.fixture
def proxy(firestore_emulator: Emulator, position: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy in front of the same emulator, which the product is set to use. The fixture `position` must come first."""
    assert position
    with firestore_proxy.running(firestore_emulator.address) as one:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", one.address)
        yield one
