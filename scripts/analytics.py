"""Answer the questions of docs/analytics.md on the demo's data, and write the answers there: `make analytics`.

The questions are dbt/analyses/. The demo's workspace is simulated at a fixed moment and synced as a user syncs it. Then dbt
builds the reports. So the answers change with the demo and the package alone; a test compares the document with what this writes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from langsmith_sync import programs, server  # noqa: E402  the path above comes first

DOCUMENT = ROOT / "docs" / "analytics.md"
PACKAGE = ROOT / "dbt"
NOW, SEED = "2026-06-01T00:00:00Z", 1
SOURCE = "langsmith_source"
"""The name under which dbt/profiles.yml attaches the file that dbt reads."""
BEGIN, END = "<!-- questions -->", "<!-- /questions -->"
SCHEMAS = "main_langsmith,main_langsmith_staging"
_REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
_SHOWN_MAX = 60


class Question(NamedTuple):
    """One question: its file, the question, what is to be known of the answer, and SQL for dbt."""

    name: str
    title: str
    note: str
    sql: str

    def plain(self, place: str = "") -> str:
        """Return the SQL as any client runs it. `place`: what stands before the names of reports, with its dot."""
        return _REF.sub(rf"{place}\1", self.sql)


def main() -> int:
    """Write the answers, and return the exit code."""
    return programs.run(_answer)


def questions() -> list[Question]:
    """Return the questions in their order."""
    return [_read(file) for file in sorted(PACKAGE.glob("analyses/*.sql"))]


def rendered(document: str, path: str) -> str:
    """Return the document's text with the answers that the reports in this file give."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    answered = "\n\n".join(answers(path))
    return f"{before}{BEGIN}\n\n{answered}\n\n{END}{after}"


def answers(path: str) -> Iterator[str]:
    """Yield each question with its SQL and its answer."""
    with closing(duckdb.connect(path, read_only=True)) as file:
        file.execute("SET TimeZone = 'UTC'")
        file.execute(f"SET search_path = '{SCHEMAS}'")
        for number, question in enumerate(questions(), 1):
            found = file.execute(question.plain())
            names = [column[0] for column in found.description or ()]
            table = "\n".join(_line(row) for row in (names, ["---"] * len(names), *found.fetchall()))
            yield f"### {number}. {question.title}\n\n{question.note}\n\n```sql\n{question.plain()}\n```\n\n{table}"


def _answer(started: programs.Programs) -> None:
    with tempfile.TemporaryDirectory(prefix="langsmith-analytics-") as folder:
        source, reports = Path(folder, "demo.duckdb"), Path(folder, "reports.duckdb")
        _synced(started, source)
        _built(source, reports, Path(folder))
        DOCUMENT.write_text(rendered(DOCUMENT.read_text(), str(reports)))
    print(f"{DOCUMENT.relative_to(ROOT)} is written")


def _synced(started: programs.Programs, source: Path) -> None:
    command = [sys.executable, "-m", "simulator", "--corpus", "demo", "--seed", str(SEED), "--mode", "smithdb", "--now", NOW]
    program = started.start("simulator", [*command, "--port", str(programs.free_port())], _environment(PYTHONPATH=str(ROOT)))
    lines = program.wait_for(lambda one: one.printed()[2:] and one.printed())
    langsmith = dict(line.split("=", 1) for line in lines)
    for _ in server.answers(server.start(started, _environment(**langsmith, LOCAL_DB=str(source)))):
        pass  # until nothing is left


def _built(source: Path, reports: Path, folder: Path) -> None:
    command = [
        str(ROOT / ".dbt" / "bin" / "dbt"),
        "build",
        "--quiet",
        "--project-dir",
        str(PACKAGE),
        "--profiles-dir",
        str(PACKAGE),
    ]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    command += ["--vars", f"{{langsmith_database: {SOURCE}}}"]
    subprocess.run(command, env=_environment(LOCAL_DB=str(source), DBT_DUCKDB=str(reports)), check=True)


def _environment(**values: str) -> dict[str, str]:
    """Return what a program needs, without a key or a setting of the real LangSmith."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ} | values


def _read(file: Path) -> Question:
    title, note, sql = file.read_text().split("\n", 2)
    return Question(file.stem, title.removeprefix("-- "), note.removeprefix("-- "), sql.strip())


def _line(values: Any) -> str:
    return f"| {' | '.join(_cell(value) for value in values)} |"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."


if __name__ == "__main__":
    sys.exit(main())
