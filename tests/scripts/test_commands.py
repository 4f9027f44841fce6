"""`make demo` and `make sync` as a person runs them: processes, an exit code, what is printed, and what is in the file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of ours in a folder, without the machine's own LangSmith."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANGSMITH_")}
    command = [sys.executable, str(ROOT / "scripts" / script)]
    return subprocess.run(  # noqa: S603  our own interpreter and script
        command, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def running(mark: str) -> list[str]:
    """Command lines of processes that name `mark`."""
    lines = (path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
    return [line for line in lines if mark in line]


def test_the_demo_shows_what_is_in_its_file(tmp_path: Path) -> None:
    """The counts it prints are the file's own, every table has rows, and the traced application's project is among them."""
    result = run("demo.py", tmp_path)
    assert result.returncode == 0, result.stderr
    printed = {
        name: int(n.replace(",", "")) for name, n in re.findall(r"^  (langsmith_\w+) +([\d,]+) ", result.stdout, re.MULTILINE)
    }
    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as file:
        counted = {table: file.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES}  # noqa: S608
        traced = file.execute(
            "SELECT name, status FROM langsmith_run WHERE project_name = 'demo-support-agent' AND parent_run_id IS NULL"
        )
        roots = sorted(traced.fetchall())
        judged = file.execute("SELECT score FROM langsmith_feedback WHERE comment = 'from the demo' ORDER BY score").fetchall()
    assert printed == counted
    assert min(counted.values()) > 0
    assert roots == [("support-agent", "error"), ("support-agent", "success"), ("support-agent", "success")]
    assert judged == [(0.5,), (1.0,)]
    assert "demo-support-agent" in result.stdout


@pytest.mark.parametrize("given", [{}, {"LANGSMITH_API_KEY": "x"}, {"LANGSMITH_TENANT_ID": "x"}])
def test_sync_asks_for_what_it_needs(tmp_path: Path, given: dict[str, str]) -> None:
    """Without a key and a workspace it says which to set, makes no file, and its exit code is 2."""
    result = run("sync.py", tmp_path, **given)
    missing = {"LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"} - set(given)
    assert result.returncode == 2
    assert all(f"{name} (" in result.stderr for name in missing)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_the_functions_own_message(tmp_path: Path) -> None:
    """What the function refuses is shown as it says it, the exit code is 1, and no process stays behind."""
    mark = str(tmp_path)
    secrets = {"LANGSMITH_API_KEY": "x", "LANGSMITH_TENANT_ID": "x", "LANGSMITH_BASE_URL": "http://nowhere.example"}
    result = run("sync.py", tmp_path, **secrets, LOCAL_DB=f"{mark}/rows.duckdb")
    assert (result.returncode, result.stderr.strip()) == (
        1,
        "LANGSMITH_BASE_URL: write https://: the API key would travel unencrypted",
    )
    assert running(mark) == []
