"""JSON nested deeper than the 500 levels that a warehouse takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core import calls
from langsmith_core.records import json_shape, json_text, rows
from langsmith_core.records.json_text import DEPTH_MAX, MalformedError
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, TABLE_OF
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import State
from samples import NOW, nested, settings

LEVELS = (499, 500, 501, 1_200, 10_000)
KINDS = [(PROJECT, "v1"), (DATASET, "v1"), (EXAMPLE, "v1"), (FEEDBACK, "v1"), (RUN, "v1"), (RUN, "v2")]
LISTS: dict[str, Item] = {
    PROJECT.name: ListProjects(),
    DATASET.name: ListAll(table=DATASET.name),
    EXAMPLE.name: WholeVersion(dataset="d", seen=NOW, version=NOW),
    FEEDBACK.name: FeedbackWindow(lo=NOW, hi=NOW),
    RUN.name: RunWindow(lo=NOW, hi=NOW),
}
# A JSON column of each table whose value stands directly in the record.
DEEP_COLUMN = {DATASET.name: "metadata", EXAMPLE.name: "inputs", RUN.name: "outputs", FEEDBACK.name: "value"}


@given(st.lists(st.sampled_from(["[", "{", "]", "}", '"[{"', "1" * 1_000]), max_size=6), st.sampled_from([0, 249, 250, 499, 501]))
def test_brackets_are_counted_in_texts_of_any_length(parts: list[str], openings: int) -> None:
    """A text has few containers exactly if it has at most 500 opening brackets, wherever they stand."""
    for filler in ("", "x" * json_shape.CHUNK):
        text = ("".join(parts) + "[" * openings + "{" * min(openings, 250) + filler).encode()
        assert json_shape.has_few_containers(text) == (text.count(b"[") + text.count(b"{") <= DEPTH_MAX)


def in_column(value: str) -> str:
    """Return the value as a JSON column holds it, by the documented form."""
    return value if json_text.depth(value.encode()) <= DEPTH_MAX else json.dumps(value)


def envelope(table: str, api: str, records: str) -> bytes:
    """Return an answer of this endpoint that holds the records."""
    if table != RUN.name:
        return f"[{records}]".encode()
    return (f'{{"runs":[{records}],"cursors":{{}}}}' if api == "v1" else f'{{"items":[{records}]}}').encode()


def rows_of_page(table: str, api: str, records: str) -> list[rows.Row]:
    """The rows of such an answer, as the engine makes them."""
    page = page_of(table, api, envelope(table, api, records))
    return [rows.to_row(TABLE_OF[table], record, {}) for record in page.records]


def page_of(table: str, api: str, body: bytes) -> calls.RecordPage:
    """An answer of this endpoint, cut into its records."""
    context = context_of(State(source="", api="v2" if api == "v2" else "v1"), settings())
    return LISTS[table].page(body, context, 100)


@pytest.mark.parametrize("levels", LEVELS)
def test_a_bare_value_past_500_levels_becomes_a_string_of_its_text(levels: int) -> None:
    """A column holds a value of 500 levels as it is, and one of 501 as a string of its JSON text."""
    text = nested(levels, '{"a":"]","b":1.10}' if levels % 2 else "")
    assert json_text.column(json_text.strict(text.encode(), 0)) == in_column(text)


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize(("stream", "api"), KINDS)
def test_a_deep_column_is_the_same_in_every_envelope(stream: Any, api: str, levels: int) -> None:
    """Levels count from the column, whatever list or envelope surrounds it. Neighbouring records are untouched."""
    column = DEEP_COLUMN.get(stream.name)
    records = f'{{"id":"1","name":"a"}},{{"id":"2","name":"b","{column or "extra"}":{nested(levels)}}},{{"id":"3","name":"c"}}'
    found = rows_of_page(stream.name, api, records)
    assert [row[stream.key] for row in found] == ["1", "2", "3"]
    assert [found[0]["raw"], found[2]["raw"]] == ['{"id":"1","name":"a"}', '{"id":"3","name":"c"}']
    if column:
        assert [row[column] for row in found] == [None, in_column(nested(levels)), None]


@pytest.mark.parametrize("levels", LEVELS)
def test_raw_keeps_a_deep_record(levels: int) -> None:
    """`raw` holds a deep value as a string. If only the whole record is too deep, `raw` itself is a string."""
    value = nested(levels)
    (row,) = rows_of_page(RUN.name, "v1", f'{{"id":"1","inputs":{value}}}')
    record = f'{{"id":"1","inputs":{in_column(value)}}}'
    assert row["raw"] == in_column(record)


@pytest.mark.parametrize("levels", LEVELS)
def test_what_else_an_envelope_holds_may_be_deep(levels: int) -> None:
    """A deep value beside the records in the envelope does not harm the page."""
    body = f'{{"runs":[{{"id":"1"}}],"parsed_query":{nested(levels)},"cursors":{{"next":"c"}}}}'.encode()
    assert page_of(RUN.name, "v1", body) == calls.RecordPage([b'{"id":"1"}'], "c")


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("table", [RUN.name, EXAMPLE.name])
def test_records_that_are_no_objects_are_malformed_at_any_depth(table: str, levels: int) -> None:
    """A list in a record's place is refused, never a RecursionError."""
    with pytest.raises(MalformedError):
        rows_of_page(table, "v1", nested(levels))


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("broken", ["%s]", "[%s", "%s}", '{"a":%s', "%s,", "%s:1", '"%s', "%s nul", "-%s"])
def test_broken_deep_texts_are_malformed(broken: str, levels: int) -> None:
    """Broken JSON around a deep value raises MalformedError at any depth."""
    with pytest.raises(MalformedError):
        json_text.strict((broken % nested(levels)).encode(), 0)


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("inner", ["nul", "01", "1.", "-", "NaNN", "True", '"'])
def test_broken_leaves_of_a_deep_value_are_malformed(inner: str, levels: int) -> None:
    """A leaf that is no JSON raises MalformedError at any depth."""
    with pytest.raises(MalformedError):
        json_text.strict(nested(levels, inner).encode(), 0)


