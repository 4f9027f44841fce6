"""Tests of a state as documents and back, and of what is refused on the way. They need no Firestore."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync.states import STATES

from langsmith_core.destinations.firestore import layout as layouts
from langsmith_core.destinations.firestore.layout import EMPTY, VERSION, Layout, Part
from langsmith_core.errors import StateError
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

LONG = "x" * 10_000
TASK = {"table": "langsmith_run"}


def laid_out(state: Any, before: Layout = EMPTY, token: int = 7, characters: int = 8_000) -> Layout:
    """Return a state as documents of one owner."""
    return layouts.laid_out(state, before, layouts.names(token), characters)


@given(STATES, st.integers(1, 50))
def test_a_state_is_put_together_again(state: State, characters: int) -> None:
    """Head and documents give the state back, however small the documents are."""
    plain = msgspec.json.decode(dump(state))
    found = laid_out(plain, characters=characters)
    assert all(len(text) <= characters for text in found.fresh.values())
    assert layouts.assembled(found, found.fresh) == plain


def test_each_slice_and_each_long_text_has_documents_of_its_own() -> None:
    """What is small stays in the head; what is long is cut; a head has null where a part was."""
    state = {"source": "s", "known": LONG, "look": {"walk": {"agenda": [TASK, {"table": "other"}], "pending": "short"}}}
    found = laid_out(state)
    assert found.head == '{"source":"s","known":null,"look":{"walk":{"agenda":[null,null],"pending":"short"}}}'
    assert [(part.at, part.documents) for part in found.parts] == [
        ("known", ("7-1", "7-2")),
        ("look/walk/agenda/0", ("7-3",)),
        ("look/walk/agenda/1", ("7-4",)),
    ]
    assert [len(text) for text in found.fresh.values()] == [8_000, 2_002, 25, 17]
    assert layouts.assembled(found, found.fresh) == state


@pytest.mark.parametrize("place", ["agenda", "later"])
def test_every_task_is_a_document(place: str) -> None:
    """Wherever tasks are kept in the state, each is a document."""
    assert [part.at for part in laid_out({place: [TASK]}).parts] == [f"{place}/0"]


def test_a_long_list_is_a_part_too() -> None:
    """A list of ids that could not be packed does not fill the head."""
    state = {"projects": ["id"] * 3_000, "names": ["id"] * 10}
    found = laid_out(state)
    assert found.head == '{"projects":null,"names":["id","id","id","id","id","id","id","id","id","id"]}'
    assert layouts.assembled(found, found.fresh) == state


def test_what_is_known_is_not_written_again() -> None:
    """A part keeps its documents while its content stays, also where it moves to another field or is there twice."""
    first = laid_out({"a": LONG, "agenda": [TASK]})
    second = laid_out({"b": LONG, "c": LONG, "agenda": [TASK, {"table": "new"}]}, first, token=8)
    assert [(part.at, part.documents) for part in second.parts] == [
        ("b", ("7-1", "7-2")),
        ("c", ("7-1", "7-2")),
        ("agenda/0", ("7-3",)),
        ("agenda/1", ("8-1",)),
    ]
    assert second.fresh == {"8-1": '{"table":"new"}'}
    assert first.documents() - second.documents() == set()


def test_a_head_is_read_as_it_was_written() -> None:
    """Fields read back give the same layout. Before the first save it is empty."""
    found = laid_out({"a": LONG})
    again = layouts.read({"layout": VERSION, "lease": {}, **found.fields()})
    assert (again.head, again.parts) == (found.head, found.parts)
    assert layouts.assembled(layouts.read({"layout": VERSION, **EMPTY.fields()}), {}) is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"layout": 2, "state": "", "parts": []},
        {"layout": 1, "parts": []},
        {"layout": 1, "state": {}, "parts": []},
        {"layout": 1, "state": "", "parts": [{"at": "a"}]},
    ],
)
def test_a_head_of_another_kind_is_refused(fields: dict[str, Any]) -> None:
    """Another layout, or missing fields, raise StateError and never give an empty state."""
    with pytest.raises(StateError, match=r"empty the state store") as caught:
        layouts.read(fields)
    assert caught.value.status == 400


PART = laid_out({"agenda": [TASK]})
TEXT = PART.fresh["7-1"]


@pytest.mark.parametrize(
    ("layout", "texts"),
    [
        (PART, {}),
        (PART, {"7-1": TEXT[:-1]}),
        (PART, {"7-1": TEXT.replace("run", "rum")}),
        (Layout("{", PART.parts), PART.fresh),
        (Layout("{}", PART.parts), PART.fresh),
        (Layout('{"agenda":[]}', PART.parts), PART.fresh),
        (Layout('{"agenda":1}', PART.parts), PART.fresh),
        (Layout('{"agenda":[null]}', (Part("agenda/x", PART.parts[0].hash, ("7-1",)),)), PART.fresh),
    ],
)
def test_documents_that_do_not_fit_are_refused(layout: Layout, texts: dict[str, str]) -> None:
    """Missing, cut or changed documents raise StateError."""
    with pytest.raises(StateError, match=r"empty the state store"):
        layouts.assembled(layout, texts)


def test_requests_are_bounded_in_bytes_and_documents() -> None:
    """Documents go into as few requests as bytes and number allow. One that is too large goes alone."""
    assert layouts.commits({}) == [{}]
    assert layouts.commits({"a": "xx", "b": "é", "c": "x", "d": "xxxxx"}, 4) == [
        {"a": "xx", "b": "é"},
        {"c": "x"},
        {"d": "xxxxx"},
    ]
    assert [len(group) for group in layouts.commits({str(n): "" for n in range(450)})] == [200, 200, 50]


@pytest.mark.parametrize(
    ("name", "older"), [("6-1", True), ("6-99", True), ("7-1", False), ("8-1", False), ("10-1", False), ("of a user", False)]
)
def test_a_name_tells_its_owner(name: str, older: bool) -> None:
    """Only documents of earlier owners count as older. A name that this program did not write counts as nobody's."""
    assert layouts.is_older(name, 7) is older
