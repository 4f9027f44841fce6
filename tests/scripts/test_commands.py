"""Tests of what `make demo` and `make sync` run, as a person runs it: processes, exit code, output, and the file's content."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from langsmith_core.streams.registry import TABLE_OF
from simulator import DEFAULT_TENANT_ID, Simulator

ROOT = Path(__file__).parents[2]
TABLES = tuple(TABLE_OF)
ONE_WORKER = pytest.mark.xdist_group("demo")  # so that the two demos run once
QUESTIONS = (
    "What does each model cost, and how fast is its first token?",
    "Who costs what, and where?",
    "What goes wrong most, and does a retry help?",
    "Which experiment is best?",
    "Which version of a prompt do users like?",
    "Does feedback get better?",
    "What does a day cost?",
)


def started(command: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a command in a folder, without this machine's own LangSmith settings. All its processes work there."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANGSMITH_")}
    words = [sys.executable, "-m", "langsmith_sync", *command.split()]
    full = {**clean, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.Popen(  # noqa: S603  our own interpreter and package
        words, cwd=folder, env=full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Return what a command printed until it ended."""
    stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return ended(started(command, folder, **environment))


def working_in(folder: Path) -> list[str]:
    """Return the processes that work in this folder: a command started there, and all that it runs."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # it has ended since, or is another user's
            found += [link.parent.name] if link.readlink() == folder.resolve() else []
    return found


def made(*words: str) -> str:
    """Return what make prints. These tests may run under a make, whose own flags would make it say more."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=ROOT, check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S607, S603


def test_the_make_targets_are_the_commands() -> None:
    """`make demo` and `make sync` run the commands that these tests run, and `make help` lists every target."""
    for target, words in (("demo", "demo"), ("sync", "sync --report")):
        shown = made("--dry-run", target)
        assert shown.splitlines()[-1] == f".venv/bin/python -m langsmith_sync {words}"
    listed = made("help")
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(phony)


def test_the_quick_loop_names_what_is_there() -> None:
    """Each folder and file that the Makefile names for `make quick` exists. A missing one would stop the whole loop."""
    shown = made("--dry-run", "quick")
    (command,) = (line for line in shown.splitlines() if "-m pytest" in line)
    named = re.findall(r"\btests/\S+", command)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of two demos one after another, and what each printed.

    Neither a proxy nor configuration of the product in the user's environment reaches their programs.
    """
    folder, meant_for_others = (
        tmp_path_factory.mktemp("demo"),
        {"HTTP_PROXY": "http://127.0.0.1:9", "PROJECTS": "no-such-project"},
    )
    printed = []
    for number in range(2):
        result = run("demo", folder, **meant_for_others, MAX_RESPONSE_MB="none", NO_PROXY="")
        assert result.returncode == 0, result.stderr
        for kind in ("duckdb", "journal"):
            shutil.copy(folder / f"demo.{kind}", folder / f"after_{number}.{kind}")
        printed.append(result.stdout)
    return folder, printed


def asked(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a file."""
    with duckdb.connect(str(file), read_only=True) as opened:
        return opened.execute(sql).fetchall()


def table_under(title: str, printed: str) -> list[list[str]]:
    """The cells of the table that follows a line."""
    rows = printed.partition(title)[2].partition("  ---")[2].partition("\n")[2].partition("\n\n")[0].splitlines()
    return [re.split(r"  +", row.strip()) for row in rows]


