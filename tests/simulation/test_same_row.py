"""The same run read by v1 and by v2 is the same row: every difference of the two APIs is mapped away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from product import TIMESTAMP_COLUMNS, World


def to_milliseconds(row: dict[str, Any]) -> dict[str, Any]:
    """v2 has milliseconds; `raw` is each API's own record."""
    times = TIMESTAMP_COLUMNS["langsmith_run"]
    return {name: value[:23] if name in times and value else value for name, value in row.items() if name != "raw"}


@pytest.mark.parametrize("v1_costs_as_text", [False, True])
def test_v1_and_v2_give_the_same_rows(world: Callable[..., World], v1_costs_as_text: bool) -> None:
    """Enums, parents, details, costs as numbers or text, threads, times and feedback: equal whichever API answered."""
    tables = []
    for mode in ("clickhouse", "smithdb"):
        w = world(mode, seed=5)
        w.sim.costs_as_strings = v1_costs_as_text
        w.sim.corpus(projects=3, runs=600, feedback=0.5)
        w.fivetran.sync()
        tables.append({key: to_milliseconds(row) for key, row in w.in_fivetran("langsmith_run").items()})
    assert len(tables[0]) == 600
    assert tables[0] == tables[1]
