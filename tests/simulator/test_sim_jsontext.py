"""JSON that the simulator serves as it was stored."""

import json

import pytest

from simulator import RawJson
from simulator.jsontext import array, encode, splice

PLANTED = [
    b"123456789012345678901234567890",
    b"1e400",
    b"NaN",
    b"-Infinity",
    b'"\\ud800"',
    b'"a\\u0000b"',
    b"1.0",
    b"[" * 10_000 + b"]" * 10_000,
]


@pytest.mark.parametrize("data", PLANTED, ids=range(len(PLANTED)))
def test_raw_json_is_served_verbatim_wherever_it_stands(data: bytes) -> None:
    """RawJson is served unchanged, alone and inside other values."""
    assert encode(RawJson(data)) == data
    assert encode({"a": [RawJson(data), "ü"], "b": RawJson(b"{}")}) == b'{"a":[' + data + ',"ü"],"b":{}}'.encode()


def test_lone_surrogates_are_escaped_not_lost() -> None:
    """A Python text with a lone surrogate becomes the escape that JSON has for it."""
    assert encode({"a": "x\ud800ü"}) == b'{"a":"x\\ud800\xc3\xbc"}'


def test_unknown_types_are_refused() -> None:
    """A value that is not JSON raises an error; it is never served as text."""
    for value in ({"a": object()}, {"a": object(), "b": RawJson(b"1")}):
        with pytest.raises(TypeError, match="object is not JSON"):
            encode(value)


def test_splice_adds_members_to_an_encoded_object() -> None:
    """Members are appended without reading either side, to a full and to an empty object."""
    assert json.loads(splice(b'{"a":1}', [("b", b"2"), ("c", b"[]")])) == {"a": 1, "b": 2, "c": []}
    assert splice(b"{}", [("b", b"2")]) == b'{"b":2}'
    assert splice(b'{"a":1}', []) == b'{"a":1}'
    assert array([b"1", b"{}"]) == b"[1,{}]"
