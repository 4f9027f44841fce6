"""docs/scale.md is what its script works out, and the arithmetic is what its words say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    """The script, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("scale", ROOT / "scripts" / "scale.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_page_is_what_the_script_writes(scale: ModuleType) -> None:
    """Its tables follow the limits and parts that the program keeps."""
    text = (ROOT / scale.PAGE).read_text()
    assert scale.rendered(text) == text


def test_what_binds(scale: ModuleType) -> None:
    """Cores up to thirteen instances, then v2's limit less the looks' tenth. No ten seconds have more than 300 queries."""
    limit = scale.limits()["documented"]
    assert (scale.speed(4), scale.speed(13), limit) == (
        8_000,
        pytest.approx(limit, rel=0.01),
        pytest.approx(27_000 / 10.2 * 10, rel=0.04),
    )
    sent = scale.queries(20)
    assert all(later - first >= 10 for first, later in zip(sent, sent[300:], strict=False))
    assert scale.hours(7_200_000, 1, limit) == 1.0
    assert scale.hours(7_200_000, 4, limit) == 0.25
    assert scale.hours(int(limit) * 3_600, 20, limit) == pytest.approx(1.0)


def test_what_bigquery_reads(scale: ModuleType) -> None:
    """One batch of all rows is looked up twice and merged once, within a shard's days, and read once."""
    rows = int(32_000_000 * 0.9 / 3_000)
    bytes_read = (2 * 62 + 46) * rows / 200 + 3_000 * rows
    assert scale.scanned(rows, 32) == pytest.approx(bytes_read / 2**40 * 6.25)
