"""Cutting rows that are larger than an answer: which values are cut, in which order, and the log line."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records import cut as cutting
from langsmith_core.records import rows
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.records.rows import Row
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import RUN, TABLE_OF, TABLES
from samples import encoded

KEY = "00000000-0000-4000-8000-00000000c001"


def run(**fields: Any) -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": KEY, "session_id": "project", **fields}), {})


def changed(before: Row, after: Row) -> list[str]:
    """Return the columns that differ."""
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
    """`raw` is cut first, then outputs, inputs, and the longest of the rest. No more than needed is cut, never the key."""
    found = cutting.cut(RUN, FAT, bytes_max, Remarks())
    assert sorted(changed(FAT, found)) == sorted(cut)
    assert found["run_id"] == KEY
    assert len(rows.encode(found)) <= bytes_max


def test_a_row_that_fits_is_the_row_itself() -> None:
    """A row that fits is returned without a copy. Cutting leaves the given row unchanged."""
    before = dict(FAT)
    assert cutting.cut(RUN, FAT, 100_000, Remarks()) is FAT
    cutting.cut(RUN, FAT, 2_000, Remarks())
    assert before == FAT


@pytest.mark.parametrize(("spare", "cut"), [(0, False), (-1, True)])
def test_values_are_cut_before_they_are_read_where_their_texts_do_not_fit(spare: int, cut: bool) -> None:
    """`raw` is cut once the texts of all values are more than the limit, though the record itself is less."""
    record = encoded({"id": KEY, "inputs": "i" * 400, "error": "e" * 300, "other": [1]})
    texts = [json.dumps(one) for one in (KEY, "i" * 400, "e" * 300)]
    row = rows.to_row(RUN, record, {}, bytes_max=len(record) + sum(map(len, texts)) + spare)
    assert row["raw"] == (json.dumps({"_cut_bytes": len(record)}, separators=(",", ":")) if cut else record.decode())


def test_a_light_row_keeps_the_beginning_of_long_values() -> None:
    """A written row keeps 1,000 characters of each value, and its key. The row itself is left as it is."""
    before = dict(FAT)
    small = rows.light(RUN, FAT)
    assert small == {name: one[:1_000] if isinstance(one, str) else one for name, one in FAT.items()}
    assert (before, list(small)) == (FAT, list(FAT))


def test_a_cut_value_says_so() -> None:
    """A cut payload becomes an object with its size in bytes. A cut text keeps its beginning and names its size."""
    row = run(inputs={"a": "\N{GRINNING FACE}" * 2_000}, error="e" * 5_000)
    found = cutting.cut(RUN, row, 1_800, Remarks())
    assert json.loads(found["inputs"]) == {"_cut_bytes": len('{"a":""}') + 4 * 2_000}
    assert found["error"] == "e" * 200 + "\u2026 (cut, 5000 bytes)"


def test_a_cut_is_logged_by_place(caplog: pytest.LogCaptureFixture) -> None:
    """The log line names the table, the column and the row, and holds nothing of the value."""
    with caplog.at_level(logging.WARNING):
        remarks = Remarks()
        cutting.cut(RUN, run(inputs="what the user said " * 1_000), 2_000, remarks)
        remarks.tell()
    says = "was cut, because the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or exclude raw"
    assert caplog.messages == [f"langsmith_run: {name} {says} (once: {KEY})" for name in ("raw", "inputs")]
    assert "user" not in caplog.text


@st.composite
def any_row(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[Table, Row]:
    """Draw a table and a row of it: ids of usual length, payloads of any length, texts of `texts`."""
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
    """Whatever is long in a row, the cut row encodes to at most the limit, and keeps its key and columns."""
    stream, row = stream_and_row
    found = cutting.cut(stream, row, bytes_max, Remarks())
    assert len(rows.encode(found)) <= bytes_max
    assert (list(found), found[stream.key]) == (list(row), KEY)


@given(any_row(SHORT), st.integers(2_048, 100_000))
def test_a_row_of_long_payloads_fits_into_two_kilobytes(stream_and_row: tuple[Table, Row], bytes_max: int) -> None:
    """A row in which only payloads are long fits into any limit down to 2 KB."""
    stream, row = stream_and_row
    assert len(rows.encode(cutting.cut(stream, row, bytes_max, Remarks()))) <= bytes_max


@given(any_row(LONG), st.integers(2_048, 16_000))
def test_any_row_fits_into_two_kilobytes(stream_and_row: tuple[Table, Row], bytes_max: int) -> None:
    """A row in which many texts are long fits into any limit down to 2 KB."""
    stream, row = stream_and_row
    assert len(rows.encode(cutting.cut(stream, row, bytes_max, Remarks()))) <= bytes_max


@pytest.mark.parametrize("table", ["langsmith_run", "langsmith_example"])
def test_a_parents_id_of_any_length_is_cut(table: str) -> None:
    """A parent's id is cut like any other text, since it is not this table's key."""
    stream = TABLE_OF[table]
    source = next(c.sources[0] for c in stream.columns if c.name == stream.parent)
    row = rows.to_row(stream, encoded({"id": KEY, source: "x" * 20_000}), {})
    assert len(rows.encode(cutting.cut(stream, row, 16_000, Remarks()))) <= 16_000
