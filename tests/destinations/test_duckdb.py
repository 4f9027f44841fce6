"""Tests of rows in DuckDB: every type, any value, versions and deletions. Not here: the file and its lock (test_duckdb_file)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from destinations.files import EARLY, LATE, LATER, ask, batch, write
from langsmith_core.destinations.duckdb import sql
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import JSON_KINDS, Kind, Table, column, raw
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, TABLE_OF, TABLES
from samples import encoded, fixture, nested

TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.LOWER: "VARCHAR",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.NUMERIC: "DECIMAL(38,18)",
    Kind.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    **dict.fromkeys(JSON_KINDS, "JSON"),
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of a file that does not exist yet."""
    return str(tmp_path / "rows.duckdb")


def project(name: str = "a", **fields: Any) -> Row:
    """Return a project's row."""
    return rows.to_row(PROJECT, encoded({"id": "p", "name": name, **fields}), {})


def run(text: str) -> Row:
    """Return a run's row, made of the fields in a JSON text."""
    return rows.to_row(RUN, json_text.strict(b'{"id":"r","session_id":"p",' + text.encode() + b"}", 1), {})


def as_read(stream: Table, row: Row, at: str) -> tuple[Any, ...]:
    """Return a row as DuckDB gives it back."""
    plain = [parse(row[c.name]) if c.kind is Kind.TIMESTAMP and row[c.name] else row[c.name] for c in stream.columns]
    return (*plain, parse(at), None)


def test_every_table_has_its_columns_with_their_types(path: str) -> None:
    """The tables are the streams' declarations, plus each row's version and deletion, keyed by the primary key."""
    write(path)
    for stream in TABLES:
        found = ask(path, f'SELECT column_name, column_type, "key" FROM (DESCRIBE {stream.name})')  # noqa: S608
        expected = {c.name: TYPES[c.kind] for c in stream.columns}
        expected |= {"_synced_at": TYPES[Kind.TIMESTAMP], "_deleted_at": TYPES[Kind.TIMESTAMP]}
        assert {name: kind for name, kind, _ in found} == expected
        assert [name for name, _, key in found if key == "PRI"] == [stream.key]


def test_any_kind_of_column_is_stored(tmp_path: Path) -> None:
    """Every kind has a type, and true, false and null of a boolean column come back as they were written."""
    assert sql.TYPES.keys() == set(Kind) == TYPES.keys()
    flags = Table("langsmith_flag", (column("flag_id", Kind.STRING, "", "id"), column("is_on", Kind.BOOLEAN, ""), raw()), "", "")
    found = [rows.to_row(flags, encoded({"id": str(n), "is_on": is_on}), {}) for n, is_on in enumerate([True, False, None])]
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(b"\n".join(map(rows.encode, found)))
    with duckdb.connect() as connection:
        for statement in sql.table(flags):
            connection.execute(statement)
        connection.execute(sql.insert(flags), [str(lines), 1_000])
        assert connection.execute("SELECT is_on FROM langsmith_flag ORDER BY flag_id").fetchall() == [(True,), (False,), (None,)]


RECORDS: list[tuple[Table, Any]] = [
    (RUN, fixture("01")),
    (RUN, fixture("02")),
    (RUN, fixture("08")["page_with_next"]["items"][0]),
    (FEEDBACK, fixture("03")),
    (DATASET, fixture("06")["dataset"]),
    (PROJECT, fixture("06")["experiment"]),
    (EXAMPLE, {"id": "e", "dataset_id": "d", "inputs": {"a": 1}, "created_at": "2026-01-01T00:00:00", "modified_at": None}),
]


