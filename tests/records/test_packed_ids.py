"""Lists of ids, and of their beginnings, packed into the text that a state keeps."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records.packed_ids import ID_CHARACTERS, NO_IDS, NO_PREFIXES, PREFIX_CHARACTERS, Ids, Prefixes
from samples import IDS

A, B, C, D = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abcd")


@given(st.lists(IDS))
def test_ids_come_back_in_order(known: list[str]) -> None:
    """A list of ids takes twenty characters each, none of which JSON has to escape, and holds what was put in."""
    text = Ids(known).packed()
    assert (list(Ids.unpacked(text)), len(text)) == (known, ID_CHARACTERS * len(known))
    assert text.isascii()
    assert not {'"', "\\"} & set(text)


@pytest.mark.parametrize("bad", ["", "run-1", "00000000-0000-4000-8000-00000000d00"])
def test_what_is_no_uuid_is_refused(bad: str) -> None:
    """LangSmith's ids are UUIDs: anything else cannot be packed."""
    with pytest.raises(ValueError, match="badly formed"):
        Ids([bad])


def test_an_id_has_one_spelling() -> None:
    """Capital letters and left-out dashes mean the same id, and compare equal."""
    assert list(Ids([A.upper(), A.replace("-", "")])) == [A, A]
    assert (Ids([A.upper()]), hash(Ids([A.upper()]))) == (Ids([A]), hash(Ids([A])))
    assert Ids([A]) != (A,)


@pytest.mark.parametrize("unpacked", [Ids.unpacked, Prefixes.unpacked])
@pytest.mark.parametrize("text", ["a", "é" * 20, '"' * 20, "~" * 20])
def test_a_text_that_no_list_was_packed_into_is_refused(unpacked: Callable[[str], object], text: str) -> None:
    """A state that was cut, or written by somebody else, is an error and never another list."""
    with pytest.raises(ValueError, match=r"cut|base85|ASCII|overflow"):
        unpacked(text)


def test_ids_are_a_sequence_and_a_list_without_doubles() -> None:
    """A slice is a list of ids; more, fewer, or a selection of them keep their order."""
    ids = Ids([A, B, C])
    assert (ids[0], ids[1:], len(ids), B in ids, D in ids) == (A, Ids([B, C]), 3, True, False)
    assert ids.with_more([D, A]) == Ids([A, B, C, D])
    assert ids.with_more(Ids([D, D])) == Ids([A, B, C, D])
    assert ids.without([B, D]) == ids.only([A, C, D]) == Ids([A, C])
    assert ids.without([]) is ids
    assert (NO_IDS.packed(), bool(NO_IDS)) == ("", False)


@given(st.lists(IDS, unique=True), st.lists(IDS, unique=True), st.integers(0, 10))
def test_beginnings_of_ids_find_them_again(known: list[str], others: list[str], most: int) -> None:
    """Four bytes find an id among the known ones, in five characters each; at most so many are kept, the first ones."""
    prefixes = NO_PREFIXES.with_more(known, most)
    starts = list(dict.fromkeys(UUID(one).bytes[:4] for one in known))[:most]
    assert list(prefixes.among([*known, *others])) == [one for one in [*known, *others] if UUID(one).bytes[:4] in starts]
    text = prefixes.packed()
    assert (Prefixes.unpacked(text), len(text)) == (prefixes, PREFIX_CHARACTERS * len(starts))
    assert prefixes.with_more(known, most) == prefixes
