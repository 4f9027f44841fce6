"""What the package does with sources that are older, smaller, stale or broken."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from dbt_package.conftest import Built
from dbt_package.running import Outcome, Row, Target, dbt, of_place, unhappy
from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.streams.registry import TABLES

pytestmark = pytest.mark.xdist_group("dbt")  # so that dbt builds once
NEWER = (
    "model_name", "model_provider", "is_root", "latency_seconds", "time_to_first_token_seconds", "error_type", "prompt_commit",
    "user_id", "environment",
)  # fmt: skip
"""Columns of runs that a file of an earlier version lacks; where it was widened, its older rows have null in them."""
OPTIONAL = [
    table.name.removeprefix("langsmith_")
    for table in (*TABLES, COMPLETENESS)
    if table.name not in ("langsmith_project", "langsmith_run")
]
VARIABLES = {
    "langsmith_union_schemas": ["main", "other"],
    "langsmith_run_identifier": "runs",
    "langsmith_timezone": "Asia/Tokyo",
    "langsmith_baseline_experiment": "exp two",
}
ONE_ORPHAN = {"langsmith_runs_without_root": 1}


class Smaller(NamedTuple):
    """Builds of sources that lack something."""

    outcomes: Mapping[str, Outcome]
    targets: Mapping[str, Target]


@pytest.fixture(scope="module")
def smaller(odd: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Smaller:
    """Sources: of an earlier version, with and without switches; without runs; with JSON that is none; and their freshness."""
    folder = tmp_path_factory.mktemp("smaller")
    older, broken, empty, shared = (folder / f"{name}.duckdb" for name in ("older", "broken", "empty", "shared"))
    _written_as_before(odd["v2"], older)
    _shared_by_two(odd["v2"], shared)
    duckdb.connect(str(empty)).close()
    shutil.copyfile(odd["fivetran"], broken)
    with closing(duckdb.connect(str(broken))) as file:
        file.execute(
            """UPDATE langsmith_example SET outputs = '{"cut' WHERE rowid = (SELECT min(rowid) FROM langsmith_example)"""
        )
    files = {
        "older": older,
        "off": older,
        "empty": empty,
        "broken": broken,
        "shared": shared,
        "v2": odd["v2"],
        "fivetran": odd["fivetran"],
    }
    targets = {name: Target(folder / f"{name}-reports.duckdb", {"source": path}) for name, path in files.items()}
    here = {"langsmith_database": "source"}
    switches = {f"langsmith_using_{name}": False for name in OPTIONAL}
    commands: list[tuple[str, str, Mapping[str, Any]]] = [
        ("build", "older", {**here, **ONE_ORPHAN}),
        ("build", "off", {**here, **ONE_ORPHAN, **switches}),
        ("build --select stg_langsmith__run", "empty", here),
        ("test --select json_text_is_json", "broken", here),
        ("build --exclude every_run_has_its_root", "shared", {**here, **VARIABLES}),
        ("source freshness", "v2", here),
        ("source freshness", "fivetran", {**here, "langsmith_synced_column": "_fivetran_synced"}),
    ]
    return Smaller(dict(zip(files, dbt(folder, targets, commands), strict=True)), targets)


@pytest.mark.parametrize("name", ["older", "off"])
def test_an_earlier_versions_tables_give_the_same_cost(smaller: Smaller, built: Built, name: str) -> None:
    """Where only projects and runs are there, and none of the newer columns, cost and traces are the same; feedback is none."""
    assert unhappy(smaller.outcomes[name]) == {}
    for report in ("langsmith__cost_usage_report", "langsmith__tool_daily", "int_langsmith__model_call"):
        assert _comparable(smaller.targets[name].rows(report)) == _comparable(of_place(built.target.rows(report), "v2")), report
    assert smaller.targets[name].rows("langsmith__feedback_report") == []


def test_a_switch_leaves_a_tables_models_out(smaller: Smaller) -> None:
    """With langsmith_using_<table> false there is no staging model of it; a missing table with its switch on has one."""
    staged = {name for name in smaller.outcomes["off"] if name.startswith("stg_")}
    assert staged == {"stg_langsmith__project", "stg_langsmith__run"}
    assert {f"stg_langsmith__{name}" for name in OPTIONAL} <= smaller.outcomes["older"].keys()


def test_a_source_without_runs_is_refused(smaller: Smaller) -> None:
    """Nothing is built on a place that has no runs; the message says what to set."""
    status, _, message = smaller.outcomes["empty"]["stg_langsmith__run"]
    assert status == "error"
    assert "source.main.langsmith_run is missing: set langsmith_database and langsmith_schema" in message


def test_text_that_is_no_json_is_found(smaller: Smaller) -> None:
    """A text that was cut on its way, and would be null in the staging model, fails a test."""
    assert unhappy(smaller.outcomes["broken"]) == {"json_text_is_json": ("fail", 1)}


def test_freshness_is_read_from_the_rows(smaller: Smaller) -> None:
    """Rows synced months ago are stale by _synced_at; those that Fivetran wrote now are fresh by _fivetran_synced."""
    assert {name: status for name, (status, _, _) in smaller.outcomes["v2"].items()} == {"project": "error", "run": "error"}
    assert {name: status for name, (status, _, _) in smaller.outcomes["fivetran"].items()} == {"project": "pass", "run": "pass"}


def test_workspaces_and_schemas_stand_apart(smaller: Smaller, built: Built) -> None:
    """Two schemas, one of which two workspaces share: three sources with the same ids, whose traces are those of one alone."""
    assert unhappy(smaller.outcomes["shared"]) == {}
    rows = smaller.targets["shared"].rows("langsmith__trace")
    assert {row["source_relation"] for row in rows} == {"source.main.one", "source.main.two", "source.other"}
    alone = {row["trace_id"]: row["total_cost"] for row in of_place(built.target.rows("langsmith__trace"), "v2")}
    for place in ("source.main.one", "source.main.two", "source.other"):
        assert {row["trace_id"]: row["total_cost"] for row in of_place(rows, place)} == alone


def test_days_are_those_of_the_zone(smaller: Smaller) -> None:
    """In Tokyo the trace of 30 May, 23:59:59 UTC, and the one of 18:30, are of the 31st."""
    rows = of_place(smaller.targets["shared"].rows("langsmith__trace_daily"), "source.other")
    days = {(row["project_name"], str(row["date_day"])): row["trace_count"] for row in rows if "exp" not in row["project_name"]}
    assert days == {
        ("assistant", "2026-05-30"): 7,
        ("assistant", "2026-05-31"): 1,
        ("assistant", "2026-06-01"): 1,
        ("gone", "2026-05-30"): 1,
        ("größe ✓", "2026-05-31"): 1,
    }


def test_a_named_experiment_is_the_baseline(smaller: Smaller) -> None:
    """With langsmith_baseline_experiment all others on its dataset are compared with it, and it with none."""
    rows = of_place(smaller.targets["shared"].rows("langsmith__experiment_result"), "source.other")
    found = {(row["experiment_name"], row["comparison"]) for row in rows if row["key"] == "correct"}
    assert found == {
        ("exp one", "worse"),
        ("exp one", "same"),
        ("exp one", "better"),
        ("exp one", None),
        ("exp two", None),
        ("exp doomed", None),
    }


def _comparable(rows: list[Row]) -> list[Row]:
    """Return rows without what an earlier version cannot know: where they come from, and the kind of error."""
    return [{name: value for name, value in row.items() if name not in ("source_relation", "error_type")} for row in rows]


def _written_as_before(path: Path, older: Path) -> None:
    """Copy projects and runs as an earlier version wrote them."""
    with closing(duckdb.connect(str(older))) as file:
        file.execute(f"ATTACH '{path}' AS newer (READ_ONLY)")
        described = file.execute("SELECT * FROM newer.main.langsmith_run LIMIT 0").description or ()
        left_out = [column[0] for column in described if column[0] in NEWER]
        without = f"EXCLUDE ({', '.join(left_out)})" if left_out else ""
        file.execute(f"CREATE TABLE langsmith_run AS SELECT * {without} FROM newer.main.langsmith_run")
        file.execute("CREATE TABLE langsmith_project AS SELECT * FROM newer.main.langsmith_project")


def _shared_by_two(path: Path, shared: Path) -> None:
    """Copy all tables into a schema that two workspaces share, whose rows name them, and into one of a single workspace."""
    with closing(duckdb.connect(str(shared))) as file:
        file.execute(f"ATTACH '{path}' AS one_alone (READ_ONLY)")
        file.execute("CREATE SCHEMA other")
        for table in TABLES:
            rows, name = f"one_alone.main.{table.name}", "runs" if table.name == "langsmith_run" else table.name
            named = " UNION ALL ".join(f"SELECT *, '{workspace}' AS workspace_id FROM {rows}" for workspace in ("one", "two"))
            file.execute(f"CREATE TABLE {name} AS {named}")
            file.execute(f"CREATE TABLE other.{name} AS FROM {rows}")
