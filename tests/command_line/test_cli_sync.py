"""Tests of `langsmith-sync sync`, `status` and `export` against a simulated LangSmith on a port."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from langsmith_core.destinations.duckdb import file
from langsmith_core.streams.registry import TABLE_OF
from simulator import Fault


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a file."""
    with duckdb.connect(str(path), read_only=True) as opened:
        return opened.execute(sql).fetchall()


def test_a_sync_brings_every_run_and_says_of_how_many(run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """The file has each run of the workspace. The last call's line counts them of those that LangSmith counts."""
    ran = run("sync", environment=langsmith.environment)
    ids = {(run_id,) for run_id in langsmith.sim.workspace.runs}
    assert ran.status == 0
    assert set(asked(tmp_path / "langsmith.duckdb", "SELECT run_id FROM langsmith_run")) == ids
    assert re.search(rf"^  call 1: {len(ids)} of {len(ids)} runs, .*; \d+ requests, [\d.]+ s$", ran.out, re.MULTILINE)
    assert ran.out.endswith("The rows are in langsmith.duckdb. Run this again for what has changed since.\n")
    assert langsmith.sim.api_key not in ran.out + ran.err


def test_each_batch_is_one_line(run: Callable[..., Any], langsmith: Any) -> None:
    """Where output is no terminal, a stored batch is a line: runs, speed, requests, and the place that was reached."""
    ran = run("sync", environment=langsmith.environment)
    lines = [line for line in ran.out.splitlines() if "rows/s" in line]
    assert lines
    for line in lines:
        place = r"(reads (recent runs|the history) back from|complete up to) \d\d \w{3} \d{4} \d\d:\d\d|reads langsmith_\w+"
        assert re.fullmatch(rf"  \d+ of (at least )?\d+ runs; [\d,]+ rows/s, \d+ requests, \d+ in flight; ({place})", line), line


def test_a_later_sync_expects_no_number(run: Callable[..., Any], langsmith: Any) -> None:
    """Once the past was read, the file may keep more than LangSmith has: there is no total any more."""
    run("sync", environment=langsmith.environment)
    ran = run("sync", environment=langsmith.environment)
    assert ran.status == 0
    assert " of " not in ran.out.partition("call 1:")[2].partition("\n")[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"START_TIME": "2020-01-01"}, "400 runs (LangSmith's counts know no START_TIME)"),
        ({"SYNC_RUNS": "false"}, "0 runs (SYNC_RUNS is off)"),
    ],
)
def test_an_unknown_number_is_said_to_be_unknown(
    given: dict[str, str], says: str, run: Callable[..., Any], langsmith: Any
) -> None:
    """Where LangSmith's counts are not of what is read, the figures say why, and invent none."""
    ran = run("sync", environment={**langsmith.environment, **given})
    assert ran.status == 0
    assert f"  {says};" in ran.out


def test_only_projects_that_are_read_are_counted(run: Callable[..., Any], langsmith: Any) -> None:
    """With PROJECTS, the number that is expected is that of these projects alone."""
    store = langsmith.sim.workspace
    (name, wanted), *_ = [(one.name, len(store.project_runs[one.id])) for one in store.projects.values()]
    ran = run("sync", environment={**langsmith.environment, "PROJECTS": name})
    assert 0 < wanted < 400
    assert f"  call 1: {wanted} of {wanted} runs" in ran.out


def test_a_wait_is_told_with_its_reason(run: Callable[..., Any], langsmith: Any) -> None:
    """A 429 makes the sync wait as long as LangSmith asks; the line says so, and names no key."""
    langsmith.sim.faults.add(Fault(kind="runs", nth=1, status=429, headers={"Retry-After": "1"}))
    ran = run("sync", "--once", environment={**langsmith.environment, "MAX_SECONDS": "3"})
    waits = re.findall(r"^  waits [\d.]+ s: (.*)$", ran.out, re.MULTILINE)
    assert ran.status == 0
    assert waits
    assert [why for why in waits if not why.startswith("LangSmith's rate limit ")] == []


def test_one_pass_may_leave_more(run: Callable[..., Any], langsmith: Any) -> None:
    """`--once` makes one pass of MAX_SECONDS, and says that more is left. That is no failure."""
    langsmith.sim.faults.add(Fault(kind="runs", slow=0.4, times=None))
    ran = run("sync", "--once", environment={**langsmith.environment, "MAX_SECONDS": "0.5", "PAGE_SIZE": "20"})
    assert ran.status == 0
    assert len(re.findall("^  call ", ran.out, re.MULTILINE)) == 1
    assert ran.out.endswith("More is left; run this again.\n")


