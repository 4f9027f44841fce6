"""The upsert into BigQuery, compared with DuckDB's: whole rows, duplicates, versions, corrected partitions."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from emulators.warehouse import Warehouse, in_duckdb, unhurried, write_duckdb
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from destinations.files import EARLY, LATE, LATER, batch
from langsmith_core.destinations.bigquery import sink, sql, status
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE, ANNOTATION_QUEUE_ITEM
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG
from langsmith_core.streams.prompt_columns import PROMPT, PROMPT_COMMIT
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, TABLES
from langsmith_core.streams.usage_columns import USAGE_DAY
from langsmith_core.sync.batch import Batch
from samples import encoded, fixture

DAY = "2026-05-0{}T12:00:00.123456Z"
WRITTEN = ("look-up", "load", "merge", "count")
SEEN = {"look-up": 1}


def run(key: str = "r", start: str | None = DAY.format(1), **fields: Any) -> Row:
    """Make the row of a run that began at `start`."""
    return rows.to_row(RUN, json_text.strict(encoded({"id": key, "session_id": "p", "start_time": start, **fields}), 1), {})


def named(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return the key, name, start and version of the runs in the table."""
    return warehouse.ask("SELECT run_id, name, start_time, _synced_at FROM `{}.langsmith_run` ORDER BY run_id")


RECORDS: list[tuple[Table, Any]] = [
    (RUN, fixture("01")),
    (RUN, fixture("02")),
    (RUN, fixture("08")["page_with_next"]["items"][0]),
    (FEEDBACK, fixture("03")),
    (DATASET, fixture("06")["dataset"]),
    (PROJECT, fixture("06")["experiment"]),
    (EXAMPLE, {"id": "e", "dataset_id": "d", "inputs": {"a": 1}, "created_at": "2026-01-01T00:00:00", "modified_at": None}),
    (DATASET_VERSION, {"as_of": "2026-01-01T00:00:00", "tags": ["latest"]}),
    (FEEDBACK_CONFIG, {"feedback_key": "k", "feedback_config": {"type": "continuous", "min": 0}, "is_lower_score_better": True}),
    (ANNOTATION_QUEUE, {"id": "q", "name": "to check", "assigned_reviewers": [{"id": "u"}], "total_runs": 2}),
    (ANNOTATION_QUEUE_ITEM, {"id": "i", "item_type": "RUN", "added_at": "2026-01-01T00:00:00Z", "completed_by": ["u"]}),
    (
        PROMPT,
        {"id": "p", "repo_handle": "support", "repo_type": "prompt", "is_public": False, "tags": [], "num_commits": 2},
    ),
    (
        PROMPT_COMMIT,
        {"id": "c", "repo_id": "p", "commit_hash": "a1", "manifest": {"lc": 1}, "created_at": "2026-01-01T00:00:00"},
    ),
    (USAGE_DAY, {"time_bucket": "2026-01-01T00:00:00Z", "dimensions": {"project_id": "p", "project_name": "shop"}, "traces": 3}),
]


def test_whole_rows_are_as_in_duckdb(warehouse: Warehouse, tmp_path: Path) -> None:
    """Every column of recorded records reads the same from BigQuery as from DuckDB."""
    one = batch(RUN)
    for stream, record in RECORDS:
        row = rows.to_row(
            stream, encoded(record), {record.get("session_id"): "a name"}, given={"dataset_id": "d", "queue_id": "q"}
        )
        one.add(stream.name, batch(stream, row).lines[stream.name], 1)
    warehouse.write(one)
    write_duckdb(str(tmp_path / "d"), one)
    for stream in TABLES:
        assert warehouse.rows(stream)
        assert warehouse.rows(stream) == in_duckdb(str(tmp_path / "d"), stream)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PAYLOADS = TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(TEXTS, max_size=2) | st.none()
RUNS = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "error": TEXTS,
        "inputs": st.dictionaries(TEXTS, PAYLOADS, max_size=3),
        "total_tokens": st.integers(-(2**63), 2**63 - 1),
        "total_cost": st.decimals(-(10**19), 10**19, allow_nan=False, allow_infinity=False, places=18).map(str),
    },
)
MOMENTS = st.none() | st.datetimes().map(lambda moment: moment.isoformat())
STARTED = st.fixed_dictionaries(dict.fromkeys((EARLY, LATE, LATER), MOMENTS))

READINGS = st.tuples(st.sampled_from("abcdef"), st.sampled_from([EARLY, LATE, LATER]), RUNS)


