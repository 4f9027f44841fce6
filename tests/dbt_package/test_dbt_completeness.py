"""What the package says of what is missing: the check's verdicts, and without a check the counts of the lists."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from dbt_package.conftest import Built
from dbt_package.odd_workspace import ident
from dbt_package.running import Outcome, Target, dbt, of_place, unhappy
from langsmith_core.completeness.values import Ruling, Verdict
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.streams.registry import EXAMPLE, RUN

pytestmark = pytest.mark.xdist_group("dbt")  # so that dbt builds once
REPORT = "langsmith__completeness"
DAY, CHECKED = datetime(2026, 5, 30, tzinfo=UTC), datetime(2026, 6, 1, 2, tzinfo=UTC)
FOUND = [
    Verdict(RUN.name, "p", "one", DAY, 7, 5, CHECKED, Ruling.GAP),
    Verdict(RUN.name, "p", "one", None, 9, 9, CHECKED, Ruling.COMPLETE),
    Verdict(RUN.name, "q", None, DAY, None, 5, CHECKED, Ruling.UNKNOWN),
    Verdict(EXAMPLE.name, "d", "cases", None, 2, 3, CHECKED, Ruling.COMPLETE),
]


class Compared(NamedTuple):
    """Builds of a file with verdicts, and of a Fivetran destination that has lost rows."""

    outcomes: Mapping[str, Outcome]
    targets: Mapping[str, Target]


@pytest.fixture(scope="module")
def compared(odd: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Verdicts in a file whose session is not in UTC; a destination without a run, a row of feedback, and all examples."""
    folder = tmp_path_factory.mktemp("completeness")
    files = {"checked": folder / "checked.duckdb", "lossy": folder / "lossy.duckdb"}
    shutil.copyfile(odd["v2"], files["checked"])
    with local.opened(str(files["checked"])) as file:
        file.record(FOUND)
    shutil.copyfile(odd["fivetran"], files["lossy"])
    with closing(duckdb.connect(str(files["lossy"]))) as lossy:
        lossy.execute(f"DELETE FROM langsmith_run WHERE run_id = '{ident('lookup')}'")
        lossy.execute(f"DELETE FROM langsmith_feedback WHERE run_id = '{ident('same thread')}'")
        lossy.execute("DELETE FROM langsmith_example")
    targets = {name: Target(folder / f"{name}-reports.duckdb", {"source": path}, "Asia/Kolkata") for name, path in files.items()}
    here: Mapping[str, Any] = {"langsmith_database": "source", "langsmith_runs_without_root": 1}
    build = f"build --select +{REPORT} --indirect-selection cautious"  # no tests of reports that are not built
    commands = [
        (build, "checked", here),
        ("test --select nothing_is_missing", "checked", {**here, "langsmith_completeness_severity": "warn"}),
        (build, "lossy", here),
    ]
    names = ("checked", "checked, warned", "lossy")
    return Compared(dict(zip(names, dbt(folder, targets, commands), strict=True)), targets)


def rows(compared: Compared, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of the report, sorted."""
    found = compared.targets[name].rows(REPORT)
    return sorted((tuple(row[column] for column in columns) for row in found), key=repr)


def test_the_checks_verdicts_are_the_report(compared: Compared) -> None:
    """Where a check has run its rows stand alone. The day is UTC's, and what is missing is never below zero."""
    columns = ("table_name", "parent_id", "parent_name", "date_day", "source_count", "destination_count", "missing_count")
    assert rows(compared, "checked", *columns, "verdict", "counted_by", "checked_at") == [
        ("langsmith_example", "d", "cases", None, 2, 3, 0, "complete", "check", CHECKED),
        ("langsmith_run", "p", "one", None, 9, 9, 0, "complete", "check", CHECKED),
        ("langsmith_run", "p", "one", date(2026, 5, 30), 7, 5, 2, "gap", "check", CHECKED),
        ("langsmith_run", "q", None, date(2026, 5, 30), None, 5, None, "unknown", "check", CHECKED),
    ]


def test_a_gap_fails_a_test_or_warns(compared: Compared) -> None:
    """langsmith_completeness_severity decides which."""
    assert unhappy(compared.outcomes["checked"]) == {"nothing_is_missing": ("fail", 1)}
    assert unhappy(compared.outcomes["checked, warned"]) == {"nothing_is_missing": ("warn", 1)}


def test_without_a_check_the_lists_counts_are_compared(built: Built) -> None:
    """Each project has two rows and each dataset one: a label counts as feedback, a note without score and label does not."""
    found = of_place(built.target.rows(REPORT), "fivetran")
    assert {row["verdict"] for row in found} == {"complete"}
    columns = ("counted_by", "source_count", "destination_count", "missing_count", "date_day", "checked_at")
    counted = {(row["table_name"], row["parent_name"]): tuple(row[name] for name in columns) for row in found}
    assert counted["langsmith_run", "assistant"] == ("run_count", 23, 23, 0, None, None)
    assert counted["langsmith_feedback", "assistant"] == ("feedback_stats", 5, 6, 0, None, None)
    assert counted["langsmith_feedback", "größe ✓"] == ("feedback_stats", 1, 1, 0, None, None)
    assert counted["langsmith_run", "without runs"] == ("run_count", 0, 0, 0, None, None)
    assert counted["langsmith_example", "questions"] == ("example_count", 3, 3, 0, None, None)
    assert ("langsmith_run", "gone") not in counted


def test_fewer_rows_than_listed_are_told_and_a_table_without_rows_is_unknown(compared: Compared) -> None:
    """A lost run and lost feedback are one row fewer each, and warn. A table without any row may not be synced."""
    columns = ("table_name", "parent_name", "source_count", "destination_count", "missing_count", "verdict")
    found = [row for row in rows(compared, "lossy", *columns) if row[-1] != "complete"]
    assert found == [
        ("langsmith_example", "other", 1, 0, 1, "unknown"),
        ("langsmith_example", "questions", 3, 0, 3, "unknown"),
        ("langsmith_feedback", "größe ✓", 1, 0, 1, "fewer"),
        ("langsmith_run", "assistant", 23, 22, 1, "fewer"),
    ]
    assert unhappy(compared.outcomes["lossy"]) == {"no_fewer_than_listed": ("warn", 2)}
