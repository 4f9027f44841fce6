"""Fixtures of the simulations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from simulation.memory import in_memory

from product import World


@pytest.fixture
def world(file_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Return a function that makes a simulated workspace. Its embedded face writes to memory."""
    with in_memory(monkeypatch):
        yield file_world
