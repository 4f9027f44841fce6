"""Passes that die or overlap with others, on BigQuery's emulator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from emulators.warehouse import Warehouse, unhurried

from destinations.files import EARLY, LATE, LATER, batch
from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.bigquery.jobs import Done, Jobs
from langsmith_core.destinations.bigquery.tables import Layout
from langsmith_core.errors import BusyError, SyncError
from langsmith_core.records import rows
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import RUN
from samples import encoded

DAY = "2026-05-0{}T00:00:00.000000Z"


def run(name: str, key: str = "r", start: str = DAY.format(1)) -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": key, "name": name, "start_time": start}), {})


def named(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return the key, name and version of the runs in the table."""
    return warehouse.ask("SELECT run_id, name, _synced_at FROM `{}.langsmith_run` ORDER BY run_id, name")


def before(kind: str, first: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Call a function once, just before the next job of a kind."""
    real, done = Jobs.run, list[str]()

    def patched(self: Jobs, job: str, *asked: Any) -> Done:
        if job == kind and not done:
            done.append(job)
            first()
        return real(self, job, *asked)

    patch.setattr(Jobs, "run", patched)


def dies() -> None:
    """End the pass here."""
    raise ZeroDivisionError


@pytest.mark.parametrize("kind", ["look-up", "merge", "count"])
def test_a_pass_that_dies_is_made_good_by_the_next(kind: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same batch after a pass died leaves each row once, wherever it died. Rows that were loaded are not loaded again."""
    one = batch(RUN, run("a", "1"), run("b", "2"), at=EARLY)
    with monkeypatch.context() as patch:
        before(kind, dies, patch)
        with pytest.raises(ZeroDivisionError):
            warehouse.write(one)
    warehouse.write(one)
    assert named(warehouse) == [("1", "a", parse(EARLY)), ("2", "b", parse(EARLY))]
    assert warehouse.loads() == 1
    assert warehouse.dml() == {"inserted": 2, "updated": 0, "deleted": 0}


def test_a_write_past_its_time_is_made_good_by_the_next_pass(warehouse: Warehouse) -> None:
    """Where the call's time and the writes' own are over, nothing is written and the pass fails with a 503."""
    one = batch(RUN, run("a"))
    with (
        sink.opened(warehouse.settings, lambda: -sink.WRITE_SECONDS) as opened,
        pytest.raises(SyncError, match="longer") as caught,
    ):
        opened.write(one)
    assert caught.value.status == 503
    assert named(warehouse) == []
    warehouse.write(one)
    assert [name for _, name, _ in named(warehouse)] == ["a"]


def test_a_load_that_failed_is_tried_anew(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed load is tried again under another job name, since BigQuery keeps the name of the failed one."""
    one = batch(RUN, run("a"))
    with monkeypatch.context() as patch:
        patch.setattr(
            "langsmith_core.destinations.bigquery.plan._stamped", lambda row: row.line[:-1] + b',"_row_hash":"no number"}'
        )
        with pytest.raises(SyncError):
            warehouse.write(one)
    assert named(warehouse) == []
    warehouse.write(one)
    assert [name for _, name, _ in named(warehouse)] == ["a"]


def test_rows_that_were_merged_and_lost_since_are_loaded_again(warehouse: Warehouse) -> None:
    """Rows are loaded again where their load ran before and its staging table is gone."""
    one = batch(RUN, run("a"))
    warehouse.write(one)
    warehouse.ask("DELETE FROM `{}.langsmith_run` WHERE TRUE")
    warehouse.write(one)
    assert [name for _, name, _ in named(warehouse)] == ["a"]
    assert warehouse.loads() == 2


def test_a_staging_table_expires(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """BigQuery itself deletes the staging table that a dead pass left behind, after an hour."""
    with monkeypatch.context() as patch:
        before("merge", dies, patch)
        with pytest.raises(ZeroDivisionError):
            warehouse.write(batch(RUN, run("a")))
    (left,) = [table for table in warehouse.tables() if table.startswith("_stg_")]
    table = warehouse.client.get_table(f"{warehouse.dataset}.{left}")
    assert (table.expires - table.created).total_seconds() == pytest.approx(3600, abs=60)


RACES = [
    # this pass's version, the version of the pass that writes between its look-up and merge, whose row stays
    (EARLY, LATER, "other"),
    (LATER, EARLY, "this"),
    (LATE, LATE, "this"),
]


PLACES = {
    # the run's key: its day before, its day by the other pass, its day by this pass
    "elsewhere": (None, DAY.format(2), DAY.format(1)),
    "moved": (DAY.format(3), DAY.format(2), DAY.format(1)),
    "new": (None, DAY.format(1), DAY.format(1)),
    "stays": (DAY.format(1), DAY.format(1), DAY.format(1)),
}
AT_ONCE = {"new", "stays"}
"""Those that stand once without the daily search: both passes agree on the day."""


@pytest.mark.parametrize(("mine", "others", "stays"), RACES)
def test_another_pass_between_look_up_and_merge(
    mine: str, others: str, stays: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two passes bring the same runs. One of the same day stands once, in its newest reading, others after the daily search."""
    there = [run("old", key, place) for key, (place, _, _) in PLACES.items() if place]
    theirs = [run("other", key, place) for key, (_, place, _) in PLACES.items()]
    ours = [run("this", key, place) for key, (_, _, place) in PLACES.items()]
    warehouse.write(batch(RUN, *there, at="2026-01-01T00:00:00.000000Z"))
    with monkeypatch.context() as patch, sink.opened(warehouse.settings, unhurried) as second:
        before("merge", lambda: second.write(batch(RUN, *theirs, at=others)), patch)
        warehouse.write(batch(RUN, *ours, at=mine))
    once = [(key, stays, parse(max(mine, others))) for key in sorted(PLACES)]
    assert [row for row in named(warehouse) if row[0] in AT_ONCE] == [row for row in once if row[0] in AT_ONCE]
    warehouse.let_a_day_pass()
    warehouse.write(batch(RUN))
    assert named(warehouse) == once


def test_two_passes_at_once(warehouse: Warehouse) -> None:
    """Four passes at once, with readings of the same runs, leave each run once, in its newest reading."""
    warehouse.write()
    versions = [EARLY, LATE, LATER, LATER]
    batches = [batch(RUN, *(run(at, f"{n:02}", DAY.format(1 + n % 3)) for n in range(20)), at=at) for at in versions]

    failures: list[int] = []

    def one_pass(number: int) -> None:
        for _ in range(20):  # the emulator fails where commits meet; the pass runs again, as a schedule would do
            try:
                with sink.opened(warehouse.settings, unhurried) as opened:
                    return opened.write(batches[number])
            except SyncError as error:
                failures.append(error.status)
        pytest.fail("20 passes, and none got through")

    with ThreadPoolExecutor(len(batches)) as pool:
        list(pool.map(one_pass, range(len(batches))))
    assert 400 not in failures
    assert named(warehouse) == [(f"{n:02}", LATER, parse(LATER)) for n in range(20)]


def test_keys_that_stand_twice_are_healed(warehouse: Warehouse) -> None:
    """The next reading of a run that stands twice on its day leaves one row, the newest of all days. Others are not touched."""
    warehouse.write(batch(RUN, run("a"), run("b", "other"), at=LATE))
    first, fifth = (f"TIMESTAMP '{DAY.format(day)}'" for day in (1, 5))
    twins = f"('r', 'twin', {fifth}, TIMESTAMP '{LATER}'), ('r', 'same day', {first}, NULL), ('r', 'null', NULL, NULL)"
    warehouse.ask("INSERT INTO `{}.langsmith_run` (run_id, name, start_time, _synced_at) VALUES " + twins)  # noqa: S608  constants
    warehouse.write(batch(RUN, run("a"), at=LATE))
    assert named(warehouse) == [("other", "b", parse(LATE)), ("r", "twin", parse(LATER))]


def test_a_pass_that_never_gets_its_way_says_so(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass ends with a 409 where somebody inserts its run again and again. It does not save its position."""
    warehouse.write()
    real, first = Jobs.run, f"TIMESTAMP '{DAY.format(1)}'"

    def again(self: Jobs, job: str, layout: Layout, *asked: Any) -> Done:
        if job == "look-up" and layout.stream is RUN:
            warehouse.ask(f"INSERT INTO `{{}}.langsmith_run` (run_id, start_time) VALUES ('r', {first}), ('r', {first})")  # noqa: S608
        return real(self, job, layout, *asked)

    monkeypatch.setattr(Jobs, "run", again)
    monkeypatch.setattr(sink, "ROUNDS_MAX", 2)
    with pytest.raises(BusyError, match="another pass keeps writing langsmith_run") as caught:
        warehouse.write(batch(RUN, run("a")))
    assert caught.value.status == 409