@limits(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=st.lists(st.lists(READINGS, min_size=4, max_size=8), max_size=3), starts=STARTED)
def test_any_batches_leave_what_they_leave_in_duckdb(
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
    readings: list[list[tuple[str, str, dict[str, Any]]]],
    starts: dict[str, str | None],
) -> None:
    """Both sinks hold equal values, and each key stands once after the daily search, whatever rows come in whatever order."""
    path, example = str(tmp_path_factory.mktemp("any") / "d"), uuid.uuid4().hex
    batches = [_batch(example, one, starts) for one in readings]
    warehouse.write(*batches)
    warehouse.let_a_day_pass()
    warehouse.write(batch(RUN))
    write_duckdb(path, *batches)
    assert [row for row in warehouse.rows(RUN) if row[0].startswith(example)] == in_duckdb(path, RUN)


def _batch(example: str, readings: list[tuple[str, str, dict[str, Any]]], starts: dict[str, str | None]) -> Batch:
    """Make one batch of readings. As in the engine's batches, a later row of a key replaces an earlier one.

    Values follow from the version here. Values that return to what they were have a test of their own, below.
    """
    made = batch(RUN)
    for key, at, record in readings:
        row = run(example + key, starts[at], **record, tags=[at])
        lines = batch(RUN, row, at=at).lines[RUN.name]
        made.add(RUN.name, lines, 1)
    return made


def test_a_reading_between_two_equal_ones_that_comes_late(warehouse: Warehouse) -> None:
    """Equal values keep their first version, so a late pass may write an older value in between. The next reading mends it."""
    warehouse.write(batch(RUN, run(name="a"), at=EARLY))
    warehouse.write(batch(RUN, run(name="a"), at=LATER))
    warehouse.write(batch(RUN, run(name="b"), at=LATE))
    assert [row[1] for row in named(warehouse)] == ["b"]
    warehouse.write(batch(RUN, run(name="a"), at=LATER))
    assert [(row[1], row[3]) for row in named(warehouse)] == [("a", parse(LATER))]


def test_a_batch_of_all_tables_is_one_pass(warehouse: Warehouse) -> None:
    """Each table costs a look-up, a load, a merge and a count; new rows with a time a second look-up, beside their partitions.

    A table without rows costs nothing, and no staging table stays.
    """
    record = b'{"id":"1","feedback_key":"1","as_of":"2026-01-01T00:00:00Z","time_bucket":"2026-01-01T00:00:00Z"}'
    lines = {s.name: batch(s, rows.to_row(s, record, {}, given={"dataset_id": "d"})).lines[s.name] for s in TABLES}
    warehouse.write(Batch(batch(RUN).state, {**lines, FEEDBACK.name: {}}))
    timed = 1  # dataset versions: the record has no other time
    assert warehouse.jobs == {**dict.fromkeys(WRITTEN, len(TABLES) - 1), "look-up": len(TABLES) - 1 + timed}
    assert status.status(warehouse.settings)["rows"] == {
        **dict.fromkeys((s.name for s in TABLES), 1),
        FEEDBACK.name: 0,
        "langsmith_rejected": 0,
    }
    assert [table for table in warehouse.tables() if table.startswith("_")] == []


def test_a_batch_that_comes_again_changes_nothing(warehouse: Warehouse) -> None:
    """The same batch again costs one look-up. It loads and merges nothing."""
    one = batch(RUN, run("a"), run("b", start=None), run("c", start=DAY.format(3)))
    warehouse.write(one)
    before = warehouse.rows(RUN)
    warehouse.write(one)
    assert (warehouse.jobs, warehouse.rows(RUN)) == (SEEN, before)
    assert len(before) == 3


VERSIONS = [
    # the version there, the version that comes, whose row stays
    (EARLY, LATE, "new"),
    (LATE, LATE, "new"),
    (LATER, LATE, "old"),
]


def test_an_older_version_never_replaces_a_newer_one(warehouse: Warehouse) -> None:
    """A reading of the same time or later replaces a row whole. No other does."""
    for case, (there, comes, _) in enumerate(VERSIONS):
        warehouse.write(
            batch(RUN, run(str(case), name="old", error="e"), at=there), batch(RUN, run(str(case), name="new"), at=comes)
        )
    left = {"old": ("old", "e"), "new": ("new", None)}
    assert warehouse.ask("SELECT name, error, _synced_at FROM `{}.langsmith_run` ORDER BY run_id") == [
        (*left[stays], parse(max(there, comes))) for there, comes, stays in VERSIONS
    ]
    warehouse.write(batch(RUN, run("2", name="new"), at=LATE))
    assert warehouse.jobs == SEEN


