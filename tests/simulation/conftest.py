"""Fixtures of the simulations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from simulation.axes import left_out
from simulation.memory import in_memory

from product import World


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pair faces and run APIs in turn. `make soak` pairs every face with every API."""
    out = left_out(items)
    config.hook.pytest_deselected(items=[item for item in items if item in out])
    items[:] = [item for item in items if item not in out]


@pytest.fixture
def world(file_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Return a function that makes a simulated workspace. Its embedded face writes to memory."""
    with in_memory(monkeypatch):
        yield file_world
