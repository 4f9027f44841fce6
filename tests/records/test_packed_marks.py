"""Marks of rows: the last look of each is known, young and few enough, and a state keeps them in 20 characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records.packed_marks import ENTRY_CHARACTERS, NO_MARKS, Mark, Marks

LOOK, OTHER = b"12345678", b"87654321"
ENTRIES = st.dictionaries(
    st.binary(min_size=4, max_size=4), st.builds(Mark, st.integers(0, 2**32 - 1), st.binary(min_size=8, max_size=8)), max_size=5
)


def marked(**starts: int) -> Marks:
    """Return marks of rows that all look alike."""
    return NO_MARKS.noted((), {key: Mark(at, LOOK) for key, at in starts.items()}, 0, 100)


def known(marks: Marks) -> list[str]:
    """Return the keys, of three, that look as they did."""
    return [key for key in "abc" if marks.has(key, LOOK)]


@given(of=ENTRIES)
def test_marks_are_read_as_they_were_written(of: dict[bytes, Mark]) -> None:
    """Any marks come back equal, in the same order, at 20 characters each."""
    text = Marks(of).packed()
    assert Marks.unpacked(text) == Marks(of)
    assert Marks.unpacked(text).packed() == text
    assert len(text) == ENTRY_CHARACTERS * len(of)


@pytest.mark.parametrize("text", ["0" * 19, "~" * 20 + "0", " " * 20])
def test_a_text_that_is_cut_or_foreign_is_refused(text: str) -> None:
    """No marks are made of it."""
    with pytest.raises(ValueError, match=r"cut|base85"):
        Marks.unpacked(text)


def test_a_row_is_known_by_its_last_look() -> None:
    """A row that went out in another look, marked or not, is not known by the look before."""
    marks = marked(a=1, b=2, c=3)
    assert known(marks) == ["a", "b", "c"]
    assert known(marks.noted(["a"], {}, 0, 100)) == ["b", "c"]
    again = marks.noted(["a"], {"a": Mark(1, OTHER)}, 0, 100)
    assert (known(again), again.has("a", OTHER)) == (["b", "c"], True)


def test_the_young_and_the_newest_are_kept() -> None:
    """Rows that began before a time are forgotten, and of too many those that began first."""
    marks = marked(a=1, b=2, c=3)
    assert known(marks.noted((), {}, 2, 100)) == ["b", "c"]
    assert known(marks.noted((), {}, 0, 2)) == ["b", "c"]
    assert known(marks.first(1)) == ["c"]
    assert marks.first(-1) == NO_MARKS
