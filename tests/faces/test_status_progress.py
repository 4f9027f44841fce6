"""Tests of what the status says while a pass runs, of what is put aside, and of a file that another process holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from destinations.files import ROOT, other_process
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import standalone, status_progress
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import render
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import TABLES
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.batch import NEVER, Batch
from langsmith_core.sync.state import Backfill, Reason, State, Task
from product import World
from samples import NOW
from simulator import Fault

Worlds = Callable[..., World]
A, B, C = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
LOOK = "2026-06-01T12:00:00.000000Z"
WEEK_AGO = NOW - timedelta(days=7)


def watched(w: World, patch: pytest.MonkeyPatch, then: Callable[[], object] = lambda: None) -> list[dict[str, Any]]:
    """Run a pass of small batches, and read the status in the middle of each batch's writing, before it is saved."""
    whole, seen = local.LocalFile.write, list[dict[str, Any]]()

    def write(file: local.LocalFile, batch: Batch, now: datetime = NEVER) -> None:
        whole(file, batch, now)
        seen.append(w.request("GET", "/sync").get_json())
        then()

    with patch.context() as inner:
        inner.setattr(local.LocalFile, "write", write)
        inner.setattr("langsmith_core.faces.one_pass.DUCKDB_BATCH_BYTES", 8_000)
        w.configure(MAX_RESPONSE_MB="0.008")
        w.sync_locally()
    return seen


