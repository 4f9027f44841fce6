"""Tests of planning a write: lines to load, the clauses of a merge, literal partitions. They need no BigQuery."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from langsmith_core.destinations.bigquery import plan as plans
from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.altered import SAME_TYPE
from langsmith_core.destinations.bigquery.check import Checked
from langsmith_core.destinations.bigquery.plan import Found, Plan
from langsmith_core.destinations.bigquery.tables import EVERY, LAYOUTS, TYPES, Layout, schema, staging_schema
from langsmith_core.records.columns import Kind, Table, column
from langsmith_core.records.times import parse, render
from langsmith_core.streams.registry import DATASET, EXAMPLE, RUN

OLD, NOW, NEW = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2, 3))
MAY, JUNE = datetime(2026, 5, 31, 12, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC)
BY_STREAM = {layout.stream: layout for layout in LAYOUTS}


def row(key: str = "r", version: datetime = NOW, hashed: int = 1, at: datetime | None = JUNE) -> Checked:
    """Return a row that comes."""
    return Checked(key, version, hashed, at, b'{"run_id":"%b"}' % key.encode())


def found(key: str = "r", version: datetime | None = OLD, hashed: int | None = 1, **fields: Any) -> Found:
    """Return a row that the table holds."""
    return Found(key, fields.get("at", JUNE), version, fields.get("deleted_at"), hashed)


DECISIONS: list[tuple[str, list[Found], int, int, set[datetime | None]]] = [
    # what is there, how many are fresh, how many are replaced, whose partitions the merge looks into
    ("nothing", [], 1, 0, {JUNE}),
    ("the same values, older", [found()], 0, 0, set()),
    ("other values, older", [found(hashed=2)], 0, 1, {JUNE}),
    ("other values, of the same time", [found(hashed=2, version=NOW)], 0, 1, {JUNE}),
    ("other values, newer", [found(hashed=2, version=NEW)], 0, 0, set()),
    ("the same values, deleted", [found(deleted_at=OLD)], 0, 1, {JUNE}),
    ("the same values, deleted later", [found(version=NEW, deleted_at=NEW)], 0, 0, set()),
    ("somebody else's row", [found(hashed=None, version=None)], 0, 1, {JUNE}),
    ("another partition", [found(hashed=2, at=MAY)], 0, 1, {MAY}),
    ("no partition", [found(hashed=2, at=None)], 0, 1, {None}),
]


@pytest.mark.parametrize(("case", "there", "fresh", "replaced", "moments"), DECISIONS)
def test_what_is_there_decides_what_is_written(
    case: str, there: list[Found], fresh: int, replaced: int, moments: set[datetime | None]
) -> None:
    """Fresh and changed rows are written with their hash. A changed one is looked for where it is. Others are not sent."""
    plan = plans.planned("run_id", [row()], {}, there)
    lines = [b'{"run_id":"r","_row_hash":"1"}'] * (fresh + replaced)
    assert (plan.lines, len(plan.fresh), len(plan.replaced), set(plan.scanned)) == (lines, fresh, replaced, moments), case


def test_an_update_looks_into_the_partitions_of_changed_rows_only() -> None:
    """A merge with an UPDATE may be billed all that it looks into. Fresh rows of other days are inserted without a look there."""
    days = [JUNE + timedelta(days=day) for day in range(4)]
    there = [found("changed", hashed=2, at=days[0]), found("gone", at=days[1]), found("same", at=days[2])]
    rows = [row("changed", at=days[0]), row("same", at=days[2]), row("fresh", at=days[3])]
    plan = plans.planned("run_id", rows, {"gone": NOW}, there)
    assert (plan.fresh, plan.replaced) == ({"fresh": days[3]}, {"changed": days[0], "gone": days[1]})
    assert plan.scanned == {days[0], days[1]}


DELETIONS: list[tuple[list[Found], bool]] = [
    ([], False),
    ([found()], True),
    ([found(version=NOW)], True),
    ([found(version=NEW)], False),
    ([found(version=OLD, deleted_at=OLD)], False),
]


@pytest.mark.parametrize(("there", "marks"), DELETIONS)
def test_a_living_row_is_marked_unless_it_was_read_later(there: list[Found], marks: bool) -> None:
    """A deletion is a line of the key and the time. A row that the table lacks needs none."""
    plan = plans.planned("run_id", [], {"r": NOW}, there)
    assert [json.loads(line) for line in plan.lines] == [
        {"run_id": "r", "_synced_at": render(NOW), "_deleted_at": render(NOW)}
    ] * marks
    assert (plan.fresh, plan.replaced) == ({}, {"r": JUNE} if marks else {})


def test_of_doubles_the_newest_is_planned() -> None:
    """Of several readings of a key the newest is written, of equally new ones the last. It counts once."""
    rows = [row(version=NOW, hashed=1), row(version=NEW, hashed=2), row(version=NEW, hashed=3), row(version=OLD, hashed=4)]
    assert plans.planned("run_id", rows, {}, []) == Plan([b'{"run_id":"r","_row_hash":"3"}'], {"r": JUNE}, {})


def test_keys_that_are_there_twice_are_seen() -> None:
    """Each duplicate key is named once."""
    assert plans.doubled([found("a"), found("b"), found("a"), found("a"), found("c")]) == ["a"]


SPANS = [
    (RUN, [], "FALSE"),
    (RUN, [None], "(t.start_time IS NULL)"),
    (RUN, ["2026-06-01T12:00:00Z"], "(t.start_time >= {2026-06-01} AND t.start_time < {2026-06-02})"),
    (
        RUN,
        ["2026-06-01T00:00:00Z", "2026-06-01T23:59:59.999999Z", "2026-06-02T00:00:00Z"],
        "(t.start_time >= {2026-06-01} AND t.start_time < {2026-06-03})",
    ),
    (
        RUN,
        ["2025-12-31T12:00:00Z", None, "2026-06-01T12:00:00Z"],
        "(t.start_time >= {2025-12-31} AND t.start_time < {2026-01-01}"
        " OR t.start_time >= {2026-06-01} AND t.start_time < {2026-06-02} OR t.start_time IS NULL)",
    ),
    (RUN, ["0001-01-01T00:00:00Z"], "(t.start_time >= {0001-01-01} AND t.start_time < {0001-01-02})"),
    (RUN, ["9999-12-31T23:59:59Z"], "(t.start_time >= {9999-12-31})"),
    (EXAMPLE, ["2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z"], "(t.created_at >= {2026-01-01} AND t.created_at < {2026-03-01})"),
    (EXAMPLE, ["2025-12-31T12:00:00Z"], "(t.created_at >= {2025-12-01} AND t.created_at < {2026-01-01})"),
    (EXAMPLE, ["9999-12-31T23:59:59Z"], "(t.created_at >= {9999-12-01})"),
    (DATASET, ["2026-01-31T12:00:00Z"], "TRUE"),
]


@pytest.mark.parametrize(("stream", "moments", "condition"), SPANS)
def test_partitions_are_named_by_literals(stream: Any, moments: list[str | None], condition: str) -> None:
    """Each partition is named once, neighbours as one span. Only such bounds make BigQuery skip the others."""
    literal = condition.replace("{", "TIMESTAMP '").replace("}", " 00:00:00+00:00'")
    assert sql.within(BY_STREAM[stream], [parse(moment) if moment else None for moment in moments]) == literal


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_look_up_reads_its_partitions_only(layout: Layout) -> None:
    """The rows that a look-up and a count read are bounded."""
    within = sql.within(layout, [JUNE])
    for statement in (sql.look_up, sql.count):
        assert statement(layout, "p.d.t", within).endswith(f"IN UNNEST(@keys) AND {within}")
    assert within.count("TIMESTAMP '2026-06-01") == bool(layout.partition)


NEIGHBOURS = [
    (RUN, ["2026-06-01T12:00:00Z"], ["2026-05-31", "2026-06-02"]),
    (RUN, ["2026-06-01T12:00:00Z", "2026-06-02T12:00:00Z", None], ["2026-05-31", "2026-06-03"]),
    (RUN, ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"], ["0001-01-02", "9999-12-30"]),
    (RUN, [None], []),
    (EXAMPLE, ["2026-01-31T12:00:00Z"], ["2025-12-01", "2026-02-01"]),
    (DATASET, ["2026-01-31T12:00:00Z"], []),
]


@pytest.mark.parametrize(("stream", "moments", "beside"), NEIGHBOURS)
def test_the_partitions_beside_are_no_partitions_of_the_rows(stream: Any, moments: list[str | None], beside: list[str]) -> None:
    """The partition before and the one after of each time are named, without those that are named already."""
    found = sql.neighbours(BY_STREAM[stream], [parse(moment) if moment else None for moment in moments])
    assert [f"{one:%Y-%m-%d}".zfill(10) for one in found] == beside


@pytest.mark.parametrize("layout", EVERY)
def test_a_merge_that_only_inserts_has_no_other_clause(layout: Layout) -> None:
    """BigQuery bills the partitions that a statement may update. A batch of fresh rows may update none."""
    inserts, both = (sql.merge(layout, "p.d.t", "p.d.s", "TRUE", replaces=replaces, wide=True) for replaces in (False, True))
    assert [statement.count("UPDATE SET") for statement in (inserts, both)] == [0, 2]
    assert [statement.count("THEN INSERT") for statement in (inserts, both)] == [1, 1]


def test_json_that_bigquery_cannot_parse_is_kept_as_text() -> None:
    """BigQuery rounds numbers rather than refuse them. Text that it refuses all the same stays a string, and NULL stays."""
    parsed = "IF(inputs IS NULL, NULL, COALESCE(SAFE.PARSE_JSON(inputs, wide_number_mode => 'round'), TO_JSON(inputs))) AS inputs"
    assert parsed in sql.merge(BY_STREAM[RUN], "t", "s", "TRUE", replaces=True, wide=True)
    assert "PARSE_JSON(inputs) AS inputs" in sql.merge(BY_STREAM[RUN], "t", "s", "TRUE", replaces=True, wide=False)


def test_every_kind_of_column_has_a_type() -> None:
    """A column of any kind can be declared; a boolean is BOOLEAN, which BigQuery also calls BOOL."""
    assert TYPES.keys() == set(Kind)
    flags = Layout(Table("langsmith_flag", (column("flag_id", Kind.STRING, "", "id"), column("is_on", Kind.BOOLEAN, "")), "", ""))
    for fields in (schema(flags), staging_schema(flags)):
        assert [field.field_type for field in fields if field.name == "is_on"] == ["BOOLEAN"]
    assert SAME_TYPE["BOOL"] == TYPES[Kind.BOOLEAN]
