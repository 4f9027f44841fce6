"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from product import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., World]:
    """Make a simulated workspace with the product wired to it."""

    def make(mode: str = "clickhouse", **options: object) -> World:
        return World(monkeypatch, tmp_path, mode, **options)  # type: ignore[arg-type]  # the options are World's own

    return make