@ONE_WORKER
def test_the_demo_shows_what_is_in_its_file(demos: tuple[Path, list[str]]) -> None:
    """Each table's rows are counted as in the file after each run, and every table has rows but that of billed usage."""
    folder, both = demos
    for number, printed in enumerate(both):
        shown = {name: int(n.replace(",", "")) for name, n in re.findall(r"^  (langsmith_\w+) +([\d,]+) ", printed, re.MULTILINE)}
        file = folder / f"after_{number}.duckdb"
        counted = {table: asked(file, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}  # noqa: S608
        assert shown == counted
        assert [table for table, rows in counted.items() if not rows] == ["langsmith_usage_day"]  # it takes an organisation's key


@ONE_WORKER
def test_the_demo_holds_what_the_sdk_has_traced(demos: tuple[Path, list[str]]) -> None:
    """The small application's traces, tokens, costs and feedback, after both runs."""
    for number in range(2):
        file = demos[0] / f"after_{number}.duckdb"
        mine = "FROM langsmith_run WHERE project_name = 'demo-support-agent'"
        roots = asked(file, f"SELECT name, status {mine} AND parent_run_id IS NULL ORDER BY ALL")
        assert roots == [("support-agent", "error"), ("support-agent", "success"), ("support-agent", "success")]
        assert asked(file, f"SELECT count(total_cost) {mine} AND run_type = 'llm'") == [(2,)]
        assert asked(file, f"SELECT sum(total_tokens) {mine} AND parent_run_id IS NULL") == [(145,)]
        judged = asked(file, "SELECT score FROM langsmith_feedback WHERE comment = 'from the demo' ORDER BY score")
        assert judged == [(0.5,), (1.0,)]


@ONE_WORKER
def test_the_demo_answers_every_question(demos: tuple[Path, list[str]]) -> None:
    """The first run has a table of several rows under each, and no line is wider than a usual terminal."""
    printed = demos[1][0]
    for title in QUESTIONS:
        assert len(table_under(title, printed)) >= 3, title
    assert [line for both in demos[1] for line in both.splitlines() if len(line) > 100] == []


@ONE_WORKER
def test_the_chart_is_as_long_as_the_cost(demos: tuple[Path, list[str]]) -> None:
    """Each bar is the day's share of the dearest day, to an eighth of a block; the days' costs are the file's."""
    rows = table_under("What does a day cost?", demos[1][0])
    costs = {day: float(usd) for day, _, usd, *_ in rows}
    assert len(costs) >= 14
    for day, _, _, *bar in rows:
        length = sum(1 if block == "█" else (0x2590 - ord(block)) / 8 for block in "".join(bar))
        assert abs(length - 45 * costs[day] / max(costs.values())) < 0.2
    first = "SELECT round(sum(total_cost), 4) FROM langsmith_run WHERE parent_run_id IS NULL"
    assert abs(sum(costs.values()) - float(asked(demos[0] / "after_0.duckdb", first)[0][0])) < 0.001


@ONE_WORKER
def test_all_five_changes_arrive_in_the_second_run(demos: tuple[Path, list[str]]) -> None:
    """It shows the file before and after: nothing of the five was there, and then all of it is, in one or two calls."""
    folder, (_, printed) = demos
    rows = table_under("showed before, and shows now", printed)
    before, after = [row[1] for row in rows], [re.sub(r"\d\d \w{3} \d\d:\d\d", "DATE", row[2]) for row in rows]
    assert before == ["pending", "not there", "none", "live", "live, 6 live examples"]
    assert after == [
        "success, ended DATE",
        "it began DATE",
        "reopened 0.0, on its run too",
        "deleted DATE",
        "deleted, 0 live examples",
    ]
    ends = "SELECT status, end_time IS NULL FROM langsmith_run WHERE name = 'nightly-report'"
    late = "SELECT date_diff('minute', start_time, _synced_at) // 60 FROM langsmith_run WHERE name = 'checkout-assistant-offline'"
    judged = "SELECT score FROM langsmith_feedback WHERE key = 'reopened'"
    example = "SELECT count(_deleted_at), count(*) FROM langsmith_example WHERE dataset_name = 'refund-cases'"
    dataset = "SELECT count(_deleted_at), count(*) FROM langsmith_dataset WHERE name = 'retired-drafts'"
    found = [[asked(folder / f"after_{n}.duckdb", sql) for sql in (ends, late, judged, example, dataset)] for n in range(2)]
    assert found == [
        [[("pending", True)], [], [], [(0, 12)], [(0, 1)]],
        [[("success", False)], [(20,)], [(0.0,)], [(1, 12)], [(1, 1)]],
    ]
    assert 1 <= len(re.findall(r"^  call \d", printed, re.MULTILINE)) <= 4
    assert "All five have arrived." in printed


@ONE_WORKER
@pytest.mark.parametrize(
    ("files", "days", "begins"),
    [
        ({"duckdb": 0, "journal": 0}, 6, "1. The simulated LangSmith of the first run"),
        ({"duckdb": 0, "journal": 0}, 8, "1. A simulated LangSmith"),  # its unfinished run would soon be too old to be asked for
        ({"duckdb": 1, "journal": 1}, 0, "1. A simulated LangSmith"),  # all five have arrived
        ({"duckdb": 0}, 0, "1. A simulated LangSmith"),
        ({"journal": 0}, 0, "1. A simulated LangSmith"),
    ],
)
def test_the_demo_goes_on_only_after_a_first_run(
    demos: tuple[Path, list[str]], tmp_path: Path, files: dict[str, int], days: int, begins: str
) -> None:
    """Else it starts over: without a file or its journal, a week later, and after a second run."""
    for kind, number in files.items():
        shutil.copy(demos[0] / f"after_{number}.{kind}", tmp_path / f"demo.{kind}")
        old = time.time() - days * 86_400
        os.utime(tmp_path / f"demo.{kind}", (old, old))
    process = started("demo", tmp_path)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    ended(process)
    assert first.startswith(begins)


@pytest.mark.parametrize("given", [{}, {"LANGSMITH_API_KEY": "x"}, {"LANGSMITH_TENANT_ID": "x"}])
def test_sync_asks_for_what_it_needs(tmp_path: Path, given: dict[str, str]) -> None:
    """Without a key and a workspace it names which to set, creates no file, and exits with 2."""
    result = run("sync", tmp_path, **given)
    missing = {"LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"} - set(given)
    assert result.returncode == 2
    assert all(f"{name} (" in result.stderr for name in missing)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_key_is_the_functions_own_message(tmp_path: Path) -> None:
    """A key that LangSmith refuses is reported in the function's words. The exit code is 3, and no process is left."""
    with Simulator().serve() as url:
        result = run("sync", tmp_path, LANGSMITH_BASE_URL=url, LANGSMITH_API_KEY="wrong", LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID)
    assert result.returncode == 3
    assert result.stderr.strip().startswith("LANGSMITH_API_KEY: LangSmith refuses the key")
    assert "Traceback" not in result.stderr
    assert working_in(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to see other processes")
@pytest.mark.parametrize("step", ["1.", "2.", "3."])
def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, step: str) -> None:
    """Ctrl-C after any step ends every program that the demo has started, without a traceback."""
    process = started("demo", tmp_path)
    assert process.stdout is not None
    while not process.stdout.readline().startswith(step):
        assert process.poll() is None
    assert len(working_in(tmp_path)) > 1  # else the check at the end would see nothing either
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert (result.returncode, result.stderr.strip().partition(".")[0]) == (130, "Stopped")
    assert working_in(tmp_path) == []


def test_a_failure_is_the_functions_own_message(tmp_path: Path) -> None:
    """The function's refusal is printed in its words. The exit code is 2, and no process is left."""
    secrets = {"LANGSMITH_API_KEY": "x", "LANGSMITH_TENANT_ID": "x", "LANGSMITH_BASE_URL": "http://nowhere.example"}
    result = run("sync", tmp_path, **secrets)
    assert (result.returncode, result.stderr.strip()) == (
        2,
        "LANGSMITH_BASE_URL: write https://: the API key would travel unencrypted",
    )
    assert working_in(tmp_path) == []
