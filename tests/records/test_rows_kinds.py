"""Each kind of column: every spelling of its values, and values that cannot be converted."""

import json
import logging
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records import rows
from langsmith_core.records.columns import JSON_KINDS, Kind, Table, column, raw
from langsmith_core.records.conversions import CONVERSIONS
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import DATASET, FEEDBACK, PROJECT, RUN, TABLES
from samples import encoded, nested

SECRET = "what the user said"


FLAG = Table("langsmith_flag", (column("flag_id", Kind.STRING, "Id", "id"), column("is_on", Kind.BOOLEAN, ""), raw()), "", "")
"""A table made for these tests, because not every version of the streams has a boolean column."""


def value_of(stream: Table, name: str, **fields: Any) -> Any:
    """Return one column's value in the row of a record with these fields."""
    return rows.to_row(stream, encoded({"id": "1", **fields}), {})[name]


# How the same thing is written by v1, by v2, by the specification and by recorded answers; what the column holds.
FORMS: list[tuple[Table, str, dict[str, Any], Any]] = [
    (RUN, "total_cost", {"total_cost": "0.001572"}, Decimal("0.001572")),
    (RUN, "total_cost", {"total_cost": 0.001572}, Decimal("0.001572")),
    (RUN, "total_cost", {"total_cost": 1e-7}, Decimal("1E-7")),
    (RUN, "total_cost", {"total_cost": " 1.50 "}, Decimal("1.5")),
    (RUN, "total_cost", {"total_cost": "-0.25"}, Decimal("-0.25")),
    (RUN, "total_cost", {"total_cost": 3}, Decimal(3)),
    (RUN, "total_cost", {"total_cost": None}, None),
    (RUN, "total_cost", {}, None),
    (RUN, "parent_run_id", {"parent_run_id": "p"}, "p"),
    (RUN, "parent_run_id", {"parent_run_id": "p", "parent_run_ids": ["root", "q"]}, "p"),
    (RUN, "parent_run_id", {"parent_run_id": None, "parent_run_ids": ["root", "p"]}, "p"),
    (RUN, "parent_run_id", {"parent_run_ids": ["p"]}, "p"),
    (RUN, "parent_run_id", {"parent_run_ids": []}, None),
    (RUN, "parent_run_id", {"parent_run_ids": None}, None),
    (RUN, "parent_run_id", {}, None),
    (RUN, "project_id", {"session_id": "s"}, "s"),
    (RUN, "project_id", {"project_id": "s"}, "s"),
    (RUN, "metadata", {"extra": {"metadata": {"a": 1}}}, '{"a":1}'),
    (RUN, "metadata", {"extra": {}, "metadata": {"a": 1}}, '{"a":1}'),
    (RUN, "metadata", {"extra": {"metadata": {"a": 1}}, "metadata": {"b": 1}}, '{"a":1}'),
    (RUN, "metadata", {"extra": None}, None),
    (RUN, "metadata", {"extra": "text"}, None),
    (PROJECT, "metadata", {"extra": {"metadata": {"a": 1}}}, '{"a":1}'),
    (RUN, "prompt_token_details", {"prompt_token_details": {"audio": 1}}, '{"audio":1}'),
    (RUN, "prompt_token_details", {"prompt_token_details": {"raw": {"audio": 1}}}, '{"audio":1}'),
    (RUN, "prompt_token_details", {"prompt_token_details": {"raw": {}}}, "{}"),
    (RUN, "prompt_token_details", {"prompt_token_details": {"raw": None}}, None),
    (RUN, "total_tokens", {}, 0),
    (RUN, "total_tokens", {"total_tokens": None}, 0),
    (RUN, "tags", {}, "[]"),
    (RUN, "tags", {"tags": None}, "[]"),
    (RUN, "prompt_cost_details", {"prompt_cost_details": {"audio": "0.10"}}, '{"audio":0.10}'),
    (RUN, "prompt_cost_details", {"prompt_cost_details": {"raw": {"audio": 0.1}}}, '{"audio":0.1}'),
    (RUN, "prompt_cost_details", {"prompt_cost_details": {"a": "1e-7", "b": "x", "5": "-5"}}, '{"a":1e-7,"b":"x","5":-5}'),
    (RUN, "prompt_cost_details", {"prompt_cost_details": None}, None),
    (RUN, "run_type", {"run_type": "LLM"}, "llm"),
    (RUN, "run_type", {"run_type": "llm"}, "llm"),
    (RUN, "status", {"status": "PENDING"}, "pending"),
    (DATASET, "data_type", {"data_type": "KV"}, "kv"),
    (FEEDBACK, "source_type", {"feedback_source": {"type": "API"}}, "api"),
    (FEEDBACK, "source_type", {"feedback_source": None}, None),
    (FEEDBACK, "score", {"score": True}, 1.0),
    (FEEDBACK, "score", {"score": False}, 0.0),
    (FEEDBACK, "score", {"score": 0}, 0.0),
    (FEEDBACK, "score", {"score": 0.75}, 0.75),
    (FEEDBACK, "score", {"score": "0.75"}, 0.75),
    (FEEDBACK, "score", {"score": None}, None),
    (FEEDBACK, "value", {"value": True}, "true"),
    (FEEDBACK, "value", {"value": 0}, "0"),
    (FEEDBACK, "value", {"value": "good"}, '"good"'),
    (FEEDBACK, "value", {"value": {"a": [1, 2]}}, '{"a":[1,2]}'),
    (FEEDBACK, "correction", {"correction": "better"}, '"better"'),
    (FEEDBACK, "comment", {"comment": "a\u2028\n\N{GRINNING FACE}"}, "a\u2028\n\N{GRINNING FACE}"),
    (RUN, "start_time", {"start_time": "2026-01-05T16:46:01.068924"}, "2026-01-05T16:46:01.068924Z"),
    (RUN, "start_time", {"start_time": "2026-01-05T16:46:01.068Z"}, "2026-01-05T16:46:01.068000Z"),
    (RUN, "start_time", {"start_time": "2026-01-05T18:46:01+02:00"}, "2026-01-05T16:46:01.000000Z"),
    (FEEDBACK, "updated_at", {"modified_at": "2026-01-05T16:46:01"}, "2026-01-05T16:46:01.000000Z"),
    (RUN, "total_tokens", {"total_tokens": 7.0}, 7),
    (RUN, "total_tokens", {"total_tokens": "7"}, 7),
    (RUN, "total_tokens", {"total_tokens": 2**63 - 1}, 2**63 - 1),
    (RUN, "total_tokens", {"total_tokens": -(2**63)}, -(2**63)),
    (RUN, "error", {"error": 404}, "404"),
    (RUN, "error", {"error": {"code": 1}}, '{"code":1}'),
    (RUN, "thread_id", {"thread_id": "any text"}, "any text"),
    (FLAG, "is_on", {"is_on": True}, True),
    (FLAG, "is_on", {"is_on": False}, False),
    (FLAG, "is_on", {"is_on": None}, None),
    (FLAG, "is_on", {}, None),
]


