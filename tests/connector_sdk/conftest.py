"""The packed connector, and a workspace that both it and the DuckDB face read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from connector_sdk.syncs import PYTHON, packed

from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator
from simulator.server import serving, wsgi_app


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked zip of the connector. Fails where the SDK's environment is missing."""
    if not PYTHON.exists():
        pytest.fail("no .connector here; run make test-connector, which makes it")
    return packed(tmp_path_factory.mktemp("connector"))


ORGANISATION = "0b52e9ad-3b51-4a93-8a2d-5a1b9a9b6c02"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A workspace of every table at this moment, and the product's other faces on it."""
    simulator = Simulator(clock=Clock(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z"), mode="smithdb", seed=4)
    simulator.usage_readable = True
    monkeypatch.setenv("LANGSMITH_ORG_ID", ORGANISATION)
    simulator.corpus(projects=3, runs=300, datasets=2, examples=40, feedback=0.3, days=12)
    return World(monkeypatch, tmp_path, "smithdb", sim=simulator)


@pytest.fixture
def configuration(world: World) -> Iterator[dict[str, str]]:
    """The connector's configuration: the same workspace on a loopback address."""
    with serving(wsgi_app(world.sim.handle), 0) as url:
        yield {
            "LANGSMITH_API_KEY": DEFAULT_API_KEY,
            "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
            "LANGSMITH_ORG_ID": ORGANISATION,
            "LANGSMITH_BASE_URL": url,
            "PAGE_SIZE": "50",
        }
