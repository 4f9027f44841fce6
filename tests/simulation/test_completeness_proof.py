"""The proof that nothing is missing, and the proof of that proof.

Losses of every kind that the state machine knows are planted while a sync runs. The check that follows finds each and closes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import log_lines
import pytest
from simulation.planted import pages

from langsmith_core.calls import RecordPage
from langsmith_core.completeness.values import Ruling, Verdict
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import check_now
from langsmith_core.settings import workspaces
from langsmith_core.streams import projects, run_queries
from product import World
from simulator import Fault
from simulator.settings import Mode

Worlds = Callable[..., World]
DAY = timedelta(days=1)
LOST_DAY = "2026-05-27"
SINCE = datetime(2026, 5, 23, tzinfo=UTC)
SETTLED_TO = "2026-05-30"
OLD_DAY = "2026-05-24"
"""Older than what the daily pass reads again, and among the days that are compared."""


def busy(world: Worlds, mode: Mode) -> World:
    """A workspace of three projects with twelve days of traces, feedback and examples."""
    w = world(mode, seed=5)
    w.sim.corpus(projects=3, runs=1500, datasets=2, examples=6, days=30)
    w.configure(PAGE_SIZE="50")
    return w


def verdicts(w: World) -> list[Verdict]:
    """The table of verdicts."""
    with local.opened(w.database) as file:
        return file.verdicts()


def settled(rows: dict[str, dict[str, Any]]) -> set[str]:
    """The keys of runs of the days that the first check compares."""
    return {key for key, one in rows.items() if f"{SINCE:%Y-%m-%d}" <= str(one["start_time"]) < SETTLED_TO}


def rulings(w: World) -> dict[Ruling, int]:
    """Count the verdicts by ruling."""
    found = [one.ruling for one in verdicts(w)]
    return {ruling: found.count(ruling) for ruling in Ruling if ruling in found}


def day_dropped(patch: pytest.MonkeyPatch) -> None:
    """Drop all runs of one day from every page."""
    page = run_queries.page

    def without(*values: Any, **named: Any) -> RecordPage:
        found = page(*values, **named)
        return RecordPage([one for one in found.records if f'"start_time":"{LOST_DAY}'.encode() not in one], found.cursor)

    patch.setattr(run_queries, "page", without)


def project_not_listed(patch: pytest.MonkeyPatch) -> None:
    """Take one project of every page for one without runs."""
    active = projects._active  # noqa: SLF001  the seam at which a project gets lost
    patch.setattr(projects, "_active", lambda *values, **named: active(*values, **named)[1:])


def cursor_skipped(patch: pytest.MonkeyPatch) -> None:
    """Skip every second page of a window."""
    page, count = run_queries.page, iter(range(10**9))

    def every_second(*values: Any, **named: Any) -> RecordPage:
        found = page(*values, **named)
        return RecordPage([] if found.cursor and next(count) % 2 else found.records, found.cursor)

    patch.setattr(run_queries, "page", every_second)


LOSSES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "page dropped": pages.lost_cursor,
    "cursor skipped": cursor_skipped,
    "a day missing": day_dropped,
    "a project never listed": project_not_listed,
}


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_in_the_sync_is_found_and_closed(world: Worlds, monkeypatch: pytest.MonkeyPatch, loss: str, mode: Mode) -> None:
    """The sync loses runs and does not know. The check that follows finds their days, reads them again, and says so."""
    w = busy(world, mode)
    w.configure(CHECK_COMPLETENESS="false", START_TIME=f"{SINCE:%Y-%m-%d}")
    with monkeypatch.context() as patch:
        LOSSES[loss](patch)
        w.sync_locally()
    there = settled(w.truth()["langsmith_run"])
    lost = len(there) - len(settled(w.in_duckdb("langsmith_run")))
    w.configure(CHECK_COMPLETENESS="true")
    w.sync_locally()
    brought = sum(one.destination for one in verdicts(w) if one.ruling is Ruling.CLOSED)
    assert brought >= lost > 0
    assert rulings(w).keys() & {Ruling.CLOSED, Ruling.GAP, Ruling.REREAD} == {Ruling.CLOSED}
    assert settled(w.in_duckdb("langsmith_run")) == there


@pytest.mark.parametrize("loss", ["langsmith_run", "langsmith_example"])
def test_rows_deleted_by_hand_are_brought_back(world: Worlds, loss: str) -> None:
    """Somebody deletes rows of the destination. The next day's check reads them again, and the table is whole."""
    w = busy(world, "smithdb")
    w.sync_locally()
    assert rulings(w).keys() == {Ruling.COMPLETE}
    with local.opened(w.database) as file:
        where = f"start_time::DATE = '{OLD_DAY}'" if loss == "langsmith_run" else "true"
        file._connection.execute(f"DELETE FROM {loss} WHERE {where}")  # noqa: S608, SLF001  what a hand does
    assert len(w.in_duckdb(loss)) < len(w.truth()[loss])
    w.clock.advance(hours=25)
    w.sync_locally()
    w.assert_complete("duckdb")
    closed = {(one.table, one.source, one.destination) for one in verdicts(w) if one.ruling is Ruling.CLOSED}
    assert {table for table, _, _ in closed} == {loss}
    assert all(destination >= (source or 0) for _, source, destination in closed)


