"""Tests of checking rows before a BigQuery load: bad rows are refused by column and reason, others go on byte by byte."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.destinations.bigquery.check import FIELD_TYPES, ROW_BYTES_MAX, BadRowError, Checked, checked, is_held
from langsmith_core.records.columns import Kind, Table, column
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import FEEDBACK, RUN
from samples import nested

AT = "2026-06-01T00:00:00.000000Z"


def line(**fields: Any) -> bytes:
    """Return a run's line as the engine writes it: JSON columns and costs as text, the version last."""
    return json.dumps({"run_id": "r", **fields, "_synced_at": AT}, separators=(",", ":"), ensure_ascii=False).encode()


def fit(**fields: Any) -> Checked:
    """Return the same, checked."""
    return checked(RUN, "start_time", line(**fields))


def test_a_good_row_goes_as_it_came() -> None:
    """A good row's bytes are sent as they came, without encoding them again."""
    good = line(
        start_time=AT, total_cost="0.000000000000000001", inputs='{"a":[1,0.1,1e5,"é"]}', total_tokens=2**53 - 1, tags=None
    )
    found = checked(RUN, "start_time", good)
    assert found == Checked("r", parse(AT), found.hash, parse(AT), good)


def test_the_hash_is_of_the_values_and_not_of_the_reading() -> None:
    """A row read later has the same hash; any other value changes it. Text that looks like a version is a value."""
    rows = [
        fit(name="a"),
        fit(name="b"),
        fit(name="a", error=""),
        fit(name="a", inputs='{"_synced_at":"x"}'),
        fit(name='"_synced_at":"y"'),
    ]
    later = checked(RUN, "start_time", line(name="a").replace(b"06-01", b"06-02"))
    assert later.hash == rows[0].hash
    assert len({row.hash for row in rows}) == len(rows)
    assert all(-(2**63) <= row.hash < 2**63 for row in rows)


REFUSED = [
    (b"", "truncated"),
    (b"[]", "Expected `object`"),
    (b'{"run_id":"\xff","_synced_at":"2026-06-01T00:00:00Z"}', "the row is not UTF-8 text"),
    (b'{"_synced_at":"2026-06-01T00:00:00Z"}', "required field `run_id`"),
    (b'{"run_id":"","_synced_at":"2026-06-01T00:00:00Z"}', r"length >= 1 - at `\$.run_id`"),
    (b'{"run_id":null,"_synced_at":"2026-06-01T00:00:00Z"}', r"got `null` - at `\$.run_id`"),
    (b'{"run_id":"r"}', "required field `_synced_at`"),
    (b'{"run_id":"r","_synced_at":"2026-06-01T00:00:00"}', r"timezone component - at `\$._synced_at`"),
    (line(start_time="soon"), r"`\$.start_time`"),
    (line(name=1), r"`\$.name`"),
    (line(total_tokens="1"), r"`\$.total_tokens`"),
    (line(total_tokens=1.5), r"`\$.total_tokens`"),
    (line(total_tokens=2**63), r"`\$.total_tokens`"),
    (line(total_cost="much"), r"`\$.total_cost`"),
    (line(total_cost="NaN"), "total_cost is not a number of 20 digits and 18 places"),
    (line(total_cost="1e-19"), "total_cost is not a number of 20 digits and 18 places"),
    (line(total_cost="100000000000000000000"), "total_cost is not a number of 20 digits and 18 places"),
    (line(inputs={"a": 1}), r"got `object` - at `\$.inputs`"),
    (line(inputs="{'a': 1}"), "inputs is not JSON"),
    (line(inputs="[1] 2"), "inputs is not JSON"),
    (line(inputs=""), "inputs is not JSON"),
    (line(inputs=nested(501)), "inputs is nested deeper than 500 levels"),
    (line(inputs="[" * 100_000), "inputs is nested deeper than 500 levels"),
    (line(colour="red"), "unknown field `colour`"),
    (b'{"run_id":' + b"[" * 100_000, "run_id|nested too deep"),
]


@pytest.mark.parametrize(("bad", "reason"), REFUSED)
def test_what_bigquery_could_not_take_is_refused(bad: bytes, reason: str) -> None:
    """Each reason names the column and what is wrong. A BigQuery load names it only for the whole file."""
    with pytest.raises(BadRowError, match=reason):
        checked(RUN, "start_time", bad)


def test_a_row_larger_than_bigquery_takes_is_refused() -> None:
    """100 MB is the largest row of a load; one byte less is taken."""
    empty = len(line(error=""))
    assert fit(error="x" * (ROW_BYTES_MAX - empty)).key == "r"
    with pytest.raises(BadRowError, match="the row has 100000001 bytes"):
        fit(error="x" * (ROW_BYTES_MAX - empty + 1))


