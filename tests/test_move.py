"""The statements of docs/fivetran.md that move from function to connector, run on DuckDB: nothing is lost and nothing doubled."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

MOVE = (Path(__file__).parents[1] / "docs" / "fivetran.md").read_text().partition("## Move from")[2].partition("\n## ")[0]
VIEW, CHECKS = re.findall(r"```sql\n(.*?)```", MOVE, re.DOTALL)
DOUBLED, LOST = [statement for statement in CHECKS.split(";") if "SELECT" in statement]
COLUMNS = "run_id TEXT, project_id TEXT, start_time TIMESTAMPTZ, inputs {}, _fivetran_deleted BOOLEAN"
OLD = "('expired','p',now(),'{\"a\":1}',false),('both','p',now(),'{\"a\":1}',false),('gone','p',now(),'{\"a\":1}',false)"
NEW = "('both','p',now(),'{\"a\":2}',false),('gone','p',now(),'{\"a\":1}',true),('later','p',now(),'{\"a\":3}',false)"


def test_the_view_has_every_row_once() -> None:
    """Of a row that both have, the connector's counts, deleted or not. The function's adds what LangSmith has forgotten."""
    with duckdb.connect() as connection:
        for schema, kind, rows in (("langsmith", "TEXT", OLD), ("langsmith_sdk", "JSON", NEW)):
            connection.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.langsmith_run ({COLUMNS.format(kind)})")
            connection.execute(f"INSERT INTO {schema}.langsmith_run VALUES {rows}")  # noqa: S608  of this test
        connection.execute("CREATE SCHEMA langsmith_all; CREATE MACRO parse_json(one) AS CAST(one AS JSON)")
        connection.execute(VIEW)
        found = connection.execute(
            "SELECT run_id, inputs, _fivetran_deleted FROM langsmith_all.langsmith_run ORDER BY 1"
        ).fetchall()
        counts = [connection.execute(statement).fetchone() for statement in (DOUBLED, LOST)]
    assert found == [
        ("both", '{"a":2}', False),
        ("expired", '{"a":1}', False),
        ("gone", '{"a":1}', True),
        ("later", '{"a":3}', False),
    ]
    assert counts == [(0,), (0,)]