@pytest.mark.parametrize(("stream", "record"), RECORDS)
def test_whole_rows_come_back(stream: Table, record: Any, path: str) -> None:
    """Every column of a recorded record is read back as it was written."""
    row = rows.to_row(stream, encoded(record), {record.get("session_id"): "a name"})
    write(path, batch(stream, row))
    names = ", ".join(c.name for c in stream.columns)
    assert ask(path, f"SELECT {names}, _synced_at, _deleted_at FROM {stream.name}") == [as_read(stream, row, LATE)]  # noqa: S608


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.decimals(-(10**19), 10**19, allow_nan=False, allow_infinity=False, places=18)
TIMES = st.datetimes(timezones=st.just(UTC))
RUNS = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "error": TEXTS,
        "status": TEXTS,
        "inputs": st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS, max_size=2), max_size=3),
        "tags": st.lists(TEXTS, max_size=3),
        "total_tokens": st.integers(-(2**63), 2**63 - 1),
        "total_cost": NUMBERS.map(str),
        "start_time": TIMES.map(lambda moment: moment.isoformat()),
    },
)


@limits(max_examples=15)
@given(records=st.lists(RUNS, max_size=12))
def test_any_rows_come_back(tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]) -> None:
    """Whatever texts, numbers, times and JSON rows hold, they are read back equal."""
    path = str(tmp_path_factory.mktemp("any") / "rows.duckdb")
    sent = [json_text.strict(encoded({**record, "id": f"{n:02}"}), 1) for n, record in enumerate(records)]
    found = [rows.to_row(RUN, record, {}) for record in sent]
    write(path, batch(RUN, *found))
    names = ", ".join(c.name for c in RUN.columns)
    read = ask(path, f"SELECT {names}, _synced_at, _deleted_at FROM langsmith_run ORDER BY run_id")  # noqa: S608
    assert read == [as_read(RUN, row, LATE) for row in found]


def test_json_keeps_every_digit_and_is_json(path: str) -> None:
    """Integers of thirty digits, fractions, signs and exponents stay as sent. DuckDB's JSON functions work on them."""
    inputs = '{"a":123456789012345678901234567890,"b":0.1234567890123456789012345678,"c":-0.0,"d":1e400,"e":[1.10]}'
    write(path, batch(RUN, run(f'"inputs":{inputs}')))
    ((text, kind, picked, raw),) = ask(
        path, "SELECT inputs::VARCHAR, json_type(inputs), inputs->>'$.a', raw::VARCHAR FROM langsmith_run"
    )
    assert (text, kind, picked) == (inputs, "OBJECT", "123456789012345678901234567890")
    assert raw == f'{{"id":"r","session_id":"p","inputs":{inputs}}}'


@pytest.mark.parametrize("levels", [499, 500, 501, 10_000])
def test_json_of_any_depth_is_taken(levels: int, path: str) -> None:
    """Up to 500 levels a column holds the value, past them a string of its text."""
    row = run(f'"inputs":{nested(levels)}')
    write(path, batch(RUN, row))
    assert ask(path, "SELECT inputs::VARCHAR, json_type(inputs) FROM langsmith_run") == [
        (row["inputs"], "ARRAY" if levels <= 500 else "VARCHAR")
    ]


def test_a_row_of_many_megabytes_is_taken(path: str) -> None:
    """A row may be larger than DuckDB's own bound for a JSON object."""
    row = run('"inputs":"' + "x" * 20_000_000 + '"')
    write(path, batch(RUN, row))
    assert ask(path, "SELECT length(inputs::VARCHAR) FROM langsmith_run") == [(20_000_002,)]


