"""Tables and columns of a DuckDB file say what they hold, as BigQuery's do: in new files and in those of earlier versions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from destinations.files import ask, batch, write
from destinations.test_duckdb_clients import read_by_old_client
from langsmith_core.destinations.bigquery.tables import EXTRA
from langsmith_core.destinations.duckdb.sql import MADE
from langsmith_core.records import rows
from langsmith_core.streams.registry import PROJECT
from samples import encoded

OURS = {column.name: column.description for column in EXTRA if column.name != "_row_hash"}
COMMENTS = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE table_name LIKE 'langsmith%'"
DECLARED = {
    **{(table.name, column.name): column.description for table in MADE for column in table.columns},
    **{(table.name, name): text for table in MADE for name, text in OURS.items()},
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A place for a file."""
    return str(tmp_path / "langsmith.duckdb")


def test_a_new_file_says_what_each_table_and_column_holds(path: str) -> None:
    """Each has the description that BigQuery's has, also those that this program adds."""
    write(path)
    assert {(table, column): text for table, column, text in ask(path, COMMENTS)} == DECLARED
    tables = dict(ask(path, "SELECT table_name, comment FROM duckdb_tables() WHERE table_name LIKE 'langsmith%'"))
    assert tables == {table.name: f"LangSmith, {table.how_read}" for table in MADE}


def test_a_file_of_an_earlier_version_gets_columns_and_comments(path: str) -> None:
    """Columns that were added and those that were there are commented. A row stays, and one that comes next is whole."""
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE langsmith_project (project_id VARCHAR PRIMARY KEY, name VARCHAR)")
        connection.execute("INSERT INTO langsmith_project VALUES ('old', 'a')")
    write(path, batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "new", "reference_dataset_id": "d"}), {})))
    assert {(table, column): text for table, column, text in ask(path, COMMENTS)} == DECLARED
    found = ask(path, "SELECT project_id, name, is_experiment FROM langsmith_project ORDER BY 1")
    assert found == [("new", None, True), ("old", "a", None)]


def test_a_comment_that_somebody_wrote_stays(path: str) -> None:
    """Only what has no comment gets one, and a table of the same name in another schema gets none."""
    write(path)
    with duckdb.connect(path) as connection:
        connection.execute("COMMENT ON COLUMN langsmith_run.name IS 'mine'; COMMENT ON TABLE langsmith_run IS 'mine, too'")
        connection.execute("COMMENT ON COLUMN langsmith_run.error IS NULL; CREATE SCHEMA other")
        connection.execute("CREATE TABLE other.langsmith_run (run_id VARCHAR, name VARCHAR)")
    write(path)
    own = f"{COMMENTS} AND schema_name = 'main'"
    assert {(table, column): text for table, column, text in ask(path, own)} == DECLARED | {("langsmith_run", "name"): "mine"}
    assert ask(path, f"{COMMENTS} AND schema_name = 'other'") == [("langsmith_run", name, None) for name in ("run_id", "name")]
    assert ask(path, "SELECT comment FROM duckdb_tables() WHERE table_name = 'langsmith_run' AND schema_name = 'main'") == [
        ("mine, too",)
    ]


def test_a_client_of_1_4_reads_the_comments(path: str) -> None:
    """DuckDB 1.4 shows them, too."""
    write(path)
    found = read_by_old_client(path, f"{COMMENTS} AND column_name = 'is_root'")
    assert found == [["langsmith_run", "is_root", DECLARED["langsmith_run", "is_root"]]]
