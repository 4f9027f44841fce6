"""Splitting JSON text and making it strict, compared with Python's own parser. Not here: deep values (test_json_depth)."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from langsmith_core.records import json_text
from langsmith_core.records.json_text import MalformedError
from samples import fixture

BAD = "\ufffd"
DIGITS = "1234567890" * 10

# Each row of the table in json_text's docstring, as (sent, arrives); test_json_depth has the last row, deep values.
FORM = [
    (DIGITS.encode(), DIGITS),
    (b"-" + DIGITS.encode(), "-" + DIGITS),
    (b"0." + DIGITS[:40].encode(), "0." + DIGITS[:40]),
    (b"1e400", "1e400"),
    (b"1E-400", "1E-400"),
    (b"-0.0", "-0.0"),
    (b"-0", "-0"),
    (b"1.10", "1.10"),
    (b"NaN", '"NaN"'),
    (b"[NaN, Infinity, -Infinity]", '["NaN","Infinity","-Infinity"]'),
    (b'{"NaN": NaN}', '{"NaN":"NaN"}'),
    (b'"NaN"', '"NaN"'),
    (b'"[NaN]"', '"[NaN]"'),
    (rb'"\ud800"', f'"{BAD}"'),
    (rb'"\udfff"', f'"{BAD}"'),
    (rb'"a\uD800b"', f'"a{BAD}b"'),
    (rb'"\ude00\ud83d"', f'"{BAD}{BAD}"'),
    (rb'"\ud83d\ud83d\ude00"', f'"{BAD}\N{GRINNING FACE}"'),
    (rb'"\ud83d\ude00"', r'"\ud83d\ude00"'),
    (rb'"\ud83d\\ude00"', rf'"{BAD}\\ude00"'),
    (rb'{"\ud800": 1}', f'{{"{BAD}":1}}'),
    (rb'"\u0000"', f'"{BAD}"'),
    (rb'"a\u0000b\ud83d\ude00"', f'"a{BAD}b\N{GRINNING FACE}"'),
    (rb'"\\u0000"', r'"\\u0000"'),
    (rb'"\\\u0000"', rf'"\\{BAD}"'),
    (rb'"\\\\u0000"', r'"\\\\u0000"'),
    (b'"\xff"', f'"{BAD}"'),
    (b'"\xed\xa0\x80"', f'"{BAD * 3}"'),
    (b'{"\xff": NaN}', f'{{"{BAD}":"NaN"}}'),
    (b' [ 1 ,\t"a b" ,\r\n{ } ] ', '[1,"a b",{}]'),
    (b'["\\u0000", 1 ,\t2 ,\r\n{ } ]', f'["{BAD}",1,2,{{}}]'),
]
MALFORMED = [
    *r'nul tru 01 1. .5 +1 - 1e -NaN nan {}{} ] [} [,] [1,] {"a":1,} {"a"} {1:2} ["a""b"] "\x" "\u12" "a "\ [ {"a":'.split(),  # noqa: SIM905
    *["", " ", "\ufeff[]", "[] []", '{"a" 1}', '"\n"', '"\x00"', "[NaN 1]"],
]


def documented(text: str) -> str:
    """Return a string as the documented form has it."""
    joined = text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
    return re.sub("[\x00\ud800-\udfff]", BAD, joined)


def parsed(body: str, *, form: bool) -> Any:
    """Parse with Python's parser: numbers as texts, NaN by name, strings in the documented form if `form`."""
    value = json.loads(body, parse_int=_number, parse_float=_number, parse_constant=str if form else _no_constant)
    return _strings(value) if form else value


def _number(text: str) -> tuple[str, str]:
    return ("number", text)


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _strings(value: Any) -> Any:
    if isinstance(value, str):
        return documented(value)
    if isinstance(value, list):
        return [_strings(item) for item in value]
    if isinstance(value, dict):
        return {documented(key): _strings(item) for key, item in value.items()}
    return value


def agreed(body: str) -> None:
    """Assert that Python's parser and ours agree: on the value in the documented form, or that the text is no JSON."""
    try:
        expected = parsed(body, form=True)
    except ValueError:
        with pytest.raises(MalformedError):
            json_text.strict(body.encode(), 0)
        return
    assert parsed(json_text.strict(body.encode(), 0).decode(), form=False) == expected


@pytest.mark.parametrize(("sent", "arrives"), FORM, ids=range(len(FORM)))
def test_the_documented_form_row_by_row(sent: bytes, arrives: str) -> None:
    """What strict JSON cannot hold is changed as the documented table says. All else arrives digit for digit, compact."""
    assert json_text.strict(sent, 0).decode() == arrives


@pytest.mark.parametrize("body", MALFORMED)
def test_what_is_no_json_is_malformed(body: str) -> None:
    """A text that is no JSON is refused and not repaired."""
    with pytest.raises(MalformedError):
        json_text.strict(body.encode(), 0)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**100), 10**100),
    st.floats(),
    st.sampled_from(["", "NaN", "\\u0000", "\x00", "[", '"', "\\", "\u2028", "\N{GRINNING FACE}"]),
)