EDGES = [
    ("total_cost", "99999999999999999999.999999999999999999", Decimal("99999999999999999999.999999999999999999")),
    ("total_cost", "0.0000000000000000004", Decimal(0)),
    ("total_cost", "1e-400", Decimal(0)),
    ("total_cost", "1E+5", Decimal(100_000)),
    ("total_tokens", 2**63 - 1, 2**63 - 1),
    ("start_time", "0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ("start_time", "9999-12-31T23:59:59.999999", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
]


@pytest.mark.parametrize(("name", "value", "read"), EDGES)
def test_the_edges_of_every_type_are_taken(name: str, value: Any, read: Any, path: str) -> None:
    """A column takes every value that a row can hold. Fractions past the eighteenth digit are rounded."""
    write(path, batch(RUN, run(f'"{name}":{json.dumps(value)}')))
    assert ask(path, f"SELECT {name} FROM langsmith_run") == [(read,)]  # noqa: S608


@pytest.mark.parametrize("cost", ["1e-999999999", "99999999999999999999.9999999999999999999"])
def test_no_cost_that_langsmith_may_send_stops_the_sync(cost: str, path: str) -> None:
    """A cost that no column can hold becomes null or is rounded, and the sync goes on."""
    write(path, batch(RUN, run(f'"total_cost":"{cost}"')))
    assert ask(path, "SELECT count(*) FROM langsmith_run") == [(1,)]


VERSIONS = [
    # the version in the file, the version that comes, whose row stays
    (EARLY, LATE, "new"),
    (LATE, LATE, "new"),
    (LATER, LATE, "old"),
]


@pytest.mark.parametrize(("there", "comes", "stays"), VERSIONS)
@pytest.mark.parametrize("in_one_pass", [True, False])
def test_an_older_version_never_replaces_a_newer_one(there: str, comes: str, stays: str, in_one_pass: bool, path: str) -> None:
    """Only a row read at the same time or later replaces a row, and replaces it whole."""
    batches = [
        batch(PROJECT, project("old", description="d"), at=there),
        batch(PROJECT, project("new"), at=comes),
    ]
    for group in [batches] if in_one_pass else [[one] for one in batches]:
        write(path, *group)
    row = {"old": ("old", "d", parse(there)), "new": ("new", None, parse(comes))}[stays]
    assert ask(path, "SELECT name, description, _synced_at FROM langsmith_project") == [row]


def test_a_batch_of_many_tables_is_one_pass(path: str) -> None:
    """One pass writes several tables. A table without rows is skipped."""
    one = batch(PROJECT, *[{**project(f"name {n}"), "project_id": f"{n}"} for n in range(300)])
    one.lines |= {**batch(DATASET, rows.to_row(DATASET, b'{"id":"d"}', {})).lines, RUN.name: {}}
    write(path, one)
    counts = {stream.name: ask(path, f"SELECT count(*) FROM {stream.name}")[0][0] for stream in TABLES}  # noqa: S608
    assert counts == {**dict.fromkeys(TABLE_OF, 0), "langsmith_project": 300, "langsmith_dataset": 1}


DELETIONS = [
    # when the row was read, when it was seen to be gone, when it is deleted
    (EARLY, LATE, LATE),
    (LATE, LATE, LATE),
    (LATER, LATE, None),
]


@pytest.mark.parametrize(("read", "gone", "deleted"), DELETIONS)
def test_what_is_gone_is_marked_unless_it_was_read_later(read: str, gone: str, deleted: str | None, path: str) -> None:
    """A deletion has a time like a version. It marks the row and leaves its values; a newer reading stays as it is."""
    removal = batch(PROJECT)
    removal.deletes = {PROJECT.name: {"p": parse(gone), "never seen": parse(gone)}}
    write(path, batch(PROJECT, project("a"), at=read), removal)
    assert ask(path, "SELECT name, _deleted_at FROM langsmith_project") == [("a", parse(deleted) if deleted else None)]


@pytest.mark.parametrize(("comes", "lives"), [(EARLY, False), (LATER, True)])
def test_what_is_read_again_lives_again(comes: str, lives: bool, path: str) -> None:
    """A row read after its deletion is no longer marked. A late delivery of an older reading does not bring it back."""
    removal = batch(PROJECT)
    removal.deletes = {PROJECT.name: {"p": parse(LATE)}}
    write(path, batch(PROJECT, project("a"), at=EARLY), removal, batch(PROJECT, project("b"), at=comes))
    assert ask(path, "SELECT name, _deleted_at IS NULL FROM langsmith_project") == [("b" if lives else "a", lives)]
