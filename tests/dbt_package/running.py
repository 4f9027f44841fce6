"""Run the dbt package on DuckDB files, by the real dbt of .dbt/, and read what it built.

Here: profiles, one process for several commands, and reports as rows. Not here: what the rows must be (tests).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "dbt"
PYTHON = ROOT / ".dbt" / "bin" / "python"
REPORTS = tuple(sorted(file.stem for file in PACKAGE.glob("models/langsmith__*.sql")))
INTERMEDIATE = tuple(sorted(file.stem for file in PACKAGE.glob("models/intermediate/*.sql")))
Outcome = dict[str, list[Any]]
Row = dict[str, Any]


class Target:
    """One output of a profile: the file that dbt writes, and the files it reads, by the name they are attached as."""

    def __init__(self, path: Path, attached: Mapping[str, Path], timezone: str = "UTC") -> None:
        self.path, self._attached, self._timezone = path, attached, timezone

    def output(self) -> Mapping[str, Any]:
        """Return the target as a profile has it."""
        attach = [{"path": str(path), "alias": alias, "read_only": True} for alias, path in self._attached.items()]
        settings = {"TimeZone": self._timezone}
        return {"type": "duckdb", "path": str(self.path), "threads": 2, "attach": attach, "settings": settings}

    def rows(self, table: str) -> list[Row]:
        """Return a report's rows, JSON as values, floats to nine digits, in an order that is the same for equal rows."""
        schema = "main_langsmith" if table in REPORTS else "main_langsmith_staging"
        with closing(duckdb.connect(str(self.path), read_only=True)) as file:
            file.execute("SET TimeZone = 'UTC'")
            found = file.execute(f"SELECT * FROM {schema}.{table}")
            columns = [(column[0], str(column[1])) for column in found.description or ()]
            rows = [
                {name: plain(value, kind) for (name, kind), value in zip(columns, row, strict=True)} for row in found.fetchall()
            ]
        return sorted(rows, key=repr)

    def alter(self, *statements: str) -> None:
        """Change what dbt has built."""
        with closing(duckdb.connect(str(self.path))) as file:
            for statement in statements:
                file.execute(statement)


def of_place(rows: Sequence[Row], place: str) -> list[Row]:
    """Return the rows that come from one place, without its name."""
    return [
        {name: value for name, value in row.items() if name != "source_relation"}
        for row in rows
        if row["source_relation"] == place
    ]


def dbt(folder: Path, targets: Mapping[str, Target], commands: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[Outcome]:
    """Run commands, each a dbt command line, a target and variables, in one process. Return what each came to."""
    assert PYTHON.exists(), "dbt is not installed: make .dbt/made"
    outputs = {name: target.output() for name, target in targets.items()}
    profile = {"langsmith": {"target": next(iter(targets)), "outputs": outputs}}
    (folder / "profiles.yml").write_text(json.dumps(profile))  # JSON is YAML
    return invoked(folder, PACKAGE, commands)


def invoked(
    folder: Path, project: Path, commands: Sequence[tuple[str, str, Mapping[str, Any]]], **environment: str
) -> list[Outcome]:
    """Run commands on a project, with the profile that the folder holds."""
    where = ["--project-dir", str(project), "--profiles-dir", str(folder), "--quiet"]
    written = {
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    }
    lines = [[*line.split(), *where, "--target", target, "--vars", json.dumps(given)] for line, target, given in commands]
    done = subprocess.run(  # noqa: S603  our own program
        [str(PYTHON), str(Path(__file__).with_name("invoke.py"))],
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **written, **environment},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    outcomes: list[Outcome] = json.loads(done.stdout.splitlines()[-1])
    return outcomes


def unhappy(outcome: Outcome) -> dict[str, tuple[str, int]]:
    """Return the nodes that did not succeed: their status, and the rows that a test found."""
    return {name: (status, found) for name, (status, found, _) in outcome.items() if status not in ("success", "pass")}


def plain(value: Any, kind: str) -> Any:
    """Return a value in the form in which reports of two warehouses are compared: JSON as values, floats to nine digits."""
    if kind == "JSON" and value is not None:
        return json.loads(value)
    if isinstance(value, Decimal):
        return value.normalize()
    return round(value, 9) if isinstance(value, float) else value