@pytest.mark.parametrize("loss", ["langsmith_run", "langsmith_feedback", "langsmith_example"])
def test_a_check_on_demand_finds_what_is_missing_and_brings_it(world: Worlds, loss: str) -> None:
    """All rows of a table are deleted by hand. Without `fix` the check only says so; with it, the table is whole again."""
    w = busy(world, "smithdb")
    w.sync_locally()
    with local.opened(w.database) as file:
        file._connection.execute(f"DELETE FROM {loss}")  # noqa: S608, SLF001  what a hand does
    settings = workspaces.settings(os.environ, None, w.clock.now())
    told = check_now.run(settings, w.process, SINCE)
    assert {one.table for one in told if one.ruling is Ruling.REREAD} == {loss}
    assert w.in_duckdb(loss) == {}
    done = check_now.run(settings, w.process, w.clock.now() - 40 * DAY, fix=True)
    assert {one.table for one in done if one.ruling is Ruling.CLOSED} == {loss}
    assert {one.ruling for one in done if one.day or loss != "langsmith_run"} <= {Ruling.CLOSED, Ruling.COMPLETE}
    if loss == "langsmith_run":
        assert w.in_duckdb(loss).keys() == {key for key, one in w.truth()[loss].items() if str(one["start_time"]) < SETTLED_TO}
    else:
        w.assert_complete("duckdb")


