"""Pytest fixtures that every test may use: the simulated workspace, and the check for leaked keys and payloads."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import leaks
import pytest
from hypothesis import HealthCheck, settings

from product import World
from simulator.settings import Mode

# A test makes many objects that live until its end. The collector would look at all of them again and again.
gc.set_threshold(100_000, 50, 50)

# Neither the machine's speed nor luck decides a test. Examples are the same everywhere, except with --hypothesis-profile=fresh.
settings.register_profile("fresh", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("fresh"), derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def _attached_leak_watch() -> Iterator[leaks.LeakWatch]:
    """Attach one watch for the whole session."""
    watch = leaks.LeakWatch()
    with pytest.MonkeyPatch.context() as patch:
        leaks.attach(watch, patch)
        yield watch
    logging.getLogger().removeHandler(watch)


@pytest.fixture(autouse=True)
def leak_watch(_attached_leak_watch: leaks.LeakWatch) -> Iterator[leaks.LeakWatch]:
    """Fail every test in which a key left the product, or a payload left it outside rows."""
    _attached_leak_watch.clear()
    yield _attached_leak_watch
    assert _attached_leak_watch.found() == []


@pytest.fixture
def file_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., World]:
    """Return a function that makes a simulated workspace with the product wired to it. The embedded face writes a file."""

    def make(mode: Mode = "clickhouse", *, seed: int = 0) -> World:
        return World(monkeypatch, tmp_path, mode, seed=seed)

    return make


@pytest.fixture
def world(file_world: Callable[..., World]) -> Callable[..., World]:
    """Return the same function. Simulations override this: their embedded face writes to memory."""
    return file_world
