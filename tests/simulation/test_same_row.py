"""A run is the same row whether v1 or v2 is read: every difference of the two APIs is mapped away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from product import DURATIONS, TIMESTAMP_COLUMNS, World, duration


def to_milliseconds(row: dict[str, Any]) -> dict[str, Any]:
    """Cut timestamps and durations to v2's milliseconds, and leave out `raw`, which is each API's own record."""
    times = TIMESTAMP_COLUMNS["langsmith_run"]
    lasted = {name: duration(row, name, end) for name, end in DURATIONS.items() if row.get(name) is not None}
    return {name: value[:23] if name in times and value else value for name, value in row.items() if name != "raw"} | lasted


def summed(w: World, row: dict[str, Any]) -> bool:
    """Return whether a parent's row has its subtree's tokens, cost, details and first token, and not its own."""
    own = w.workspace.runs[row["run_id"]]
    names = ("total_tokens", "total_cost", "first_token_time", "prompt_token_details")
    return own.parent_run_id is None and all(row.get(name) not in (None, getattr(own, name)) for name in names)


@pytest.mark.parametrize("v1_costs_as_text", [False, True])
def test_v1_and_v2_give_the_same_rows(world: Callable[..., World], v1_costs_as_text: bool) -> None:
    """v1 and v2 give equal rows: enums, parents, usage of subtrees, details, costs, threads, times and feedback."""
    tables = []
    for mode in ("clickhouse", "smithdb"):
        w = world(mode, seed=5)
        w.sim.costs_as_strings = v1_costs_as_text
        w.sim.corpus(projects=3, runs=600, feedback=0.5)
        w.fivetran.sync()
        tables.append({key: to_milliseconds(row) for key, row in w.in_fivetran("langsmith_run").items()})
        w.assert_complete("fivetran")
        assert sum(summed(w, row) for row in tables[-1].values()) > 100
    assert len(tables[0]) == 600
    assert tables[0] == tables[1]