WRONG = {
    "no key": ({"LANGSMITH_API_KEY": ""}, 2, "Set LANGSMITH_API_KEY (a key from LangSmith's settings"),
    "a wrong key": ({"LANGSMITH_API_KEY": "wrong"}, 3, "LANGSMITH_API_KEY: LangSmith refuses the key"),
    "an unencrypted address": ({"LANGSMITH_BASE_URL": "http://nowhere.example"}, 2, "LANGSMITH_BASE_URL: write https://"),
    "an address of nobody": (
        {"LANGSMITH_BASE_URL": "http://127.0.0.1:9", "MAX_SECONDS": "0.2"},
        5,
        "the connection to LangSmith",
    ),
    "a folder that is not there": ({"LOCAL_DB": "none/a.duckdb"}, 2, "LOCAL_DB: none/a.duckdb cannot be opened"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_failure_has_its_exit_status(case: str, run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """The message is the function's own, on standard error, and the status is that of the table of exit statuses."""
    given, status, says = WRONG[case]
    ran = run("sync", environment={**langsmith.environment, **given})
    assert (ran.status, ran.err.splitlines()[-1].startswith(says)) == (status, True), ran
    assert "Traceback" not in ran.err
    assert not [one for one in tmp_path.iterdir() if one.suffix == ".parquet"]


def test_a_file_that_another_pass_writes_is_busy(run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """`sync` and `export` of a file that a pass holds end in status 4. `status` says that it is busy."""
    run("sync", environment=langsmith.environment)
    with file.opened(str(tmp_path / "langsmith.duckdb")):
        for words in (["sync"], ["export", "out"]):
            assert run(*words, environment=langsmith.environment).status == 4
        told = run("status", environment=langsmith.environment)
    assert told.status == 0
    assert told.out.startswith("Another process has the file langsmith.duckdb open")


def test_a_part_that_fails_again_and_again_is_a_gap(run: Callable[..., Any], langsmith: Any) -> None:
    """Everything else arrives. The status is 1, standard error names the table, and `status` agrees."""
    langsmith.sim.faults.add(Fault(kind="examples", status=400, body={"detail": "no"}, times=None))
    ran = run("sync", environment=langsmith.environment)
    gap = "A gap is left: a part of langsmith_example fails. The next run asks for it once more."
    assert (ran.status, ran.err.splitlines()[-1]) == (1, gap)
    told = run("status", environment=langsmith.environment)
    assert told.status == 1
    assert re.search(r"^put aside +langsmith_example$", told.out, re.MULTILINE)


def test_the_status_before_and_after_a_sync(run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """Before the first sync it makes no file. Afterwards its counts are the file's, in both forms."""
    before = run("status", environment=langsmith.environment)
    assert (before.status, [*tmp_path.iterdir()]) == (0, [])
    assert before.out == "Nothing was synced yet: there is no file langsmith.duckdb. Run langsmith-sync sync.\n"
    run("sync", environment=langsmith.environment)
    told, plain = (run("status", *words, environment=langsmith.environment) for words in (["--json"], []))
    found = json.loads(told.out)
    counted = {name: asked(tmp_path / "langsmith.duckdb", f"SELECT count(*) FROM {name}")[0][0] for name in TABLE_OF}  # noqa: S608
    assert {name: one["rows"] for name, one in found["streams"].items()} == counted
    rows = {
        name: int(count.replace(",", "")) for name, count in re.findall(r"^(langsmith_\w+) +([\d,]+)", plain.out, re.MULTILINE)
    }
    assert rows == counted
    assert found["backfill"] is None
    assert re.search(r"^history left +none$", plain.out, re.MULTILINE)


def test_an_export_holds_every_row(run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """Each table is one Parquet file with the rows of the file, value by value. Only its owner may read it. It needs no key."""
    run("sync", environment=langsmith.environment)
    ran = run("export", "it's/out")
    assert ran.status == 0
    for name, table in TABLE_OF.items():
        written = tmp_path / "it's" / "out" / f"{name}.parquet"
        quoted = str(written).replace("'", "''")
        columns = ", ".join(f"{column.name}::VARCHAR" for column in table.columns)
        order = f"ORDER BY {table.key}"
        of_file = asked(tmp_path / "langsmith.duckdb", f"SELECT {columns} FROM {name} {order}")  # noqa: S608
        with duckdb.connect() as reader:
            of_parquet = reader.execute(f"SELECT {columns} FROM read_parquet('{quoted}') {order}").fetchall()  # noqa: S608
        assert of_parquet == of_file
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert sorted(one.name for one in (tmp_path / "it's" / "out").iterdir()) == sorted(f"{name}.parquet" for name in TABLE_OF)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "LOCAL_DB: there is no file langsmith.duckdb"),
        ({"SINK": "bigquery"}, "SINK: only a DuckDB file can be exported"),
        ({"LOCAL_DB": "text.duckdb"}, "LOCAL_DB: text.duckdb cannot be opened"),
    ],
)
def test_an_export_of_nothing_says_what_to_do(given: dict[str, str], says: str, run: Callable[..., Any], tmp_path: Path) -> None:
    """No folder and no file is made."""
    (tmp_path / "text.duckdb").write_text("no database" * 1_000)
    ran = run("export", "out", environment=given)
    assert (ran.status, ran.err.startswith(says)) == (2, True), ran
    assert not (tmp_path / "out").exists()