def test_while_a_pass_runs_the_status_shows_how_far_it_is(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status has the position saved last, since when the pass runs and its rows so far. What is not saved is not shown."""
    w = world("dual")
    project = w.workspace.add_project("p")
    for _ in range(12):
        w.workspace.add_run(project)
        w.clock.advance(hours=1)
    first, second, *_, last = watched(w, monkeypatch)
    after = w.request("GET", "/sync").get_json()
    assert [(one["busy"], one["readable"], one["rows"]) for one in (first, second, last)] == [(True, True, {})] * 3
    assert (first["reading"], first["this_pass"]) == (None, None)
    tables = [table.name for table in TABLES if table.name != "langsmith_project"]
    runs = {"from": "2026-05-25T12:05:00.000000Z", "to": "2026-06-01T12:05:00.000000Z", "reached": "2026-06-01T10:00:00.001000Z"}
    look = {"part": "look", "since": LOOK}
    assert second["reading"] == {
        **look,
        "table": "langsmith_run",
        "runs": {**runs, "projects_waiting": 0},
        "to_open": tables,
    }
    rows = {"langsmith_project": 1, "langsmith_run": 2}
    assert second["this_pass"] == {"begun": LOOK, "at": "2026-06-01T12:00:00.390000Z", "rows": rows, "requests": 5}
    assert last["reading"] == {**look, "table": "langsmith_dataset", "runs": None, "to_open": tables[2:]}
    rows = {"langsmith_project": 1, "langsmith_run": 12}
    assert last["this_pass"] == {"begun": LOOK, "at": "2026-06-01T12:00:01.318530Z", "rows": rows, "requests": 9}
    assert (after["reading"], after["this_pass"], after["complete_to"]) == (None, None, LOOK)


def test_reading_the_status_changes_nothing_of_a_pass(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass whose status is read at every batch ends as one that nobody watches, and asks LangSmith as often."""
    w = world("dual")
    project = w.workspace.add_project("p")
    for _ in range(12):
        w.workspace.add_run(project)
    watched(w, monkeypatch, lambda: [w.request("GET", "/sync?costs=1&state=1"), w.page("/sync")])
    assert w.request("GET", "/sync").get_json()["passes"][0]["requests"] == len(w.sim.requests) == 22
    w.assert_complete("duckdb")


def test_a_pass_that_died_is_not_shown_as_one_that_runs(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends in the middle leaves its figures in the state. Nobody is at work, so the status shows none."""
    w = world("dual")
    project = w.workspace.add_project("p")
    for _ in range(12):
        w.workspace.add_run(project)
    saved = standalone.Driver._save  # noqa: SLF001  every saved state passes here

    def save(driver: standalone.Driver, state: State) -> None:
        saved(driver, state)
        raise KeyboardInterrupt

    monkeypatch.setattr(standalone.Driver, "_save", save)
    with pytest.raises(KeyboardInterrupt):
        w.pass_locally()
    found = w.request("GET", "/sync?state=1").get_json()
    assert (found["busy"], found["this_pass"], "running" in found["state"]) == (False, None, True)


def test_a_file_that_another_process_holds_cannot_be_read(world: Worlds) -> None:
    """The status says that it is busy and not readable, and has neither rows nor a position. It does not say that all is well."""
    w = world()
    with other_process(w.database):
        found = w.request("GET", "/sync?costs=1").get_json()
    assert (found["exists"], found["busy"], found["readable"], found["rows"]) == (True, True, False, {})
    assert (found["cost_by_day"], found["cost_error"].partition(";")[0]) == (
        None,
        f"LOCAL_DB: another process has {w.database} open",
    )


def test_what_is_put_aside_is_shown_with_what_to_do(world: Worlds) -> None:
    """A project whose runs LangSmith fails for ever is in the status, with the entry of the runbook. It goes once it is read."""
    w = world("dual")
    good, bad = (w.workspace.add_project(name) for name in ("good", "bad"))
    for project in (good, bad):
        w.workspace.add_run(project)
    w.sim.faults.add(Fault(kind="runs", when=lambda request: bad in json.dumps(request.body), status=500, times=None))
    while w.pass_locally()[1].get("hasMore"):
        pass
    assert w.request("GET", "/sync").get_json()["waiting"] == [
        {
            "table": "langsmith_run",
            "reason": "failed",
            "parts": 2,  # the recent window, and the past
            "since": None,
            "to_do": status_progress.TO_DO["failed"],
            "runbook": "docs/runbook.md#log-lines-of-a-sync-that-goes-on",
        }
    ]
    assert ">Put aside</h2>" in w.page("/sync").text
    w.sim.faults.clear()
    w.clock.advance(hours=1)
    w.sync_locally()
    assert w.request("GET", "/sync").get_json()["waiting"] == []
    w.assert_complete("duckdb")


def test_parts_of_one_table_are_counted_together() -> None:
    """Two windows of missing payloads are one line, since the older one. A list that broke off is another line."""
    aside = [
        Task(RunsById(lo=WEEK_AGO, hi=NOW, ids=Ids([A]), parents=Ids([B])), "payload", NOW),
        Task(RunWindow(lo=WEEK_AGO, hi=NOW, waiting=Ids([A])), "payload", WEEK_AGO),
        Task(ListAll(table="langsmith_dataset"), "broken"),
    ]
    found = status_progress.waiting(State(source="s", later=tuple(aside)))
    assert [(one["table"], one["reason"], one["parts"], one["since"]) for one in found] == [
        ("langsmith_run", "payload", 2, render(WEEK_AGO)),
        ("langsmith_dataset", "broken", 1, None),
    ]


def test_a_backfill_shows_how_far_it_has_come() -> None:
    """Runs of the projects in hand are delivered from `reached` up; other projects wait."""
    half = NOW - timedelta(days=3)
    window = RunWindow(lo=WEEK_AGO, hi=NOW, parents=Ids([A]), top=half, waiting=Ids([B, C]))
    find = FindProjects(lo=WEEK_AGO, hi=NOW)
    state = State(source="s", backfill=Backfill(Past(WEEK_AGO, NOW), (Task(find), Task(window))))
    assert status_progress.reading(state) == {
        "part": "backfill",
        "since": None,
        "table": "langsmith_project",
        "runs": {"from": render(WEEK_AGO), "to": render(NOW), "reached": render(half), "projects_waiting": 2},
        "to_open": [],
    }
    assert status_progress.reading(State(source="s")) is None


def test_every_reason_says_what_to_do_and_the_runbook_has_the_place() -> None:
    """Work is put aside for three reasons, each with its advice, and the runbook has the heading that the status names."""
    assert set(status_progress.TO_DO) == set(get_args(Reason))
    page, _, anchor = status_progress.MESSAGES.partition("#")
    headings = [line.lstrip("# ") for line in (ROOT / page).read_text().splitlines() if line.startswith("#")]
    assert anchor in [heading.lower().replace(",", "").replace(" ", "-") for heading in headings]