def test_rows_that_did_not_change_are_not_written_again(warehouse: Warehouse) -> None:
    """Where one of a thousand rows has changed, BigQuery's own counts say that one was updated."""
    many = [run(f"{n:04}", DAY.format(1 + n % 3)) for n in range(1000)]
    warehouse.write(batch(RUN, *many, at=EARLY))
    assert warehouse.dml() == {"inserted": 1000, "updated": 0, "deleted": 0}
    warehouse.write(batch(RUN, *many[1:], {**many[0], "name": "new"}, at=LATER))
    assert warehouse.dml() == {"inserted": 1000, "updated": 1, "deleted": 0}
    assert warehouse.ask("SELECT name, _synced_at FROM `{}.langsmith_run` WHERE run_id = '0000'") == [("new", parse(LATER))]
    warehouse.write(batch(RUN, *many[1:], {**many[0], "name": "new"}, at=LATER))
    assert warehouse.jobs == SEEN


def test_of_doubles_in_a_batch_the_newest_stands(warehouse: Warehouse) -> None:
    """Two lines of one key in a batch are one row, in the newest reading."""
    both = batch(RUN, run(name="old"), at=EARLY)
    both.lines[RUN.name]["again"] = batch(RUN, run(name="new"), at=LATER).lines[RUN.name]["r"]
    warehouse.write(both)
    assert [row[1] for row in named(warehouse)] == ["new"]


def test_the_merge_itself_takes_the_newest_of_doubles(warehouse: Warehouse) -> None:
    """The merge makes one row of two staged lines of a key, even without the sink's own check."""
    layout = sink.TABLE_OF[RUN.name]
    lines = [batch(RUN, run(name=name), at=at).lines[RUN.name]["r"] for name, at in [("new", LATER), ("old", EARLY)]]
    with sink.opened(warehouse.settings, unhurried) as opened:
        staging = opened.jobs.load(layout, lines)
        table = f"{warehouse.dataset}.{RUN.name}"
        opened.jobs.run("merge", layout, sql.merge(layout, table, staging, "TRUE", replaces=True, wide=False))
    assert [row[1] for row in named(warehouse)] == ["new"]


STARTS = [
    (DAY.format(1), DAY.format(2)),
    (DAY.format(2), DAY.format(1)),
    (None, DAY.format(1)),
    (DAY.format(1), None),
    ("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
    ("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"),
]


def test_a_start_that_was_corrected_moves_the_row(warehouse: Warehouse) -> None:
    """A run whose start moves is still one row, in the new partition, where its old one is among the batch's own."""
    cases = list(enumerate(STARTS))
    warehouse.write(
        batch(RUN, *(run(str(case), there, name="old") for case, (there, _) in cases), at=EARLY),
        batch(RUN, *(run(str(case), comes, name="new") for case, (_, comes) in cases), at=LATER),
    )
    assert named(warehouse) == [(str(case), "new", comes and parse(comes), parse(LATER)) for case, (_, comes) in cases]
    assert warehouse.dml() == {"inserted": len(cases), "updated": len(cases), "deleted": 0}


COST = "99999999999999999999.999999999999999999"
EXACT = {
    "a": 123456789012345678901234567890,
    "b": 18446744073709551615,
    "c": "naïve 😀 \ufffd \u2028",
    "d": [0.1, 0.2002386475503002, 1e-300, 5e-324],
    "1e5": "0.12345678901234567890123",
}


def test_numbers_times_and_text_are_exact(warehouse: Warehouse) -> None:
    """Costs, tokens, microseconds and texts arrive exactly. A number that BigQuery's JSON cannot hold becomes text."""
    text = encoded(EXACT).decode()[:-1] + ',"long":0.12345678901234567890123,"huge":1e400}'
    line = f"""{{"id": "r", "start_time": "2026-05-01T12:00:00.123456", "inputs": {text}, "error": "a\\u0000b",
        "total_tokens": 9223372036854775807, "total_cost": "{COST}", "prompt_cost": "0.000000000000000001"}}"""
    warehouse.write(batch(RUN, rows.to_row(RUN, json_text.strict(line.encode(), 1), {})))
    ((start, tokens, total, prompt, error, inputs),) = warehouse.ask(
        "SELECT start_time, total_tokens, total_cost, prompt_cost, error, TO_JSON_STRING(inputs) FROM `{}.langsmith_run`"
    )
    assert (start, tokens, error) == (parse(DAY.format(1)), 2**63 - 1, "a\ufffdb")
    assert (str(total), f"{prompt:f}") == (COST, "0.000000000000000001")
    held = {"a": "123456789012345678901234567890", "long": "0.12345678901234567890123", "huge": "1e400"}
    assert json.loads(inputs) == {**EXACT, **held}