@pytest.mark.parametrize(("stream", "name", "fields", "value"), FORMS)
def test_one_thing_in_every_spelling(stream: Table, name: str, fields: dict[str, Any], value: Any) -> None:
    """A column holds one form of a value, whichever API wrote it and in whatever spelling."""
    found = value_of(stream, name, **fields)
    assert (found, type(found)) == (value, type(value))


STATS: list[tuple[Any, str | None]] = [
    ({}, None),
    (None, None),
    ({"odd": None}, None),
    (
        {"odd": None, "n": {"n": None, "values": None}, "label": {"values": {"A": None, "B": 1}}, "good": {"n": 2.0, "avg": 1}},
        '{"n":{"n":0,"avg":null,"values":{}},"label":{"n":1,"avg":null,"values":{"A":0,"B":1}},"good":{"n":2,"avg":1.0,"values":{}}}',
    ),
    ({"good": {"n": 2, "avg": 0.5, "values": {}}}, '{"good":{"n":2,"avg":0.5,"values":{}}}'),
    ({"good": {"n": 2, "avg": 0.5}}, '{"good":{"n":2,"avg":0.5,"values":{}}}'),
    (
        {"kind": {"n": 0, "avg": None, "show_feedback_arrow": True, "values": {"A": 2, "B": 1}}},
        '{"kind":{"n":3,"avg":null,"values":{"A":2,"B":1}}}',
    ),
    (
        {"kind": {"n": 3, "avg": None, "stdev": 0, "comments": [SECRET], "sources": ["x", {"type": "api"}], "values": {"A": 3}}},
        '{"kind":{"n":3,"avg":null,"values":{"A":3}}}',
    ),
]