def values(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Draw any JSON value whose strings are made of these characters."""
    text = st.text(characters, max_size=8)
    return st.recursive(
        SCALARS | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=12,
    )


SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n"), ("  ,  ", "  :  ")])


@given(values(st.characters(exclude_categories=["Cs"])), SEPARATORS, st.none() | st.integers(0, 3))
def test_any_value_arrives_equal_and_compact(value: Any, separators: tuple[str, str], indent: int | None) -> None:
    """Whatever `json.dumps` writes arrives as an equal value, with identical numbers and no space between tokens."""
    for ensure_ascii in (True, False):
        body = json.dumps(value, separators=separators, indent=indent, ensure_ascii=ensure_ascii)
        out = json_text.strict(body.encode(), 0)
        assert parsed(out.decode(), form=False) == parsed(body, form=True)
        assert not re.search(rb"\s", re.sub(rb'"(?:[^"\\]|\\.)*"', b"", out))


@given(values(st.characters(categories=["Cs", "Lu"])))
def test_surrogates_of_any_order_arrive_in_the_documented_form(value: Any) -> None:
    """Escaped surrogates that pair become one character. Lone ones become U+FFFD."""
    agreed(json.dumps(value))


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,120})(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@pytest.mark.parametrize("neighbour", ["true", "NaN", r'"\u0000"', r'"\ud800"'])
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=4))
def test_number_texts_are_never_touched(neighbour: str, numbers: list[str]) -> None:
    """A number keeps its digits both on the fast path and on the repair path, which a neighbour forces."""
    out = json.loads(json_text.strict(f"[{neighbour}, {', '.join(numbers)}]".encode(), 0), parse_int=str, parse_float=str)
    assert out[1:] == numbers


@given(st.binary(max_size=12))
def test_bytes_that_are_no_utf8_become_replacement_characters(data: bytes) -> None:
    """Invalid UTF-8 within a string is replaced as Python's decoder replaces it."""
    inner = re.sub(rb'[\x00-\x1f"\\]', b"", data)
    assert json.loads(json_text.strict(b'"' + inner + b'"', 0)) == inner.decode(errors="replace")


PAGES = {"v1": json.dumps(fixture("07")["page_with_next"]), "v2": json.dumps(fixture("08")["page_with_next"])}
PAGES["poisoned"] = PAGES["v1"].replace('"test-run"', r'"a\u0000b"').replace("{}", '{"score": NaN}')


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_prefix_of_a_page_is_malformed(page: str) -> None:
    """An answer that breaks off anywhere is an error and never a shorter page."""
    for end in range(len(page)):
        with pytest.raises(MalformedError):
            json_text.strict(page[:end].encode(), 3)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_page_without_one_character_is_what_pythons_parser_says(page: str) -> None:
    """A page without one of its characters is refused, or is the value that Python's parser reads."""
    for index in range(len(page)):
        agreed(page[:index] + page[index + 1 :])


TOKENS = ["[", "]", "{", "}", ",", ":", " ", "\n", '"a"', '"', "1", "2", "-", "0", ".5", "e9", "true", "null", "NaN", "Infinity"]
ODD_TOKENS = [r'"\u0000"', r'"\ud800"', "\\", "\xa0", "\x0c", "\u2028", "\ufeff"]


@given(st.lists(st.sampled_from(TOKENS + ODD_TOKENS), max_size=10).map("".join))
@example("[1 2]")
@example("[tr ue]")
@example("{NaN: 1}")
@example("[1,\xa02]")
@example("[1,\x0c2]")
def test_any_text_is_what_pythons_parser_says(body: str) -> None:
    """Any sequence of tokens is refused, or is the value that Python's parser reads."""
    agreed(body)


@pytest.mark.parametrize("body", [b"{}", b"1", b'"a"', b"null", b"[", b""])
def test_elements_of_no_list_are_malformed(body: bytes) -> None:
    """`elements` refuses anything but a list."""
    with pytest.raises(MalformedError):
        json_text.elements(body)


@pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null", b"{", b""])
def test_members_of_no_object_are_malformed(body: bytes) -> None:
    """`members` refuses anything but an object."""
    with pytest.raises(MalformedError):
        json_text.members(body)


@given(st.lists(values(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_a_list_is_cut_into_the_texts_of_its_elements(items: list[Any]) -> None:
    """Elements and members are the strict text's own pieces, in their order."""
    body = json_text.strict(json.dumps(items).encode(), 0)
    pieces = json_text.elements(body)
    assert b"[" + b",".join(pieces) + b"]" == body
    record = b"{" + b",".join(b'"%d":%b' % pair for pair in enumerate(pieces)) + b"}"
    assert json_text.members(record) == {str(index): piece for index, piece in enumerate(pieces)}


@pytest.mark.parametrize(
    ("scalar", "text"), [(b'"a\\n\\u00e9"', "a\n\xe9"), (b'""', ""), (b"1.10", "1.10"), (b"true", "true"), (b"null", "null")]
)
def test_text_is_a_strings_value_and_any_other_scalars_own_text(scalar: bytes, text: str) -> None:
    """`text` decodes a string, and returns another scalar as it is written."""
    assert json_text.text(scalar) == text
