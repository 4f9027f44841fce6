"""Each test of the package fails for a figure that is wrong, and for that alone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from dbt_package.conftest import SOURCES, Built
from dbt_package.running import INTERMEDIATE, REPORTS, Outcome, Target, dbt, unhappy

pytestmark = pytest.mark.xdist_group("dbt")  # so that dbt builds once
ONE = "rowid = (SELECT min(rowid) FROM {table})"
COST, RESULT = "main_langsmith.langsmith__cost_usage_report", "main_langsmith.langsmith__experiment_result"
FEEDBACK, DAILY = "main_langsmith.langsmith__feedback_report", "main_langsmith.langsmith__trace_daily"
COMPLETENESS = "main_langsmith.langsmith__completeness"
CALL = "main_langsmith_staging.int_langsmith__model_call"
PLANTED = (
    f"UPDATE {COST} SET cost = coalesce(cost, 0) + 0.000000000000000001 WHERE {ONE.format(table=COST)}",
    f"INSERT INTO {RESULT} SELECT * REPLACE ('phantom' AS example_id) FROM {RESULT} WHERE {ONE.format(table=RESULT)}",
    f"UPDATE {FEEDBACK} SET feedback_count = feedback_count + 1 WHERE {ONE.format(table=FEEDBACK)}",
    f"UPDATE {DAILY} SET total_cost = coalesce(total_cost, 0) + 0.000000000000000001 WHERE {ONE.format(table=DAILY)}",
    f"INSERT INTO {CALL} SELECT * REPLACE (run_id AS parent_run_id, 'in' AS run_id) FROM {CALL} WHERE {ONE.format(table=CALL)}",
    f"UPDATE {COMPLETENESS} SET verdict = 'gap' WHERE {ONE.format(table=COMPLETENESS)}",
)
"""A cost off by its last digit, an example that no run answers, feedback counted twice, a day's cost, a call in a call, a gap."""


@pytest.fixture(scope="module")
def outcomes(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """The package's tests on the reports as they are, on wrong ones, and on doubled ones."""
    folder = tmp_path_factory.mktemp("planted")
    targets = {name: _copied(built, folder / f"{name}.duckdb") for name in ("sound", "wrong", "doubled")}
    targets["wrong"].alter(*PLANTED)
    schema = {**dict.fromkeys(REPORTS, "main_langsmith"), **dict.fromkeys(INTERMEDIATE, "main_langsmith_staging")}
    doubled = [f"INSERT INTO {schema[name]}.{name} SELECT * FROM {schema[name]}.{name} LIMIT 1" for name in schema]
    targets["doubled"].alter(*doubled)
    lines = ("test", "test", "test --select test_name:langsmith_unique")
    commands = [(line, name, SOURCES) for line, name in zip(lines, targets, strict=True)]
    return dict(zip(targets, dbt(folder, targets, commands), strict=True))


def test_a_run_without_its_root_is_found(outcomes: Mapping[str, Outcome]) -> None:
    """Where no run without a root is expected, the odd workspace's one is found in each of its three places, and nothing else."""
    assert unhappy(outcomes["sound"]) == {"every_run_has_its_root": ("fail", 3)}


def test_a_wrong_figure_is_found(outcomes: Mapping[str, Outcome]) -> None:
    """Each planted figure fails the test that is there for it, with one row, and no other test."""
    names = (
        *("cost_ties_out", "daily_cost_ties_out", "feedback_is_counted_once"),
        *("no_call_inside_a_call", "no_phantom_examples", "nothing_is_missing"),
    )
    assert unhappy(outcomes["wrong"]) == {"every_run_has_its_root": ("fail", 3), **dict.fromkeys(names, ("fail", 1))}


def test_a_row_that_stands_twice_is_found(outcomes: Mapping[str, Outcome]) -> None:
    """A doubled row of each report, and of each model below them, fails the test of its keys."""
    found = unhappy(outcomes["doubled"])
    assert sorted(found.values()) == [("fail", 1)] * len([*REPORTS, *INTERMEDIATE])
    assert sorted(model for model in (*REPORTS, *INTERMEDIATE) if any(f"_{model}_source" in name for name in found)) == sorted(
        (*REPORTS, *INTERMEDIATE)
    )


def _copied(built: Built, path: Path) -> Target:
    shutil.copyfile(built.target.path, path)
    return Target(path, built.files)
