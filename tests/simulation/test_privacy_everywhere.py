"""A hidden column's value is in no row of any table, wherever LangSmith shows it. test_hidden tests what stands there instead."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from simulation.secret_columns import COLUMNS, OF_METADATA, TEXTS, filled, joined, secret
from simulation.secret_fields import HASH_KEY, MODES, TABLES

from product import World
from simulator.settings import Mode

NAMED = [(table, column) for table, columns in COLUMNS.items() for column in columns]
JOINED = [("langsmith_run", "project_name"), ("langsmith_example", "dataset_name")]
"""Columns joined from another table. Hidden here, their values still stand in that table."""
NO_OBJECTS = ("tags", "value", "evaluator_run_id")
ACTS = {"excluded": "EXCLUDE_COLUMNS", "redacted": "REDACT_PATHS", "redacted inside": "REDACT_PATHS", "hashed": "HASH_PATHS"}


def rows(w: World) -> dict[str, str]:
    """Sync, and return every table's rows as text."""
    w.fivetran.sync()
    return {table: json.dumps(w.in_fivetran(table)) for table in TABLES}


@pytest.mark.parametrize("mode", MODES)
def test_every_secret_is_somewhere(world: Callable[..., World], mode: Mode) -> None:
    """Each secret is in a row while no privacy key is set. So the other tests search in the right places."""
    w = world(mode)
    filled(w)
    found = rows(w)
    assert [one for table, column in NAMED if (one := joined(table, column)) not in found[table]] == []
    assert str(found).count(secret("langsmith_run", "inputs")) > 6
    assert str(found).count(secret("langsmith_run", "name")) > 4


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("table", "column"), NAMED, ids=[".".join(one) for one in NAMED])
@pytest.mark.parametrize("mode", MODES)
def test_a_hidden_value_is_nowhere(world: Callable[..., World], mode: Mode, table: str, column: str, act: str) -> None:
    """A hidden value is in no column, `raw`, statistic or other table. Texts of other columns stay.

    A thread is made of metadata, and goes with it. So do a run's model, user, environment and prompt.
    """
    w = world(mode)
    filled(w)
    inside = ".**.m" if act == "redacted inside" and column not in TEXTS and column not in NO_OBJECTS else ""
    w.configure(**{ACTS[act]: f"{table}.{column}{inside}", "HASH_KEY": HASH_KEY})
    found = rows(w)
    where = [table] if (table, column) in JOINED else TABLES
    assert [one for one in where if joined(table, column) in found[one]] == []
    made_of_it = OF_METADATA if (table, column, inside) == ("langsmith_run", "metadata", "") else ()
    gone = {joined(table, name) for name in (column, *made_of_it)}
    others = {(other, text) for other, name in NAMED if name in TEXTS and (text := joined(other, name)) not in gone}
    assert sorted(text for other, text in others if text not in found[other]) == []
