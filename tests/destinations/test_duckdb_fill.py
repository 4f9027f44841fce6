"""The statements that fill the rows of an earlier version give what a sync would give them. They run on a file of a real pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from destinations.files import ask, batch, write
from destinations.taken_out import ERRORS, KEYS, RECORDS, TRACEBACK
from langsmith_core.destinations.duckdb.fill import fill
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import JSON_KINDS, Keys, Kind
from langsmith_core.records.derived import HEADER, error_class
from langsmith_core.streams.registry import RUN, TABLES
from samples import encoded

DOCUMENT = Path(__file__).parents[2] / "docs" / "columns.md"
LATE = [table for table in TABLES if table.late]


def held(path: str) -> list[list[tuple[Any, ...]]]:
    """Return all that the tables with late columns hold."""
    return [ask(path, f"SELECT * FROM {table.name} ORDER BY {table.key}") for table in LATE]  # noqa: S608  a declared name


def emptied(path: str) -> None:
    """Make the rows those of an earlier version."""
    with duckdb.connect(path) as connection:
        for table in LATE:
            nulls = ", ".join(f"{column.name} = NULL" for column in table.late)
            connection.execute(f"UPDATE {table.name} SET {nulls}")  # noqa: S608  declared names


def delivered(path: str, keys: Keys = ()) -> None:
    """Deliver the records as a pass does."""
    for table in LATE:
        sent = [json_text.strict(encoded(record), 1) for of, record in RECORDS if of is table]
        write(path, batch(table, *(rows.to_row(table, record, {}, keys=keys) for record in sent)))


def ran(path: str, *statements: str) -> None:
    """Run statements as the file's owner does."""
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_documented_statements_give_what_a_sync_gives(tmp_path: Path) -> None:
    """Rows of v1 and v2 whose late columns are null are whole again, and the statements run a second time change nothing."""
    path = str(tmp_path / "langsmith.duckdb")
    delivered(path)
    before = held(path)
    emptied(path)
    assert held(path) != before
    (block,) = re.findall(r"<!-- fill-duckdb -->\n```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    for _ in range(2):
        ran(path, block)
        assert held(path) == before


def test_other_keys_of_metadata_are_filled_from_there(tmp_path: Path) -> None:
    """Keys with dots, apostrophes and spaces are found as a sync finds them."""
    path = str(tmp_path / "langsmith.duckdb")
    delivered(path, KEYS)
    before = held(path)
    assert ask(path, "SELECT user_id, environment FROM langsmith_run WHERE run_id = 'r00'") == [("u-2", "staging")]
    emptied(path)
    ran(path, *(fill(table, KEYS) for table in LATE))
    assert held(path) == before


def test_rows_that_have_the_columns_are_left_alone(tmp_path: Path) -> None:
    """What somebody has written into a filled row stays."""
    path = str(tmp_path / "langsmith.duckdb")
    delivered(path)
    ran(path, "UPDATE langsmith_run SET model_name = 'mine'", *map(fill, LATE))
    assert ask(path, "SELECT DISTINCT model_name FROM langsmith_run") == [("mine",)]


def test_every_late_column_can_be_filled() -> None:
    """A late column is made of others, or read from the record as text or JSON: the statements know no other."""
    assert {column.kind for table in LATE for column in table.late if not column.made_of} <= {Kind.STRING, *JSON_KINDS}
    for table in LATE:
        assert all(f"\n  {column.name} = " in fill(table) for column in table.late)


SIGNS = (*"Xx_.('\":9 \t\n", "\r\n", "Error", "Exception", "Timeout", "<locals>.", "a.b", "Ünicode", HEADER)
PIECES = st.sampled_from([*ERRORS, TRACEBACK, *SIGNS])


@limits(max_examples=30)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=40, max_size=40))
def test_sql_and_python_find_the_same_class(texts: list[str]) -> None:
    """Whatever an error's text holds, DuckDB's RE2 and Python take the same class out of it."""
    expression = re.search(r"error_type = (.*?),\n  prompt_commit", fill(RUN), re.DOTALL)
    assert expression
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {expression[1]} FROM (SELECT unnest($1) AS error)", [texts]).fetchall()  # noqa: S608
    assert [one for (one,) in found] == [error_class(text) for text in texts]


@pytest.mark.parametrize("error", ERRORS)
def test_each_error_is_read_alike(error: str) -> None:
    """The same for each form that an error is known to have."""
    test_sql_and_python_find_the_same_class.hypothesis.inner_test([error])  # type: ignore[attr-defined]
