"""Where a table's columns are found in a record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from langsmith_core.records import json_text, plans
from langsmith_core.records.columns import Column, Kind, Table, column, raw
from langsmith_core.records.json_text import MalformedError
from langsmith_core.streams.registry import RUN, TABLES
from samples import encoded

LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
NAMES = st.sampled_from(
    ["metadata", "raw", "type", "min", "max", "categories", "a.b", "invocation_params", "model", "user_id", "__run", "run_id"]
)
VALUES = st.recursive(LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=3), max_leaves=6)
FIELDS = sorted({source.partition(".")[0].removesuffix("[-1]") for t in TABLES for c in t.columns for source in c.sources})


def at(source: str, value: Any) -> Any:
    """Follow a dotted path through plain values; None where it ends early."""
    for name in source.removesuffix("[-1]").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if source.endswith("[-1]"):
        return value[-1] if isinstance(value, list) and value else None
    return value


def first(found: Column, record: dict[str, Any]) -> Any:
    """Return the value of a column's first source that is not null."""
    return next((one for one in (at(source, record) for source in found.sources) if one is not None), None)


@given(st.sampled_from(TABLES), st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_a_column_is_its_first_source_that_is_not_null(table: Table, record: dict[str, Any]) -> None:
    """Whatever the fields are, each column's text is that of its first source with a value. Columns without one are left out."""
    texts = plans.of(table).texts(json_text.member_views(encoded(record)))
    wanted = {one.name: value for one in table.columns if (value := first(one, record)) is not None}
    assert {name: json.loads(bytes(text)) for name, text in texts.items()} == wanted


@pytest.mark.parametrize(
    ("path", "found"),
    [("a", b'{"b":{"c":1,"d":[2,3]}}'), ("a.b.c", b"1"), ("a.b.d[-1]", b"3"), ("a.c", None), ("a.b.c.d", None), ("b", None)],
)
def test_a_path_leads_through_members_to_a_last_element(path: str, found: bytes | None) -> None:
    """A dotted path of any length is followed, and gives nothing where it ends early."""
    text = plans.inside(path, json_text.member_views(b'{"a":{"b":{"c":1,"d":[2,3]}}}'))
    assert (None if text is None else bytes(text)) == found


def test_a_member_of_what_is_no_object_is_none() -> None:
    """A list or a text has no members. What is no JSON is malformed."""
    for text in (b"[1]", b'"a"', b"1", b'{"b":1}', b"null"):
        assert plans.inside("x.a", {"x": Raw(text)}) is None
    with pytest.raises(MalformedError):
        plans.inside("x.a", {"x": Raw(b'{"a":')})


def test_tables_of_one_name_have_their_own_plans() -> None:
    """A plan belongs to the whole table: another table of the same name, as in a test, has another."""
    key = column("run_id", Kind.STRING, "", "id")
    other = Table(RUN.name, (key, raw()), "", "")
    assert list(plans.of(RUN).blank) == [one.name for one in RUN.columns]
    assert list(plans.of(other).blank) == ["run_id", "raw"]
    assert plans.of(Table(RUN.name, (key, raw()), "", "")) is plans.of(other)
