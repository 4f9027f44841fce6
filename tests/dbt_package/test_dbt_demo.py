"""The demo's workspace, built by a project that has the package in its packages.yml, and the document that shows its answers."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import duckdb
import pytest

from dbt_package.running import INTERMEDIATE, PACKAGE, REPORTS, ROOT, Outcome, Target, invoked, unhappy
from product import World
from simulator import demo

pytestmark = pytest.mark.xdist_group("dbt demo")  # so that dbt builds once
DOCUMENT = (ROOT / "docs" / "analytics.md").read_text()


class Demo(NamedTuple):
    """What the project built of the demo's workspace."""

    outcomes: list[Outcome]
    reports: Path


@pytest.fixture(scope="module")
def analytics() -> ModuleType:
    """scripts/analytics.py, which imports its neighbours by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts"))
        import analytics  # noqa: PLC0415  its folder is on the path from here on

        del sys.modules["analytics"]
        return analytics


@pytest.fixture(scope="module")
def built_demo(analytics: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo's workspace at the document's moment, synced by v2, and built by a project of somebody else."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        world = World(patch, folder, "smithdb", now=analytics.NOW, seed=analytics.SEED)
        demo.fill(world.workspace, analytics.SEED)
        world.sync_locally()
    target = Target(folder / "reports.duckdb", {"langsmith": Path(world.database)})
    project: Mapping[str, Mapping[str, Any]] = {
        "dbt_project.yml": {
            "name": "acme", "version": "1.0.0", "config-version": 2, "profile": "acme",
            "vars": {"langsmith_database": "langsmith"},
        },
        "packages.yml": {"packages": [{"local": str(PACKAGE)}]},
        "profiles.yml": {"acme": {"target": "dev", "outputs": {"dev": target.output()}}},
    }  # fmt: skip
    for name, content in project.items():
        (folder / name).write_text(json.dumps(content))
    return Demo(invoked(folder, folder, [("deps", "dev", {}), ("build", "dev", {})]), target.path)


def test_another_project_builds_the_demo(built_demo: Demo) -> None:
    """A project with the block of packages.yml and one variable builds every model, and every test passes on the demo."""
    _, build = built_demo.outcomes
    assert unhappy(build) == {}
    assert {*REPORTS, *INTERMEDIATE, "cost_ties_out", "no_phantom_examples"} <= build.keys()


def test_the_document_shows_the_answers(built_demo: Demo, analytics: ModuleType) -> None:
    """docs/analytics.md has the questions of dbt/analyses, their SQL, and what the demo answers: run `make analytics`."""
    assert analytics.rendered(DOCUMENT, str(built_demo.reports)) == DOCUMENT


def test_there_are_ten_questions(analytics: ModuleType) -> None:
    """Each has a title that asks, and SQL for any warehouse: it names no schema."""
    questions = analytics.questions()
    assert len(questions) == 10
    assert all(question.title.endswith("?") and "{{" not in question.plain() for question in questions)


def test_the_document_names_every_model() -> None:
    """The diagram and the table of models have each model above the staging ones, and no other."""
    diagram = DOCUMENT.partition("```mermaid")[2].partition("```")[0]
    table = DOCUMENT.partition("| model | one row for each |")[2].partition("\n\n")[0]
    for text in (diagram, table):
        assert set(re.findall(r"\b(?:int_)?langsmith__\w+", text.replace("stg_langsmith__", ""))) == {*REPORTS, *INTERMEDIATE}


def test_every_column_is_described(built_demo: Demo) -> None:
    """models/langsmith.yml describes each column of each report, in order, and no other."""
    text = (PACKAGE / "models" / "langsmith.yml").read_text()
    described = {
        part.split("\n")[0]: re.findall(r"^      - name: (\w+)$", part, re.MULTILINE)
        for part in text.split("  - name: langsmith__")[1:]
    }
    with duckdb.connect(str(built_demo.reports), read_only=True) as file:
        found = file.execute(
            "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() GROUP BY ALL"
        ).fetchall()
    columns = dict(found)
    assert {f"langsmith__{name}": listed for name, listed in described.items()} == {name: columns[name] for name in REPORTS}


def test_every_variable_is_in_the_document() -> None:
    """Each variable that the package reads is in the document's table."""
    folders = [PACKAGE / name for name in ("macros", "models", "tests")]
    files = [PACKAGE / "dbt_project.yml", *(file for folder in folders for file in folder.rglob("*") if file.is_file())]
    read = {name for file in files for name in re.findall(r"""\bvar\(['"](\w+)['"]""", file.read_text())}
    assert {"langsmith_timezone", "langsmith_database"} <= read
    named = {name for name in read if f"`{name}`" in DOCUMENT or f"{name}:" in DOCUMENT}
    assert {
        name for name in read - named if not re.fullmatch(r"langsmith_using_\w*|langsmith_\w+_identifier|langsmith_", name)
    } == set()


def test_whole_numbers_are_plain_integers(built_demo: Demo) -> None:
    """No column of a report has DuckDB's integer of 128 bits, which pandas and others read as a floating-point number."""
    with duckdb.connect(str(built_demo.reports), read_only=True) as file:
        types = {
            name for (name,) in file.execute("SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal").fetchall()
        }
    assert types == {"VARCHAR", "BIGINT", "DOUBLE", "DECIMAL(38,18)", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE", "JSON"}
