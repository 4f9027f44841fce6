"""Requests and answers about dataset versions and what differs between two."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.samples import encoded
from langsmith_core import endpoints
from langsmith_core.calls import Call
from langsmith_core.records.json_text import MalformedError
from langsmith_core.sync.state import Slice
from langsmith_core.streams.examples import EXAMPLE

OLD, NEW = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
OLD_TEXT, NEW_TEXT = "2026-05-01T00:00:00.000000Z", "2026-06-01T12:00:00.000005Z"
BETWEEN = Slice(EXAMPLE.name, ("d",), lo=OLD, hi=NEW)


def test_the_requests_about_versions() -> None:
    """The versions of a dataset, the difference of two, and examples by id at a version: each from its beginning."""
    assert endpoints.versions("d") == Call("GET", "/api/v1/datasets/d/versions", query=(("limit", "100"),))
    span = (("from_version", OLD_TEXT), ("to_version", NEW_TEXT))
    assert endpoints.difference(BETWEEN) == Call("GET", "/api/v1/datasets/d/versions/diff", query=span)
    few = Slice(EXAMPLE.name, ("d",), ids=("a", "b"), lo=OLD, hi=NEW, offset=50)
    of_them = (("order", "id"), ("dataset", "d"), ("id", "a"), ("id", "b"), ("as_of", NEW_TEXT), ("offset", "0"), ("limit", "50"))
    assert endpoints.call(few, "v1", 50) == Call("GET", "/api/v1/examples", query=of_them)
    assert endpoints.page(few, "v1", b'[{"id":"a"}]').records == [b'{"id":"a"}']


NEWEST: list[tuple[list[Any], datetime | None]] = [
    ([], None),
    ([{}], None),
    ([{"tags": ["latest"], "as_of": NEW_TEXT}, {"tags": None, "as_of": OLD_TEXT}], NEW),
    ([{"as_of": OLD_TEXT}, {"as_of": NEW_TEXT}], NEW),
    ([{"as_of": "2026-06-01T12:00:00.000005"}, {"as_of": "2026-06-01T12:00:00.000004+00:00"}], NEW),
]


@pytest.mark.parametrize(("listed", "newest"), NEWEST)
def test_the_newest_version_wherever_it_stands(listed: list[Any], newest: datetime | None) -> None:
    """The order of the list is not documented; times may be naive."""
    assert endpoints.newest(encoded(listed)) == newest


@pytest.mark.parametrize("answer", [{}, None, "text", [1], [None], [[]]])
def test_versions_of_another_shape_are_malformed(answer: Any) -> None:
    """What is no list of objects is an error."""
    with pytest.raises(MalformedError):
        endpoints.newest(encoded(answer))


@pytest.mark.parametrize("as_of", [None, "soon", 5, {}])
def test_a_version_that_is_no_time_is_none_or_malformed(as_of: Any) -> None:
    """A version without its time is passed over, or the answer is an error like any other of the wrong form."""
    try:
        assert endpoints.newest(encoded([{"as_of": as_of}])) is None
    except ValueError as error:
        assert type(error) is MalformedError  # noqa: PT017  None or this


CHANGES: list[tuple[dict[str, Any], tuple[list[str], list[str]]]] = [
    ({"examples_added": [], "examples_modified": [], "examples_removed": []}, ([], [])),
    ({"examples_added": ["b"], "examples_modified": ["c", "a"], "examples_removed": ["e", "d"]}, (["a", "b", "c"], ["e", "d"])),
    ({"examples_added": ["a"], "examples_modified": ["a"], "examples_removed": []}, (["a"], [])),
    ({}, ([], [])),
]


@pytest.mark.parametrize(("difference", "changes"), CHANGES)
def test_a_difference_is_what_to_read_and_what_is_gone(difference: dict[str, Any], changes: tuple[list[str], list[str]]) -> None:
    """Added and modified are read again, each once and in an order that a later call finds again; removed are gone."""
    assert endpoints.changed(encoded(difference)) == changes


@pytest.mark.parametrize("answer", [[], None, "text", {"examples_added": None}, {"examples_removed": {}}])
def test_a_difference_of_another_shape_is_malformed(answer: Any) -> None:
    """What is no object of lists is an error: then all examples are read."""
    with pytest.raises(MalformedError):
        endpoints.changed(encoded(answer))
