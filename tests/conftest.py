"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from product import World
from simulator.settings import Mode

# How fast a machine is decides no test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., World]:
    """Make a simulated workspace with the product wired to it."""

    def make(mode: Mode = "clickhouse", *, seed: int = 0) -> World:
        return World(monkeypatch, tmp_path, mode, seed=seed)

    return make
