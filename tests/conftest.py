"""Fixtures that every test may use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import silence
from hypothesis import HealthCheck, settings

from product import World
from simulator.settings import Mode

# How fast a machine is decides no test, nor does luck: examples are the same everywhere, but with --hypothesis-profile=fresh.
settings.register_profile("fresh", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("fresh"), derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def _listening() -> Iterator[silence.Ear]:
    """One ear for the whole session."""
    ear = silence.Ear()
    with pytest.MonkeyPatch.context() as patch:
        silence.listening(ear, patch)
        yield ear
    logging.getLogger().removeHandler(ear)


@pytest.fixture(autouse=True)
def ear(_listening: silence.Ear) -> Iterator[silence.Ear]:
    """Every test is heard, and fails where something was said that should not be."""
    _listening.forget()
    yield _listening
    assert _listening.offences() == []


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., World]:
    """Make a simulated workspace with the product wired to it."""

    def make(mode: Mode = "clickhouse", *, seed: int = 0) -> World:
        return World(monkeypatch, tmp_path, mode, seed=seed)

    return make
