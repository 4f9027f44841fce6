"""Texts are masked before they leave, and masking never raises. test_key_echoes and test_exits test the exits."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from langsmith_core import masking
from langsmith_core.masking import MASK, TEXT_MAX

KEY = "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"
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
"""Any text, with half characters (lone surrogates)."""
SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\\"), min_size=8, max_size=20)
WRITTEN: tuple[Callable[[str], str], ...] = (
    str,
    lambda one: json.dumps(one)[1:-1],
    lambda one: json.dumps(one, ensure_ascii=False)[1:-1],
    lambda one: quote(one, safe=""),
    lambda one: quote(quote(one, safe=""), safe=""),
    lambda one: base64.b64encode(one.encode()).decode(),
    lambda one: base64.urlsafe_b64encode(b"xx" + one.encode()).decode(),
    lambda one: one.encode().hex(),
)


@given(SECRETS, st.sampled_from(WRITTEN), ANY_TEXT, ANY_TEXT)
@example("000000À0", WRITTEN[3], "", "")
def test_a_secret_is_masked_however_it_is_written(secret: str, written: Callable[[str], str], before: str, after: str) -> None:
    """A secret of eight characters or more is masked in every form, whatever text stands around it."""
    echo = written(secret)
    assume(echo not in f" {MASK} ")
    with masking.secrets_masked([secret]):
        masked = masking.fit(f"{before} {echo} {after}")
    assert MASK in masked
    assert echo not in masked


@pytest.mark.parametrize("size", [8, 9, 20, len(KEY)])
def test_every_piece_is_masked_and_what_stands_beside_it_is_not(size: int) -> None:
    """Any piece of eight characters or more of a key is masked. A shorter one stays, and so does the text beside it."""
    with masking.secrets_masked([KEY]):
        for at in range(len(KEY) - size + 1):
            assert masking.fit(f"is <{KEY[at : at + size]}>, is it") == f"is <{MASK}>, is it"
            assert masking.fit(f"is <{KEY[at : at + 7]}>, is it") == f"is <{KEY[at : at + 7]}>, is it"


def test_two_keys_side_by_side_and_apart() -> None:
    """Pieces of a key that touch get one mask."""
    with masking.secrets_masked([KEY, "another secret"]):
        assert masking.fit(f"{KEY}{KEY[:8]} and another secret") == f"{MASK} and {MASK}"


@given(ANY_TEXT)
def test_without_a_secret_a_text_is_told_as_it_is(text: str) -> None:
    """A text without a secret stays as it is, but for half characters, which become U+FFFD."""
    whole = "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)
    with masking.secrets_masked(["\x00 is in no text that is drawn \x01 of this length"]):
        assert masking.fit(text) == whole
    assert masking.fit(text) == whole


def test_secrets_are_those_of_the_call() -> None:
    """A secret is masked until its block ends. The secrets of the block around it are masked again from there on."""
    with masking.secrets_masked(["the outer one"]):
        with masking.secrets_masked([]):
            masking.add_secrets(["the inner one"])
            assert masking.fit("the inner one") == MASK
            assert masking.fit("the outer one").startswith("the outer")
        assert [masking.fit(one) for one in ("the outer one", "the Inner 1")] == [MASK, "the Inner 1"]
    assert masking.fit("the outer one") == "the outer one"


@pytest.mark.parametrize("size", [TEXT_MAX - 1, TEXT_MAX, TEXT_MAX + 1, 100 * TEXT_MAX])
def test_a_text_is_bounded(size: int) -> None:
    """A text that is too long keeps its beginning and its end: the class of an error stands at the end of its trace."""
    text = "begin" + "x" * (size - 8) + "end"
    masked = masking.fit(text)
    assert (masked == text) == (size <= TEXT_MAX)
    assert len(masked) <= TEXT_MAX + 3
    assert (masked[:5], masked[-3:]) == ("begin", "end")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.binary() | st.just(object()) | st.just(KeyError("x")),
    lambda one: (
        st.lists(one, max_size=3) | st.dictionaries(ANY_TEXT | st.integers() | st.none(), one, max_size=3) | st.tuples(one)
    ),
)


@given(VALUES)
def test_plain_values_are_json(value: Any) -> None:
    """Any value becomes JSON text that reads as the same value."""
    masked = masking.json_safe(value)
    assert json.loads(msgspec.json.encode(masked)) == masked


def test_values_without_an_end_are_told_to_a_depth() -> None:
    """A list that holds itself is written to a bounded depth."""
    endless: list[Any] = []
    endless.append(endless)
    assert "(list)" in json.dumps(masking.json_safe(endless))
