"""A look-up reads the batch's own partitions. What stands in two partitions is found wherever that matters, or once a day."""

import re
from typing import Any

import pytest
from emulators.warehouse import Warehouse
from google.cloud import bigquery

from destinations.files import EARLY, LATE, LATER, batch
from langsmith_core.destinations.bigquery.jobs import Done, Jobs
from langsmith_core.destinations.bigquery.tables import SEARCHED, Layout, today
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN
from langsmith_core.sync.batch import Batch
from samples import encoded

DAY = "2026-05-0{}T12:00:00.000000Z"
PARTITIONED = 5
"""Tables with partitions."""


def run(name: str, start: str | None, key: str = "r") -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": key, "name": name, "start_time": start}), {})


def named(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return the name, start and time of deletion of every run."""
    return warehouse.ask("SELECT name, start_time, _deleted_at FROM `{}.langsmith_run` ORDER BY run_id, _synced_at")


def bounds(statement: str) -> list[str]:
    """Return the conditions on partitions in a statement, short."""
    pattern = r"t\.[a-z]\w+ (>=|<) TIMESTAMP '(?:2026-)?(\S+) 00:00:00\+00:00'|t\.[a-z]\w+ (IS NULL)"
    return [" ".join(part for part in found if part) for found in re.findall(pattern, statement)]


def gone(stream: Table, at: str, key: str) -> Batch:
    """Make a batch that deletes a key."""
    made = batch(stream)
    made.delete(stream.name, key, parse(at))
    return made


def test_a_look_up_reads_the_partitions_of_its_rows(warehouse: Warehouse) -> None:
    """A batch is looked up in the literal days or months of its own rows; what is not there, in those beside them."""
    months = [
        rows.to_row(EXAMPLE, encoded({"id": str(n), "dataset_id": "d", "created_at": f"2026-0{n}-09T00:00:00"}), {})
        for n in (1, 3)
    ]
    warehouse.write(
        batch(RUN, run("a", DAY.format(1), "1"), run("b", DAY.format(2), "2"), run("c", DAY.format(5), "3")),
        batch(RUN, run("c", DAY.format(5), "3")),
        batch(RUN, run("e", None, "5"), run("f", DAY.format(7), "6")),
        batch(RUN, run("e", None, "5")),
        batch(EXAMPLE, *months),
    )
    assert [bounds(statement) for statement in warehouse.look_ups(RUN)] == [
        [">= 05-01", "< 05-03", ">= 05-05", "< 05-06"],
        [">= 04-30", "< 05-01", ">= 05-03", "< 05-05", ">= 05-06", "< 05-07"],
        [">= 05-05", "< 05-06"],
        [">= 05-07", "< 05-08", "IS NULL"],
        [">= 05-06", "< 05-07", ">= 05-08", "< 05-09"],
        ["IS NULL"],
    ]
    assert [bounds(statement) for statement in warehouse.look_ups(EXAMPLE)] == [
        [">= 01-01", "< 02-01", ">= 03-01", "< 04-01"],
        [">= 2025-12-01", "< 01-01", ">= 02-01", "< 03-01", ">= 04-01", "< 05-01"],
    ]


def test_a_merge_updates_in_the_partitions_of_changed_rows_only(warehouse: Warehouse) -> None:
    """BigQuery bills an UPDATE whole days, perhaps all that it looks into: fresh rows of other days add none."""
    changed = [run("old", DAY.format(1), "1"), run("same", DAY.format(3), "3")]
    warehouse.write(batch(RUN, *changed, at=EARLY))
    fresh = [run("fresh", DAY.format(5), "5"), run("fresh", DAY.format(7), "7")]
    warehouse.write(batch(RUN, run("new", DAY.format(1), "1"), changed[1], *fresh, at=LATE))
    assert [bounds(statement) for statement in warehouse.merges(RUN)] == [
        [">= 05-01", "< 05-02", ">= 05-03", "< 05-04"],
        [">= 05-01", "< 05-02"],
    ]
    assert [name for name, *_ in named(warehouse)] == ["new", "same", "fresh", "fresh"]


def test_a_start_corrected_by_a_day_moves_the_row_at_once(warehouse: Warehouse) -> None:
    """A run whose start moves to the day before or after stands once: its key is looked up beside its partition, too."""
    first = [run("old", DAY.format(4), str(case)) for case in (1, 2)]
    then = [run("new", DAY.format(3), "1"), run("new", DAY.format(5), "2")]
    warehouse.write(batch(RUN, *first, at=EARLY), batch(RUN, *then, at=LATE))
    assert named(warehouse) == [("new", parse(DAY.format(day)), None) for day in (3, 5)]
    assert warehouse.jobs["heal"] == 0


def test_what_others_write_of_other_keys_is_no_conflict(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other workspaces insert into the same days while a pass merges: it counts its own keys, and does not look again."""
    warehouse.write()
    real = Jobs.run

    def among_others(self: Jobs, job: str, layout: Layout, *asked: Any) -> Done:
        if job == "merge":
            at = f"TIMESTAMP '{DAY.format(1)}'"
            warehouse.ask(f"INSERT INTO `{{}}.langsmith_run` (run_id, start_time) VALUES ('other', {at})")  # noqa: S608  constants
        return real(self, job, layout, *asked)

    monkeypatch.setattr(Jobs, "run", among_others)
    warehouse.write(batch(RUN, run("a", DAY.format(1))))
    assert warehouse.jobs == {"look-up": 2, "load": 1, "merge": 1, "count": 1}


MOVES = [
    # start and version of the first reading, of the second, name that stays
    (DAY.format(1), EARLY, DAY.format(3), LATE, "second"),
    (DAY.format(2), EARLY, None, LATE, "second"),
    (None, EARLY, DAY.format(1), LATE, "second"),
    (DAY.format(1), LATE, DAY.format(3), EARLY, "first"),
]


@pytest.mark.parametrize(("start", "at", "other", "then", "stays"), MOVES)
def test_a_row_that_moved_stands_twice_until_the_daily_search(
    start: str | None, at: str, other: str | None, then: str, stays: str, warehouse: Warehouse
) -> None:
    """A run whose start was corrected by days stands once, in its newest reading, after the first batch of the next day."""
    warehouse.write(batch(RUN, run("first", start), at=at), batch(RUN, run("second", other), at=then))
    assert sorted(row[0] for row in named(warehouse)) == ["first", "second"]
    warehouse.let_a_day_pass()
    warehouse.write(batch(FEEDBACK))
    assert named(warehouse) == [(stays, parse(place) if (place := start if stays == "first" else other) else None, None)]
    assert warehouse.jobs == {"search": PARTITIONED, "look-up": 1, "heal": 1}


def test_a_table_is_searched_once_a_day(warehouse: Warehouse) -> None:
    """The day of the search is a label beside the table's other labels. A new table, or one searched today, is left alone."""
    one = batch(RUN, run("a", DAY.format(1)))
    warehouse.write(one)
    table = bigquery.Table(f"{warehouse.dataset}.{RUN.name}")
    table.labels = {"mine": "1"}
    warehouse.client.update_table(table, ["labels"])
    assert (warehouse.jobs["search"], warehouse.labels(RUN)) == (0, {"mine": "1", SEARCHED: today()})
    warehouse.let_a_day_pass()
    warehouse.write(one, one)
    assert warehouse.jobs == {"look-up": 2, "search": PARTITIONED}
    assert warehouse.labels(RUN) == {"mine": "1", SEARCHED: today()}
    warehouse.write(one)
    assert warehouse.jobs == {"look-up": 1}


def test_a_search_that_died_is_made_again(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass that dies after it found doubles leaves the day open, and the next batch heals them."""
    warehouse.write(batch(RUN, run("old", DAY.format(1)), at=EARLY), batch(RUN, run("new", DAY.format(3)), at=LATE))
    warehouse.let_a_day_pass()
    with monkeypatch.context() as patch:
        patch.setattr("langsmith_core.destinations.bigquery.healing.heal", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            warehouse.write(batch(FEEDBACK))
    warehouse.write(batch(FEEDBACK))
    assert [name for name, *_ in named(warehouse)] == ["new"]


def test_a_deletion_finds_its_row_wherever_it_is(warehouse: Warehouse) -> None:
    """A deletion has no time: it looks in all partitions. Of a run that stands twice the newest is marked, the other goes."""
    warehouse.write(batch(RUN, run("old", DAY.format(1)), at=EARLY), batch(RUN, run("new", DAY.format(5)), at=LATE))
    warehouse.write(gone(RUN, LATER, "r"))
    assert named(warehouse) == [("new", parse(DAY.format(5)), parse(LATER))]
    assert [bounds(statement) for statement in warehouse.look_ups(RUN)][4:] == [[], []]


def test_a_search_takes_a_version_of_the_future_for_old(warehouse: Warehouse) -> None:
    """A row that a clock running ahead has written gives way to one that was read since."""
    warehouse.write(
        batch(RUN, run("ahead", DAY.format(1)), at="2036-01-01T00:00:00.000000Z"), batch(RUN, run("now", DAY.format(3)))
    )
    warehouse.let_a_day_pass()
    warehouse.write(batch(FEEDBACK), now=parse(LATER))
    assert [name for name, *_ in named(warehouse)] == ["now"]


def test_jobs_say_what_they_are_for(warehouse: Warehouse) -> None:
    """Each job is labelled with kind, table and workspace, and a statement may be billed a terabyte at most."""
    warehouse.write(batch(RUN, run("a", DAY.format(1))))
    jobs = [job for job in warehouse.client.list_jobs() if job.labels.get("table") == RUN.name]
    mine = [job for job in jobs if job.labels["workspace"] == warehouse.settings.source and warehouse.dataset in repr_of(job)]
    assert sorted(job.labels["kind"] for job in mine) == ["count", "load", "look-up", "look-up", "merge"]
    assert {job.maximum_bytes_billed for job in mine if job.job_type == "query"} == {10**12}


def repr_of(job: Any) -> str:
    """Return a text that names the job's dataset."""
    return str(job.query if job.job_type == "query" else job.destination)
