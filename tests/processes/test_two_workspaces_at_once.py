"""Several workspaces of one function server, called at the same time over HTTP, each into a DuckDB file of its own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from leaks import leaked
from processes.servers import Function, function
from two_workspaces import KEYS, NAMES, Two, mapped

from product import expected, known, known_truth, rows_of
from simulator import Clock


def drained(one: Function, name: str) -> list[int]:
    """POST for a workspace until nothing is left, and return the statuses."""
    statuses: list[int] = []
    more = True
    while more:
        code, answer = one.ask("POST", json={"workspace": name})
        assert code == 200, answer
        statuses.append(code)
        more = answer["hasMore"]
    return statuses


def test_two_workspaces_at_the_same_time(tmp_path: Path) -> None:
    """Passes of both run in one process. Each asks by its own key, and each file ends with the rows of its own workspace."""
    two = Two(Clock(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z"), runs=200)
    files = {name: str(tmp_path / f"{name}.duckdb") for name in NAMES}
    with two.address.serve() as url:
        entries = {name: {"LOCAL_DB": files[name], "LANGSMITH_BASE_URL": url} for name in NAMES}
        with function(tmp_path, mapped(entries, PAGE_SIZE="10", MAX_SECONDS="0.5")) as one:
            assert one.ask("POST")[0] == 400
            with ThreadPoolExecutor(2) as pool:
                passes = list(pool.map(lambda name: drained(one, name), NAMES))
            assert all(len(each) > 1 for each in passes)
            shown = one.ask("GET")[1]["workspaces"]
            assert [(name, line["hasMore"], line["last_error"]) for name, line in shown.items()] == [
                (name, False, None) for name in NAMES
            ]
            statuses = [one.ask("GET", params={"workspace": name}) for name in NAMES]
            assert [code for code, _ in statuses] == [200, 200]
            log = one.log.read_text()
    said = json.dumps([shown, statuses]) + log
    assert [key for key in KEYS.values() if key in said] == []
    assert leaked([sim.workspace for sim in two.sims.values()], [log]) == []
    for name, sim in two.sims.items():
        # Commits are served at one of two places: the other one is asked once in a pass, and answers 404.
        assert {request.status for request in sim.requests if request.kind != "prompt_commits"} == {200}
        for table, records in known_truth(sim.workspace).items():
            found = known(rows_of(files[name], table), table, records)
            assert found == {key: expected(record) for key, record in records.items()}, (name, table)