@pytest.mark.parametrize("levels", [400, 700])
@pytest.mark.parametrize("inner", ["1,,2", "{1:2}", '"a""b"', r'"\x"', r'"\u12"', '"\n"', '{"a"}', ",", ":"])
def test_a_broken_grammar_within_a_deep_value_is_malformed(inner: str, levels: int) -> None:
    """Broken JSON within a deep value raises MalformedError, since the destination gets the value as JSON text."""
    with pytest.raises(MalformedError):
        json_text.strict(nested(levels, inner).encode(), 0)


@pytest.mark.parametrize("levels", LEVELS)
def test_the_documented_form_holds_within_a_deep_value(levels: int) -> None:
    """The string that replaces a deep value holds strict JSON: no NaN, no NUL, no lone surrogate, no space."""
    out = json_text.column(json_text.strict(nested(levels, r'NaN , "\u0000\ud800" , 1.10').encode(), 0))
    expected = nested(levels, '"NaN","\ufffd\ufffd",1.10')
    assert (json.loads(out) if levels > DEPTH_MAX else out) == expected


def test_metadata_of_a_deep_extra_is_null_and_stays_in_raw() -> None:
    """A too deep `extra` becomes a string as a whole, so its metadata is found in `raw` only."""
    (row,) = rows_of_page(RUN.name, "v1", f'{{"id":"1","extra":{{"metadata":{{"a":1}},"runtime":{nested(500)}}}}}')
    assert row["metadata"] is None
    assert '"metadata":{"a":1}' in json.loads(row["raw"])["extra"]


def reference_depth(value: Any) -> int:
    """Count the containers around the innermost value on parsed JSON."""
    children = value if isinstance(value, list) else value.values() if isinstance(value, dict) else None
    return 0 if children is None else 1 + max(map(reference_depth, children), default=0)


TREES = st.recursive(
    st.none() | st.sampled_from(["", "[", "]", "{", "\\", '"', '\\"[', "[[["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "[", '"', "\\"]), inner, max_size=3),
    max_leaves=15,
)


@given(TREES)
def test_depth_counts_containers_and_not_brackets_in_strings(value: Any) -> None:
    """`depth` counts containers, and ignores brackets in strings and keys."""
    assert json_text.depth(json.dumps(value).encode()) == reference_depth(value)


def test_a_record_that_is_no_deeper_than_allowed_is_not_rewritten() -> None:
    """A record of many containers but little depth is returned without a copy."""
    record = f'{{"id":"1","inputs":[{",".join(["[]"] * 600)}]}}'.encode()
    assert json_text.shallow(record) is record