def test_what_stays_short_is_reported_once_and_not_read_again(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loss that reading again does not mend is a gap, in log, status and table. The next check only counts it again."""
    w = busy(world, "smithdb")
    day_dropped(monkeypatch)
    w.sync_locally()
    gaps = [one for one in verdicts(w) if one.ruling is Ruling.GAP and one.day]
    assert {f"{one.day:%Y-%m-%d}" for one in gaps} == {LOST_DAY}
    told = [line for line in log_lines.printed(capsys) if line.get("event") == "completeness_gap"]
    assert sorted((line["parent_id"], line["source"], line["destination"]) for line in told) == sorted(
        (one.parent_id, one.source, one.destination) for one in gaps
    )
    shown = w.request("GET", "/sync").get_json()["check"]
    assert (len(shown["gaps"]), shown["in_progress"]) == (len(gaps), False)
    w.clock.advance(hours=25)
    w.sim.requests.clear()
    w.sync_locally()
    assert [line for line in log_lines.printed(capsys) if line.get("event") == "completeness_gap"] == []
    assert {one.ruling for one in verdicts(w) if one.day and f"{one.day:%Y-%m-%d}" == LOST_DAY} <= {Ruling.GAP, Ruling.COMPLETE}


MEANINGS = [
    ({}, "all", {Ruling.COMPLETE}),
    ({"run_count": "roots"}, "roots", {Ruling.COMPLETE}),
    ({"stats_filter": "inclusive"}, "all", {Ruling.COMPLETE}),
    ({"stats_filter": "ignored"}, None, {Ruling.UNKNOWN, Ruling.COMPLETE}),
    ({"stats_start_time": "ignored"}, None, {Ruling.UNKNOWN, Ruling.COMPLETE}),
    ({"stats_filter": "refused"}, None, set()),
    ({"stats_served": False}, None, set()),
]


@pytest.mark.parametrize(("meaning", "learnt", "found"), MEANINGS)
def test_each_meaning_of_a_count_is_learnt_or_unknown(
    world: Worlds, meaning: dict[str, Any], learnt: str | None, found: set[Ruling]
) -> None:
    """Whatever LangSmith counts, no place that is whole becomes a gap. What does not settle is unknown."""
    w = busy(world, "smithdb")
    for name, value in meaning.items():
        setattr(w.sim, name, value)
    w.sync_locally()
    shown = w.request("GET", "/sync").get_json()["check"]
    assert shown["counts"] == learnt
    assert {one.ruling for one in verdicts(w) if one.day} <= (found or {Ruling.UNKNOWN})
    assert {one.ruling for one in verdicts(w)} & {Ruling.GAP, Ruling.REREAD, Ruling.CLOSED} == set()


def test_a_failing_count_leaves_the_sync_as_it_is(world: Worlds) -> None:
    """LangSmith answers the sync and not the check: the pass succeeds, says so, and the next one goes on with the check."""
    w = busy(world, "smithdb")
    w.configure(CHECK_COMPLETENESS="false")
    w.sync_locally()
    w.configure(CHECK_COMPLETENESS="true")
    w.sim.faults.add(Fault(kind="sessions", when=lambda request: "stats_filter" in dict(request.query), status=503, times=None))
    status, answer = w.pass_locally()
    assert (status, answer["hasMore"], verdicts(w)) == (200, False, [])
    w.sim.faults.clear()
    w.sync_locally()
    assert rulings(w).keys() == {Ruling.COMPLETE}


def test_a_refused_question_leaves_the_days_out_and_not_the_whole(world: Worlds) -> None:
    """Projects and datasets as a whole are compared all the same, and the check is over: it is not asked in every pass."""
    w = busy(world, "smithdb")
    w.sim.stats_filter = "refused"
    w.sync_locally()
    found = verdicts(w)
    assert {one.day for one in found} == {None}
    assert {one.table for one in found} == {"langsmith_run", "langsmith_feedback", "langsmith_example"}
    w.clock.advance(minutes=15)
    w.sim.requests.clear()
    w.sync_locally()
    assert [one for one in w.sim.requests if "stats_filter" in dict(one.query)] == []


def test_a_check_longer_than_a_pass_goes_on_without_a_new_look(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call counts a page. Only the first of them looks at LangSmith before."""
    w = busy(world, "smithdb")
    w.configure(CHECK_COMPLETENESS="false")
    w.sync_locally()
    w.configure(CHECK_COMPLETENESS="true")
    monkeypatch.setattr("langsmith_core.completeness.check.PAGES_MAX", 1)
    w.clock.advance(minutes=15)
    w.configure(MAX_SECONDS="0.6")
    w.sim.requests.clear()
    calls, more = 0, True
    while more:
        status, answer = w.pass_locally()
        assert status == 200
        calls, more = calls + 1, answer["hasMore"]
    pages = [one for one in w.sim.requests if "stats_filter" in dict(one.query) and "id" not in dict(one.query)]
    assert (len(pages), w.requests("info")) == (7, 1)
    assert calls > 1
    assert rulings(w).keys() == {Ruling.COMPLETE}


def test_hidden_statistics_are_not_taken_for_none(world: Worlds) -> None:
    """A destination without the statistics of feedback cannot be compared by them, so no verdict says that it is complete."""
    w = busy(world, "smithdb")
    w.configure(EXCLUDE_COLUMNS="langsmith_project.feedback_stats")
    w.sync_locally()
    assert {one.table for one in verdicts(w)} == {"langsmith_run", "langsmith_example"}


def test_a_check_on_demand_leaves_the_daily_one_due(world: Worlds) -> None:
    """One project is compared by hand before the day's check. The next pass compares all of them."""
    w = busy(world, "smithdb")
    w.configure(CHECK_COMPLETENESS="false")
    w.sync_locally()
    one, *_ = w.workspace.projects
    check_now.run(workspaces.settings(os.environ, None, w.clock.now()), w.process, projects=(one,))
    assert {found.parent_id for found in verdicts(w) if found.day} == {one}
    w.configure(CHECK_COMPLETENESS="true")
    w.clock.advance(minutes=15)
    w.sync_locally()
    assert {found.parent_id for found in verdicts(w) if found.day} == set(w.workspace.projects)
