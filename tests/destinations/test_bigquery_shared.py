"""Statements on a dataset that several workspaces share: none reads or changes a row of another workspace."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from destinations.files import LATE
from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.tables import LAYOUTS, WORKSPACE, Layout, declared, schema, staging_schema
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import DATASET, EXAMPLE

ALONE = {layout.stream: layout for layout in LAYOUTS}
SHARED = {layout.stream: replace(layout, workspace="w") for layout in LAYOUTS}
OWN = " AND (t.workspace_id = @workspace OR t.workspace_id IS NULL)"


def statements(child: Layout, parent: Layout) -> dict[str, str]:
    """Return all statements on a table, of which `parent` is the parent."""
    return {
        "look-up": sql.look_up(child, "d.t", "TRUE"),
        "search": sql.twice(child, "d.t"),
        "count": sql.count(child, "d.t", "TRUE"),
        "merge": sql.merge(child, "d.t", "d.s", "TRUE", parse(LATE), replaces=True, wide=True),
        "heal": sql.heal(child, "d.t", "TRUE"),
        "orphans": sql.orphans(child, parent, "d"),
        "orphan": sql.orphan(child, parent, "d", "TRUE"),
    }


ALL = statements(SHARED[EXAMPLE], SHARED[DATASET])
TIMES = {"heal": 2}
"""A heal reads the table, and deletes from it."""


@pytest.mark.parametrize("name", ALL)
def test_every_statement_keeps_to_the_workspaces_rows(name: str) -> None:
    """Each has the condition wherever it looks for rows. A parent's deletion counts where the parent is the workspace's own."""
    assert ALL[name].count(OWN) == TIMES.get(name, 1)
    if name.startswith("orphan"):
        assert OWN.replace("t.", "p.") in ALL[name]


@pytest.mark.parametrize("name", ALL)
def test_a_dataset_of_one_workspace_has_the_statements_of_before(name: str) -> None:
    """They name no workspace, and read no further column."""
    assert "workspace" not in statements(ALONE[EXAMPLE], ALONE[DATASET])[name]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_merge_itself_writes_the_workspace(layout: Layout) -> None:
    """The column comes last, by the pass's parameter. A staging table does not have it. It is part of the declared key."""
    shared = replace(layout, workspace="w")
    assert [field.name for field in schema(shared)] == [*(field.name for field in schema(layout)), "workspace_id"]
    assert staging_schema(shared) == staging_schema(layout)
    merge = sql.merge(shared, "d.t", "d.s", "TRUE", replaces=True, wide=True)
    assert (merge.count("@workspace AS workspace_id"), merge.count("workspace_id = s.workspace_id")) == (1, 1)
    constraints = declared(shared, "p.d.t").table_constraints
    assert constraints is not None
    assert constraints.primary_key is not None
    assert constraints.primary_key.columns == [layout.stream.key, WORKSPACE.name]
