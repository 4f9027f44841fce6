"""The shortcut for usual records gives the row of the general way, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records.test_plans import VALUES

from langsmith_core.records import plans, rows, usual
from langsmith_core.records.addresses import ADDRESS_FIELDS, SHARE_FIELDS, USER_FIELDS
from langsmith_core.records.columns import Column, Kind, Table
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN, TABLES
from samples import IDS, encoded, fixture

ID = "1f0b6c2e-8a8e-4b43-9d5c-0f8f6f0f6f01"
FIGURES = st.dictionaries(st.sampled_from(["raw", "cache_read"]), st.integers(0, 9) | st.just("0.5"), max_size=2)
TIMES = st.sampled_from(
    ["2026-01-05T16:46:01.068924Z", "2026-01-05T16:46:01", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-05:00"]
)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["7", "1e-30", "x"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["a/b", "https://s/x?sig=1"])
USUAL: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: TEXTS,
    Kind.LOWER: TEXTS,
    Kind.INTEGER: NUMBERS,
    Kind.FLOAT: NUMBERS,
    Kind.NUMERIC: NUMBERS,
    Kind.TIMESTAMP: TIMES,
    Kind.BOOLEAN: st.booleans(),
    Kind.JSON: VALUES,
    Kind.STATS: st.dictionaries(TEXTS, st.fixed_dictionaries({"n": st.integers(0, 9)}), max_size=1),
    Kind.FIGURES: FIGURES,
}
BY_ID = [table for table in TABLES if table.is_keyed_by_id]


def fields_of(column: Column) -> list[str]:
    """Return the fields of a record that a column looks into."""
    return [source.partition(".")[0].removesuffix("[-1]") for source in column.sources]


@st.composite
def records(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    """A record of a table: most fields hold what their column expects, some anything, some an address or nothing."""
    record: dict[str, Any] = {}
    for column in table.columns[1:]:
        for field in fields_of(column):
            record[field] = draw(st.none() | USUAL[column.kind] if draw(st.integers(0, 9)) else VALUES)
    others = sorted(ADDRESS_FIELDS | SHARE_FIELDS | USER_FIELDS | {"app_path", "unknown"})
    for field in draw(st.lists(st.sampled_from(others), max_size=2)):
        record[field] = draw(st.none() | TEXTS | VALUES)
    left_out = draw(st.sets(st.sampled_from(sorted(record)), max_size=5))
    return {table.columns[0].sources[0]: draw(IDS), **{name: value for name, value in record.items() if name not in left_out}}


@given(st.sampled_from(BY_ID).flatmap(lambda table: st.tuples(st.just(table), records(table))), st.booleans())
def test_the_shortcut_gives_the_same_row_or_none(one: tuple[Table, dict[str, Any]], is_given: bool) -> None:
    """Each column in the same place with the same value, whatever a record holds, also beside values that the question knows."""
    table, record = one
    known = {table.time: "2026-01-05T00:00:00.000000Z", table.columns[2].name: "known", "unknown": 1} if is_given else {}
    decoder = usual.of(table)
    assert decoder
    row = decoder.row(encoded(record), known, None)
    assert row is None or list(row.items()) == list(rows.general(table, encoded(record), None, None, known).items())


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (RUN, fixture("01")),
        (RUN, {"id": ID, "app_path": "/p/r", "attachments": {}, "tags": ["a"], "total_cost": 0.5, "metadata": {"a": "b/c"}}),
        (FEEDBACK, fixture("03")),
        (EXAMPLE, {"id": ID, "dataset_id": ID, "inputs": {"a/b": "/"}, "created_at": "2026-01-05T16:46:01Z"}),
    ],
)
def test_records_as_langsmith_writes_them_are_usual(table: Table, record: dict[str, Any]) -> None:
    """The shortcut takes them, so that it is worth its place."""
    decoder = usual.of(table)
    assert decoder
    assert decoder.row(encoded(record), {}, 8_000_000)


@pytest.mark.parametrize(
    "fields",
    [
        '"total_tokens":"7"',
        '"start_time":"yesterday"',
        '"id":"no id"',
        '"id":null',
        '"share_token":"secret"',
        '"inputs_s3_urls":{"ROOT":{"presigned_url":"https://s/x?sig=1"}}',
        '"other":"https://s/x?sig=1"',
        '"name":"\\u002f","other":"/"',
        '"name":"/","name":"x","other":1',
        '"inputs":' + "[" * 501 + "]" * 501,
    ],
)
def test_a_record_that_needs_a_second_look_is_left_to_the_general_way(fields: str) -> None:
    """A value that its column does not expect, an id that is none, an address outside what users write, a deep value."""
    decoder = usual.of(RUN)
    assert decoder
    assert decoder.row(f'{{"id":"{ID}",{fields}}}'.encode(), {}, None) is None
    assert decoder.row(b"[1]", {}, None) is None


def test_a_record_that_may_have_to_be_cut_is_left_to_the_general_way() -> None:
    """Each column's text is a part of the record, so a row has at most so many times its bytes."""
    decoder, record = usual.of(RUN), encoded({"id": ID, "inputs": "x" * 100})
    assert decoder
    most = len(record) * (1 + len(plans.of(RUN).blank))
    assert decoder.row(record, {}, most - 1) is None
    assert decoder.row(record, {}, most)


def test_a_table_whose_key_is_no_id_has_no_shortcut() -> None:
    """Its key is a text, or joins other columns."""
    without = [table.name for table in TABLES if usual.of(table) is None]
    assert without == [table.name for table in TABLES if not table.is_keyed_by_id]
