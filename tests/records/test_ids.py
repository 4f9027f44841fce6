"""Ids: which texts are one, and in which spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records.ids import as_id, is_id

ID = "abcdef00-0000-4000-8000-00000000000a"


@pytest.mark.parametrize("text", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}"])
def test_every_spelling_of_an_id_becomes_langsmiths(text: str) -> None:
    """LangSmith writes lower case with dashes; only that spelling is an id where it is stored."""
    assert as_id(text) == ID
    assert is_id(text) is (text == ID)


@pytest.mark.parametrize("value", ["", "a project", f"{ID}0", ID[:-1], None, 5, b"id"])
def test_anything_else_is_no_id(value: object) -> None:
    """A name, an id cut short, a value that is no text."""
    assert not is_id(value)
    assert not isinstance(value, str) or as_id(value) is None


@given(st.from_regex(r"\A[{]?[0-9a-fA-F\u0661]{7,9}(-[0-9a-f_]{4}){3}-[0-9a-f]{12}[}]?[\n]?\Z"))
def test_what_is_stored_as_an_id_is_spelled_as_langsmith_spells_it(text: str) -> None:
    """A text is an id exactly if it is the spelling of the id that it means."""
    assert is_id(text) is (as_id(text) == text)


@given(st.uuids())
def test_any_uuid_is_an_id(uuid: object) -> None:
    """Whatever its version."""
    assert is_id(str(uuid))
