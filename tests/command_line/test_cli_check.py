"""Tests of `langsmith-sync check` against a simulated LangSmith on a port."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from langsmith_sync.exits import Exit


def lines(out: str, table: str) -> list[list[str]]:
    """The lines of a table, cut into cells."""
    return [re.split(r"\s{2,}", line) for line in out.splitlines() if line.startswith(f"{table} ")]


def test_a_whole_destination_is_complete(run: Callable[..., Any], langsmith: Any) -> None:
    """Each project has a line with both counts, and the command ends in 0."""
    run("sync", environment=langsmith.environment)
    ran = run("check", environment=langsmith.environment)
    assert (ran.status, ran.err) == (Exit.DONE, "")
    found = lines(ran.out, "langsmith_run")
    assert sorted(one[1] for one in found) == sorted(one.name for one in langsmith.sim.workspace.projects.values())
    for _, _, _, source, here, verdict in found:
        assert (source, verdict) == (here, "complete")
    assert "Places compared: " in ran.out
    assert langsmith.sim.api_key not in ran.out


def test_what_is_missing_is_named_and_brought_back(run: Callable[..., Any], langsmith: Any, tmp_path: Path) -> None:
    """A day's rows are deleted by hand. The check names the day and ends in 1; with --fix it brings them and ends in 0."""
    run("sync", environment=langsmith.environment)
    with duckdb.connect(str(tmp_path / "langsmith.duckdb")) as file:
        (day, rows), *_ = file.execute(
            "SELECT start_time::DATE::VARCHAR AS day, count(*) FROM langsmith_run "
            "WHERE start_time < now() - INTERVAL 5 DAY GROUP BY day ORDER BY day DESC LIMIT 1"
        ).fetchall()
        file.execute("DELETE FROM langsmith_run WHERE start_time::DATE::VARCHAR = ?", [day])
    short = run("check", "--since", day, environment=langsmith.environment)
    assert short.status == Exit.FAILED
    places = [one for one in lines(short.out, "langsmith_run") if one[-1] == "short" and one[2] == day]
    assert sum(int(one[3]) for one in places) == rows
    assert {one[4] for one in places} == {"0"}
    fixed = run("check", "--since", day, "--fix", environment=langsmith.environment)
    assert fixed.status == Exit.DONE
    assert f"{len(places)} closed" in fixed.out
    with duckdb.connect(str(tmp_path / "langsmith.duckdb"), read_only=True) as file:
        found = file.execute("SELECT count(*) FROM langsmith_run WHERE start_time::DATE::VARCHAR = ?", [day]).fetchall()
    assert found == [(rows,)]


def test_one_project_is_compared_by_its_name(run: Callable[..., Any], langsmith: Any) -> None:
    """Other projects are not asked for. A name that nobody has is refused."""
    run("sync", environment=langsmith.environment)
    name, *_ = [one.name for one in langsmith.sim.workspace.projects.values()]
    ran = run("check", "--project", name, environment=langsmith.environment)
    assert {one[1] for one in lines(ran.out, "langsmith_run")} == {name}
    refused = run("check", "--project", "nobody", environment=langsmith.environment)
    assert (refused.status, refused.err.strip()) == (
        Exit.CONFIGURATION,
        "--project: no project is named nobody; give names or ids as LangSmith shows them",
    )


def test_nothing_can_be_compared_before_the_first_sync(run: Callable[..., Any], langsmith: Any) -> None:
    """The command says what to do."""
    ran = run("check", environment=langsmith.environment)
    told = "nothing is synced yet, so there is nothing to compare; run a sync first\n"
    assert (ran.status, ran.err) == (Exit.CONFIGURATION, told)