@pytest.mark.parametrize(("stats", "value"), STATS)
def test_feedback_statistics_are_what_both_apis_have(stats: Any, value: str | None) -> None:
    """Statistics hold, by key: n (for categories the sum of their counts), the average, and counts by label; else null."""
    assert value_of(RUN, "feedback_stats", feedback_stats=stats) == value


@pytest.mark.parametrize("text", ["007", "-01.5", "\u0663"])
def test_a_figure_that_is_no_json_number_stays_text(text: str) -> None:
    """A text in a column of figures that is no JSON number stays a string, so the column stays JSON."""
    assert json.loads(value_of(RUN, "prompt_cost_details", prompt_cost_details={"a": text})) == {"a": text}


BAD: list[tuple[Table, str, Kind, list[Any]]] = [
    (RUN, "total_cost", Kind.NUMERIC, [SECRET, "", "NaN", "Infinity", True, {}, [1], 10**20, "1e20", "1e999999", "--1"]),
    (RUN, "total_tokens", Kind.INTEGER, [SECRET, 1.5, "1.5", 2**63, -(2**63) - 1, 10**100, True, {}, "1e-1"]),
    (FEEDBACK, "score", Kind.FLOAT, [SECRET, "", "nan", "inf", 10**400, {}, [1.0], "true"]),
    (FLAG, "is_on", Kind.BOOLEAN, [SECRET, "", "true", "false", "True", 0, 1, 1.0, {}, [True]]),
    (RUN, "start_time", Kind.TIMESTAMP, [SECRET, "", 1767225600, True, {}, "2026-13-01", "0001-01-01T00:00:00+14:00"]),
    (
        RUN,
        "feedback_stats",
        Kind.STATS,
        [SECRET, [], 5, {"a": SECRET}, {"a": {"n": SECRET}}, {"a": {"values": [1]}}],
    ),
]