def test_500_levels_are_taken() -> None:
    """500 levels are the deepest JSON that BigQuery takes. Brackets within strings do not count."""
    deep = line(inputs=nested(500), outputs=json.dumps("[" * 1000))
    assert checked(RUN, "start_time", deep).line == deep


HELD = [
    "0",
    "-0.0",
    "1.10",
    "1e5",
    "18446744073709551615",
    "-9223372036854775808",
    "0.2002386475503002",
    "5e-324",
    "1.7976931348623157e308",
]
CHANGED = [
    "18446744073709551616",
    "-9223372036854775809",
    "0.12345678901234567890",
    "1e400",
    "1e-400",
    "9007199254740993.0",
    "1" * 5000,
]


@pytest.mark.parametrize("number", HELD)
def test_a_number_that_bigquery_holds_stays_one(number: str) -> None:
    """64-bit integers stay numbers, and so do fractions that their double prints back."""
    for text in (number, f"[{number}]", f'{{"a":{number}}}'):
        assert checked(RUN, "start_time", line(inputs=text)).line == line(inputs=text)


@pytest.mark.parametrize("number", CHANGED)
def test_a_number_that_bigquery_would_change_becomes_text(number: str) -> None:
    """Such a number becomes a string of its digits. Nothing else changes, not even the same digits in a string or a key."""
    text = f'{{"{number}":[{number},"{number}",":{number}"],"b":"\\"{number}"}}'
    expected = f'{{"{number}":["{number}","{number}",":{number}"],"b":"\\"{number}"}}'
    found = checked(RUN, "start_time", line(inputs=text, total_cost="1.10", total_tokens=7))
    assert found.line == line(inputs=expected, total_cost="1.10", total_tokens=7)
    assert (
        json.loads(
            checked(FEEDBACK, "", b'{"feedback_id":"f","value":"%b","_synced_at":"%b"}' % (number.encode(), AT.encode())).line
        )["value"]
        == f'"{number}"'
    )


@given(st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-(2**63), 2**64 - 1).map(str))
def test_every_double_and_64_bit_integer_is_held(number: str) -> None:
    """Whatever other programs write as doubles or 64-bit integers stays a number."""
    assert is_held(number)


@given(st.decimals(allow_nan=False, allow_infinity=False).map(str))
def test_what_is_held_is_equal(number: str) -> None:
    """A value left as a number equals what BigQuery gives back for it."""
    number = number.replace("E", "e").replace("e+", "e")
    if is_held(number):
        integer = number.lstrip("-").isdecimal()
        assert Decimal(int(number) if integer else repr(float(number))) == Decimal(number)


FLAG = Table("langsmith_flag", (column("flag_id", Kind.STRING, "", "id"), column("is_on", Kind.BOOLEAN, "")), "", "")


def flag(is_on: Any) -> bytes:
    """A line of a table that has a boolean column."""
    return json.dumps({"flag_id": "f", "is_on": is_on, "_synced_at": AT}, separators=(",", ":")).encode()


@pytest.mark.parametrize("is_on", [True, False, None])
def test_a_boolean_goes_as_it_came(is_on: bool | None) -> None:
    """BigQuery loads JSON's true and false into BOOLEAN."""
    assert checked(FLAG, "", flag(is_on)).line == flag(is_on)


@pytest.mark.parametrize("is_on", [0, 1, "true"])
def test_what_is_no_boolean_is_refused(is_on: Any) -> None:
    """A load may take 1 or "true" for a boolean; no row of ours holds them."""
    with pytest.raises(BadRowError, match=r"`\$.is_on`"):
        checked(FLAG, "", flag(is_on))


def test_every_kind_is_checked() -> None:
    """A column of any kind can be declared."""
    assert FIELD_TYPES.keys() == set(Kind)
    for kind in Kind:
        table = Table(f"langsmith_{kind.name}", (column("a_id", Kind.STRING, "", "id"), column("b", kind, "")), "", "")
        line_of_null = b'{"a_id":"i","b":null,"_synced_at":"%b"}' % AT.encode()
        assert checked(table, "", line_of_null).line == line_of_null


def test_long_integers_of_a_column_go_as_text() -> None:
    """Past 53 bits a load would take an integer as a double, so it is sent as text, as BigQuery's documents ask."""
    for value in (2**53, -(2**53), 2**63 - 1, -(2**63)):
        assert fit(total_tokens=value, name="é").line == line(total_tokens=str(value), name="é")
