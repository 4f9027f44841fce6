"""Tests of `make demo` and `make sync` as a person runs them: processes, exit code, output, and the file's content."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from langsmith_core.streams.registry import TABLE_OF
from simulator import DEFAULT_TENANT_ID, Simulator

ROOT = Path(__file__).parents[2]
TABLES = tuple(TABLE_OF)


def started(script: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a script in a folder, without this machine's own LangSmith settings. All its processes work there."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANGSMITH_")}
    command = [sys.executable, str(ROOT / "scripts" / script)]
    full = {**clean, **environment}
    return subprocess.Popen(  # noqa: S603  our own interpreter and script
        command, cwd=folder, env=full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Return what a script printed until it ended."""
    stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end."""
    return ended(started(script, folder, **environment))


def working_in(folder: Path) -> list[str]:
    """Return the processes that work in this folder: a script started there, and all that it runs."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # it has ended since, or is another user's
            found += [link.parent.name] if link.readlink() == folder.resolve() else []
    return found


def test_the_quick_loop_names_what_is_there() -> None:
    """Each folder and file that the Makefile names for `make quick` exists. A missing one would stop the whole loop."""
    shown = subprocess.run(["make", "--dry-run", "quick"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    (command,) = (line for line in shown.splitlines() if "-m pytest" in line)
    named = re.findall(r"\btests/\S+", command)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_demo_shows_what_is_in_its_file(tmp_path: Path) -> None:
    """The counts it prints are the file's own, every table has rows, and the traced application's project is among them.

    Neither a proxy nor configuration of the product in the user's environment reaches the demo's programs.
    """
    meant_for_others = {"HTTP_PROXY": "http://127.0.0.1:9", "PROJECTS": "no-such-project", "MAX_RESPONSE_MB": "none"}
    result = run("demo.py", tmp_path, **meant_for_others, NO_PROXY="")
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
        costs = file.execute(
            "SELECT count(total_cost) FROM langsmith_run WHERE project_name = 'demo-support-agent' AND run_type = 'llm'"
        )
        priced = costs.fetchall()[0][0]
        tokens = file.execute(
            "SELECT sum(total_tokens) FROM langsmith_run WHERE project_name = 'demo-support-agent' AND parent_run_id IS NULL"
        ).fetchall()
        judged = file.execute("SELECT score FROM langsmith_feedback WHERE comment = 'from the demo' ORDER BY score").fetchall()
    assert printed == counted
    assert min(counted.values()) > 0
    assert roots == [("support-agent", "error"), ("support-agent", "success"), ("support-agent", "success")]
    assert judged == [(0.5,), (1.0,)]
    assert (priced, tokens) == (2, [(145,)])
    assert "demo-support-agent" in result.stdout


@pytest.mark.parametrize("given", [{}, {"LANGSMITH_API_KEY": "x"}, {"LANGSMITH_TENANT_ID": "x"}])
def test_sync_asks_for_what_it_needs(tmp_path: Path, given: dict[str, str]) -> None:
    """Without a key and a workspace it names which to set, creates no file, and exits with 2."""
    result = run("sync.py", tmp_path, **given)
    missing = {"LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"} - set(given)
    assert result.returncode == 2
    assert all(f"{name} (" in result.stderr for name in missing)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_key_is_the_functions_own_message(tmp_path: Path) -> None:
    """A key that LangSmith refuses is reported in the function's words. The exit code is 1, and no process is left."""
    with Simulator().serve() as url:
        result = run(
            "sync.py", tmp_path, LANGSMITH_BASE_URL=url, LANGSMITH_API_KEY="wrong", LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID
        )
    assert result.returncode == 1
    assert result.stderr.strip().startswith("LANGSMITH_API_KEY: LangSmith refuses the key")
    assert "Traceback" not in result.stderr
    assert working_in(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to see other processes")
@pytest.mark.parametrize("step", ["1.", "2.", "3."])
def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, step: str) -> None:
    """Ctrl-C after any step ends every program that the demo has started, without a traceback."""
    process = started("demo.py", tmp_path)
    assert process.stdout is not None
    while not process.stdout.readline().startswith(step):
        assert process.poll() is None
    assert len(working_in(tmp_path)) > 1  # else the check at the end would see nothing either
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert (result.returncode, result.stderr.strip().partition(".")[0]) == (130, "Stopped")
    assert working_in(tmp_path) == []


def test_a_failure_is_the_functions_own_message(tmp_path: Path) -> None:
    """The function's refusal is printed in its words. The exit code is 1, and no process is left."""
    secrets = {"LANGSMITH_API_KEY": "x", "LANGSMITH_TENANT_ID": "x", "LANGSMITH_BASE_URL": "http://nowhere.example"}
    result = run("sync.py", tmp_path, **secrets)
    assert (result.returncode, result.stderr.strip()) == (
        1,
        "LANGSMITH_BASE_URL: write https://: the API key would travel unencrypted",
    )
    assert working_in(tmp_path) == []