@pytest.mark.parametrize(
    ("stream", "name", "kind", "value"),
    [(stream, name, kind, value) for stream, name, kind, values in BAD for value in values],
)
def test_what_cannot_be_converted_is_null_and_logged_without_content(
    stream: Table, name: str, kind: Kind, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The column is null and `raw` keeps the value. The log names column, kind and record, but nothing of the value."""
    with caplog.at_level(logging.WARNING):
        remarks = Remarks()
        row = rows.to_row(stream, encoded({"id": "run-1", name: value}), {}, remarks)
        remarks.tell()
    assert row[name] is None
    assert json.loads(row["raw"])[name] == value
    (line,) = caplog.messages
    assert line == f"{stream.name}: {name} is not a valid {kind.value}; its column is null, read it from raw (once: run-1)"
    assert SECRET not in caplog.text


def test_numbers_that_python_cannot_hold_do_not_break_a_row() -> None:
    """A number that is too large or too small for its column is null."""
    record = b'{"id":"1","total_cost":1e999999999,"prompt_cost":-1e400,"total_tokens":1e-999999999,"prompt_tokens":1e400}'
    row = rows.to_row(RUN, record, {})
    assert [row[name] for name in ("total_cost", "prompt_cost", "total_tokens", "prompt_tokens")] == [None] * 4


@given(
    st.decimals(-(10**22), 10**22, allow_nan=False, places=20) | st.decimals(-100, 100, allow_nan=False, places=5), st.booleans()
)
def test_a_figure_is_rounded_to_eighteen_digits(number: Decimal, is_text: bool) -> None:
    """A number of at most 20 digits before the point is held to 18 digits behind it, as a number or a text; another is null."""
    sent = f'"{number:f}"' if is_text else f"{number:f}"
    found = rows.to_row(RUN, f'{{"id":"1","total_cost":{sent}}}'.encode(), {})["total_cost"]
    with localcontext(prec=60):
        rounded = number.quantize(Decimal(1).scaleb(-18))
    assert found == (rounded if abs(rounded) < 10**20 else None)


@given(st.integers(-(2**64), 2**64) | st.integers(-(10**18), 10**18), st.sampled_from(["{}", '"{}"', "{}.0", "{}e0"]))
def test_a_whole_number_of_64_bits_is_held_however_it_is_written(number: int, spelling: str) -> None:
    """An integer column holds the number, or null where 64 bits do not."""
    record = f'{{"id":"1","total_tokens":{spelling.format(number)}}}'.encode()
    assert rows.to_row(RUN, record, {})["total_tokens"] == (number if -(2**63) <= number < 2**63 else None)


def test_every_kind_has_a_conversion() -> None:
    """Every kind has a conversion, so a column of any kind can be declared."""
    assert CONVERSIONS.keys() == set(Kind)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=12)  # quoted figures have a test of their own
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PYTHON_TYPES = {Kind.BOOLEAN: bool, Kind.INTEGER: int, Kind.FLOAT: float, Kind.NUMERIC: Decimal}


@given(st.sampled_from((*TABLES, FLAG)), st.data())
def test_any_record_with_an_id_is_a_whole_row(stream: Table, data: st.DataObject) -> None:
    """Whatever the fields hold, the row has every column, each null or of its kind, and encodes to JSON."""
    heads = {source.partition(".")[0].removesuffix("[-1]") for c in stream.columns for source in c.sources}
    record = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(heads - {"id"}), JSON_VALUES)))
    key = {column.sources[0]: "1" for column in stream.columns[:1] if column.sources}
    at = "2026-06-01T00:00:00Z"
    made = {"dataset_id": "d", "as_of": at, "time_bucket": at} if stream.columns[0].made_of else {}
    row = rows.to_row(stream, encoded({**record, **key, **made}), {}, given=made)
    assert list(row) == [c.name for c in stream.columns]
    for c in stream.columns:
        assert row[c.name] is None or isinstance(row[c.name], PYTHON_TYPES.get(c.kind, str)), c.name
        if c.kind in JSON_KINDS and row[c.name] is not None:
            json.loads(row[c.name])
    assert json.loads(rows.encode(row)).keys() == row.keys()


OFFLOADED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"inputs": None, "inputs_s3_urls": {"ROOT": {"presigned_url": "https://s/in"}}}, {"inputs": "https://s/in"}),
    ({"outputs_s3_urls": {"ROOT": {"presigned_url": "/public/out"}}}, {"outputs": "/public/out"}),
    ({"inputs": {}, "inputs_s3_urls": {"ROOT": {"presigned_url": "https://s/in"}}}, {"inputs": "https://s/in"}),
    ({"inputs": {"q": 1}, "inputs_s3_urls": {"ROOT": {"presigned_url": "https://s/in"}}}, {}),
    ({"inputs": None, "inputs_s3_urls": {}}, {}),
    ({"inputs": None, "inputs_s3_urls": None}, {}),
    ({"inputs": None, "inputs_s3_urls": {"ROOT": {"presigned_url": None}}}, {}),
    ({"inputs": None, "inputs_s3_urls": {"ROOT": {"presigned_url": 5}}}, {}),
    ({"inputs": None, "s3_urls": {"ROOT": {"presigned_url": "https://s/in"}}}, {}),
]


@pytest.mark.parametrize(("fields", "addresses"), OFFLOADED)
def test_a_payload_kept_elsewhere_is_found_by_its_address(fields: dict[str, Any], addresses: dict[str, str]) -> None:
    """A null or empty column is offloaded if its record gives an address in object storage. No other column is."""
    record = encoded({"id": "1", **fields})
    assert rows.offloaded(RUN, record, rows.to_row(RUN, record, {})) == addresses


def test_a_deep_offloaded_record_is_read_all_the_same() -> None:
    """`offloaded` finds an address although another field of the record is too deep."""
    record = f'{{"id":"1","events":{nested(600)},"inputs_s3_urls":{{"ROOT":{{"presigned_url":"https://s/in"}}}}}}'.encode()
    assert rows.offloaded(RUN, record, rows.to_row(RUN, record, {})) == {"inputs": "https://s/in"}
