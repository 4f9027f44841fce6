"""What a BigQuery dataset counts of its own rows, and the verdicts that it keeps. DuckDB's counts are the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from emulators.warehouse import Warehouse, unhurried
from msgspec.structs import replace

from destinations.counted import BY_DAY, CHECKED, FIRST, FOUND, SECOND, THIRD, TOTALS, held, run, verdict
from destinations.files import batch
from langsmith_core.completeness.values import COMPLETENESS, Destination, Ruling, Runs, Verdict
from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.bigquery.counts import KIND
from langsmith_core.streams.registry import RUN
from langsmith_core.sync.batch import Batch

Answer = TypeVar("Answer")


def joined(batches: list[Batch]) -> Batch:
    """All rows and deletions of some batches in one."""
    whole = Batch(batches[0].state)
    for one in batches:
        for table, lines in one.lines.items():
            whole.add(table, lines, 0)
        for table, gone in one.deletes.items():
            whole.deletes.setdefault(table, {}).update(gone)
    return whole


def fill(warehouse: Warehouse) -> None:
    """Write the rows that are counted: deletions in a batch of their own, after the rows."""
    *rows, gone = held()
    warehouse.write(joined(rows), gone)


def asked(warehouse: Warehouse, question: Callable[[Destination], Answer]) -> Answer:
    """Ask a sink of its own."""
    with sink.opened(warehouse.settings, unhurried) as one:
        found = question(one)
        warehouse.jobs = one.jobs.counts
    return found


def recorded(warehouse: Warehouse, *found: Verdict) -> list[Verdict]:
    """Record verdicts, note the jobs of that alone, and return what is read then."""
    with sink.opened(warehouse.settings, unhurried) as one:
        one.record(list(found))
        warehouse.jobs = one.jobs.counts.copy()
        read = one.verdicts()
        assert one.jobs.counts - warehouse.jobs == {KIND: 1}
    return read


def statements(warehouse: Warehouse) -> dict[str, list[str]]:
    """The statements that counted, by the table of their label."""
    found: dict[str, list[str]] = {}
    for job in warehouse.client.list_jobs():
        if job.job_type == "query" and warehouse.dataset in job.query and job.labels.get("kind") == KIND:
            found.setdefault(job.labels["table"], []).append(job.query)
    return found


def test_runs_and_whole_projects_are_counted_as_in_duckdb(warehouse: Warehouse) -> None:
    """A query by days names them as literals; six statements in all, each with the label of the table that it reads."""
    fill(warehouse)
    assert asked(warehouse, lambda one: one.runs_by_day(FIRST, THIRD)) == BY_DAY
    assert warehouse.jobs == {KIND: 1}
    assert sorted(map(repr, asked(warehouse, lambda one: one.totals()))) == sorted(map(repr, TOTALS))
    assert warehouse.jobs == {KIND: 5}
    found = statements(warehouse)
    days = "t.start_time >= TIMESTAMP '2026-05-01 00:00:00+00:00' AND t.start_time < TIMESTAMP '2026-05-03 00:00:00+00:00'"
    assert [days in text for text in found.pop("langsmith_run")].count(True) == 1
    assert {table: len(texts) for table, texts in found.items()} == dict.fromkeys(
        ("langsmith_project", "langsmith_feedback", "langsmith_dataset", "langsmith_example"), 1
    )


def test_a_key_that_stands_twice_counts_once(warehouse: Warehouse) -> None:
    """Two passes may insert a key at one moment; of two days it counts on both, and once in the whole project."""
    fill(warehouse)
    for moment in ("2026-05-01 05:00:00", "2026-05-02 05:00:00"):
        copied = f"* REPLACE (TIMESTAMP '{moment}' AS start_time)"
        of_run = "FROM `{}.langsmith_run` WHERE run_id = 'r2'"
        warehouse.ask(f"INSERT INTO `{{}}.langsmith_run` SELECT {copied} {of_run}")
    warehouse.ask("INSERT INTO `{}.langsmith_project` SELECT * FROM `{}.langsmith_project` WHERE project_id = 'p'")
    twice = {("p", FIRST): Runs(2, 1), ("p", SECOND): Runs(2, 0)}
    assert asked(warehouse, lambda one: one.runs_by_day(FIRST, THIRD)) == {**BY_DAY, **twice}
    assert sorted(map(repr, asked(warehouse, lambda one: one.totals()))) == sorted(map(repr, TOTALS))


def test_verdicts_are_kept_and_read_in_order(warehouse: Warehouse) -> None:
    """Recording is one load and one merge; none at all for no verdict. Every value comes back."""
    assert recorded(warehouse) == []
    assert warehouse.jobs == {}
    assert recorded(warehouse, *reversed(FOUND)) == FOUND
    assert warehouse.jobs == {"look-up": 1, "load": 1, "merge": 1, "count": 1}
    assert warehouse.ask("SELECT completeness_id, verdict, _synced_at FROM `{}.langsmith_completeness` ORDER BY 1 LIMIT 2") == [
        ("langsmith_example@a", "complete", CHECKED),
        ("langsmith_run@a", "unknown", CHECKED),
    ]


def test_a_later_verdict_takes_the_place_of_an_earlier_one(warehouse: Warehouse) -> None:
    """A key has one row: that of the last check. An earlier check changes nothing, unless the other is of a clock ahead."""
    recorded(warehouse, *FOUND)
    closed = verdict("b", Ruling.CLOSED, SECOND, later=60)
    assert recorded(warehouse, closed, verdict("a", Ruling.GAP, FIRST, later=-60))[-2:] == [closed, FOUND[-1]]
    ahead = verdict("b", Ruling.GAP, SECOND, later=86_400)
    assert recorded(warehouse, ahead)[0] == ahead
    again = verdict("b", Ruling.COMPLETE, SECOND, later=120)
    assert again in recorded(warehouse, again)
    assert warehouse.ask("SELECT count(*) FROM `{}.langsmith_completeness`") == [(len(FOUND),)]


def test_a_dataset_of_an_earlier_version_gets_the_table(warehouse: Warehouse) -> None:
    """The sink makes the table when it opens, and adds a column that it lacks."""
    fill(warehouse)
    warehouse.client.delete_table(f"{warehouse.dataset}.{COMPLETENESS.name}")
    assert recorded(warehouse, FOUND[0]) == [FOUND[0]]
    warehouse.ask("ALTER TABLE `{}.langsmith_completeness` DROP COLUMN parent_name")
    assert recorded(warehouse) == [replace(FOUND[0], name=None)]


def test_a_shared_dataset_counts_and_keeps_each_workspaces_own(warehouse: Warehouse) -> None:
    """Rows of the other workspace count in no count, and its verdicts under the same key are other rows."""
    warehouse.settings = replace(warehouse.settings, tenant_id="one", workspace_column=True)
    fill(warehouse)
    recorded(warehouse, verdict("p", Ruling.GAP))
    warehouse.settings = replace(warehouse.settings, tenant_id="o'ther")
    warehouse.write(run("x", "p", "2026-05-01T00:00:00"))
    recorded(warehouse, verdict("p", Ruling.COMPLETE))
    assert asked(warehouse, lambda one: one.runs_by_day(FIRST, THIRD)) == {("p", FIRST): Runs(1, 1)}
    assert asked(warehouse, lambda one: one.totals()) == []
    assert recorded(warehouse) == [verdict("p", Ruling.COMPLETE)]
    warehouse.settings = replace(warehouse.settings, tenant_id="one")
    assert asked(warehouse, lambda one: one.runs_by_day(FIRST, THIRD)) == BY_DAY
    assert sorted(map(repr, asked(warehouse, lambda one: one.totals()))) == sorted(map(repr, TOTALS))
    assert recorded(warehouse) == [verdict("p", Ruling.GAP)]
    assert warehouse.client.get_table(f"{warehouse.dataset}.{COMPLETENESS.name}").num_rows == 2


def test_rows_that_name_no_workspace_count_for_each(warehouse: Warehouse) -> None:
    """Rows of before the dataset was shared belong to whoever asks, as everywhere in the sink."""
    warehouse.write(run("r", "p", "2026-05-01T00:00:00"))
    warehouse.settings = replace(warehouse.settings, tenant_id="one", workspace_column=True)
    warehouse.write(batch(RUN))
    assert asked(warehouse, lambda one: one.runs_by_day(FIRST, SECOND)) == {("p", FIRST): Runs(1, 1)}
