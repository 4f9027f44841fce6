"""Rows that are larger than an answer: what is cut, in which order, and that it is said."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import encoded
from langsmith_core.records import cut, rows
from langsmith_core.records.rows import Row
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.streams.registry import TABLES, TABLE_OF
from langsmith_core.streams.run_columns import RUN

KEY = "00000000-0000-4000-8000-00000000c001"


def run(**fields: Any) -> Row:
    """A run's row."""
    return rows.to_row(RUN, encoded({"id": KEY, "session_id": "project", **fields}), {})


def changed(before: Row, after: Row) -> list[str]:
    """Columns that differ."""
    return [name for name in before if before[name] != after[name]]


FAT = run(inputs="i" * 10_000, outputs="o" * 10_000, error="e" * 10_000, name="n" * 300)


@pytest.mark.parametrize(
    ("bytes_max", "cut"),
    [
        (100_000, []),
        (len(rows.encode(FAT)), []),
        (len(rows.encode(FAT)) - 1, ["raw"]),
        (35_000, ["raw"]),
        (30_000, ["raw", "outputs"]),
        (15_000, ["raw", "outputs", "inputs"]),
        (4_000, ["raw", "outputs", "inputs", "error"]),
        (1_200, ["raw", "outputs", "inputs", "error", "name"]),
    ],
)
def test_what_is_cut_follows_the_order(bytes_max: int, cut: list[str]) -> None:
    """`raw` goes first, then outputs, then inputs, then the longest of the rest; no more than is needed, never the key."""
    found = cut.cut(RUN, FAT, bytes_max)
    assert sorted(changed(FAT, found)) == sorted(cut)
    assert found["run_id"] == KEY
    assert len(rows.encode(found)) <= bytes_max


def test_a_row_that_fits_is_the_row_itself() -> None:
    """Nothing is copied or changed where nothing must be cut, and cutting leaves the row handed in as it was."""
    before = dict(FAT)
    assert cut.cut(RUN, FAT, 100_000) is FAT
    cut.cut(RUN, FAT, 2_000)
    assert before == FAT


def test_a_cut_value_says_so() -> None:
    """A payload is replaced by an object with its bytes, a text by its beginning and its bytes."""
    row = run(inputs={"a": "\N{GRINNING FACE}" * 2_000}, error="e" * 5_000)
    found = cut.cut(RUN, row, 1_800)
    assert json.loads(found["inputs"]) == {"_cut_bytes": len('{"a":""}') + 4 * 2_000}
    assert found["error"] == "e" * 200 + "\u2026 (cut, 5000 bytes)"


def test_a_cut_is_logged_by_place(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the table, the row and the column, and holds nothing of the value."""
    with caplog.at_level(logging.WARNING):
        cut.cut(RUN, run(inputs="what the user said " * 1_000), 2_000)
    assert [line.split(":")[0] for line in caplog.messages] == [f"langsmith_run {KEY}"] * len(caplog.messages)
    assert [next(name for name in ("raw", "outputs", "inputs") if name in line) for line in caplog.messages] == ["raw", "inputs"]
    assert "user" not in caplog.text


@st.composite
def any_row(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[Table, Row]:
    """A stream and a row of it: an id and a parent of usual length, payloads of any, texts of `texts`."""
    stream = draw(st.sampled_from(TABLES))
    values: dict[Kind, st.SearchStrategy[Any]] = {
        **dict.fromkeys(JSON_KINDS, st.none() | st.integers(0, 30_000).map(lambda n: json.dumps("x" * n))),
        Kind.STRING: st.none() | texts,
        Kind.LOWER: st.none() | texts,
        Kind.TIMESTAMP: st.none() | st.just("2026-01-05T16:46:01.068924Z"),
    }
    row = {c.name: draw(values.get(c.kind, st.none() | st.integers(0, 10**9))) for c in stream.columns}
    names = [stream.key, *([stream.parent] if stream.parent else [])]
    return stream, {**row, **dict.fromkeys(names, KEY)}


SHORT = st.text(st.characters(codec="ascii"), max_size=20)
LONG = st.builds(
    lambda text, times: text * times,
    st.sampled_from(["x", "\x01", '"', "\N{GRINNING FACE}", "\u2028"]),
    st.integers(0, 5_000),
)


@given(any_row(LONG), st.integers(16_000, 100_000))
def test_any_row_fits_after_cutting(stream_and_row: tuple[Table, Row], bytes_max: int) -> None:
    """Whatever is long in a row, it encodes to at most the cap once cut, its key and its columns kept."""
    stream, row = stream_and_row
    found = cut.cut(stream, row, bytes_max)
    assert len(rows.encode(found)) <= bytes_max
    assert (list(found), found[stream.key]) == (list(row), KEY)


@given(any_row(SHORT), st.integers(2_048, 100_000))
def test_a_row_of_long_payloads_fits_into_two_kilobytes(stream_and_row: tuple[Table, Row], bytes_max: int) -> None:
    """Where only payloads are long, the row fits into any cap down to 2 KB."""
    stream, row = stream_and_row
    assert len(rows.encode(cut.cut(stream, row, bytes_max))) <= bytes_max


@given(any_row(LONG), st.integers(2_048, 16_000))
def test_any_row_fits_into_two_kilobytes(stream_and_row: tuple[Table, Row], bytes_max: int) -> None:
    """Where many texts are long, the row fits into any cap down to 2 KB."""
    stream, row = stream_and_row
    assert len(rows.encode(cut.cut(stream, row, bytes_max))) <= bytes_max


@pytest.mark.parametrize("table", ["langsmith_run", "langsmith_example"])
def test_a_parents_id_of_any_length_is_cut(table: str) -> None:
    """An id that is no key of this table is a text like any other."""
    stream = TABLE_OF[table]
    source = next(c.sources[0] for c in stream.columns if c.name == stream.parent)
    row = rows.to_row(stream, encoded({"id": KEY, source: "x" * 20_000}), {})
    assert len(rows.encode(cut.cut(stream, row, 16_000))) <= 16_000
