"""Removing, redacting and hashing values in JSON text, without touching the rest of the text."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.privacy.places import Steps
from langsmith_core.privacy.replace import MARKER, changed, hashed, redacted, removed

M = f'"{MARKER}"'
KEY = "a key of sixteen or more"

# JSON, the way, what redacting makes of it, what removing makes of it.
CASES: list[tuple[str, Steps, str, str | None]] = [
    ("1.50", (), M, None),
    ("null", (), "null", "null"),
    ('{"a":1.50,"b":2}', ("b",), f'{{"a":1.50,"b":{M}}}', '{"a":1.50}'),
    ('{"a":{"b":1,"c":[1e400]}}', ("a", "b"), f'{{"a":{{"b":{M},"c":[1e400]}}}}', '{"a":{"c":[1e400]}}'),
    (
        '{"a":[{"b":1},{"b":null},{"c":3}]}',
        ("a", None, "b"),
        f'{{"a":[{{"b":{M}}},{{"b":null}},{{"c":3}}]}}',
        '{"a":[{},{"b":null},{"c":3}]}',
    ),
    ('{"a":[{"b":1},[{"b":2}]]}', ("a", "b"), f'{{"a":[{{"b":{M}}},[{{"b":{M}}}]]}}', '{"a":[{},[{}]]}'),
    ("[1,2,3]", (1,), f"[1,{M},3]", "[1,3]"),
    ("[1,2]", (7,), "[1,2]", "[1,2]"),
    ('{"a":1,"b":{"c":2}}', (None,), f'{{"a":{M},"b":{M}}}', "{}"),
    ('{"0":1}', (0,), '{"0":1}', '{"0":1}'),
    ('{"a":"{\\"b\\":1}"}', ("a", "b"), f'{{"a":{M}}}', "{}"),
    ('{"a":" {\\"b\\":1}"}', ("a", "b"), f'{{"a":{M}}}', "{}"),
    ('{"a":"\\n\\t[{\\"b\\":1}]"}', ("a", "b"), f'{{"a":{M}}}', "{}"),
    ('{"a":"\\u007b\\"b\\":1}"}', ("a", "b"), f'{{"a":{M}}}', "{}"),
    ('{"a":"\\u00a0\\u005B1]"}', ("a", 0), f'{{"a":{M}}}', "{}"),
    ('{"a":"so {\\"b\\":1}"}', ("a", "b"), '{"a":"so {\\"b\\":1}"}', '{"a":"so {\\"b\\":1}"}'),
    ('{"a":"plain"}', ("a", "b"), '{"a":"plain"}', '{"a":"plain"}'),
    ('{"a":7}', ("a", "b"), '{"a":7}', '{"a":7}'),
    ('{"\\u0061":1}', ("a",), f'{{"a":{M}}}', "{}"),
    (
        '{"a":1,"b":{"a":2,"c":[{"a":3},[4]]}}',
        (..., "a"),
        f'{{"a":{M},"b":{{"a":{M},"c":[{{"a":{M}}},[4]]}}}}',
        '{"b":{"c":[{},[4]]}}',
    ),
    ('{"a":{"a":1}}', (..., "a"), f'{{"a":{M}}}', "{}"),
    ('[[{"a":{"b":1}}],{"b":2}]', (..., "a", "b"), f'[[{{"a":{{"b":{M}}}}}],{{"b":2}}]', '[[{"a":{}}],{"b":2}]'),
    ("[[1,2],[3]]", (..., 0), f"[{M},[{M}]]", "[[]]"),
    ('{"b":"{\\"a\\":1}","c":"plain"}', (..., "a"), f'{{"b":{M},"c":"plain"}}', '{"c":"plain"}'),
    ('{"a":"\ufeff{\\"b\\":1}"}', ("a", "b"), f'{{"a":{M}}}', "{}"),
]


@pytest.mark.parametrize(("text", "steps", "marked", "without"), CASES)
def test_only_what_the_way_leads_to_is_changed(text: str, steps: Steps, marked: str, without: str | None) -> None:
    """Numbers beside a value keep their digits, and nulls stay. A text that holds JSON inside the path is replaced as a whole."""
    assert changed(text.encode(), [steps], redacted) == marked.encode()
    assert changed(text.encode(), [steps], removed) == (None if without is None else without.encode())


def test_a_hash_is_hmac_sha_256_of_the_text_and_joins_across_columns() -> None:
    """A string's text is hashed, so equal values hash equally however JSON writes them. Another key gives another hash."""
    expected = hmac.new(KEY.encode(), "Zo\u00eb".encode(), hashlib.sha256).hexdigest()
    assert changed('{"user":"Zo\u00eb"}'.encode(), [("user",)], hashed(KEY)) == f'{{"user":"{expected}"}}'.encode()
    assert changed(b'"Zo\\u00eb"', [()], hashed(KEY)) == f'"{expected}"'.encode()
    assert changed(b'"Zo\\u00eb"', [()], hashed(KEY + "!")) != f'"{expected}"'.encode()


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
STEPS = (
    st.lists(st.sampled_from(["a", "b", "c", 0, 1, None, ...]), min_size=1, max_size=3)
    .map(tuple)
    .filter(lambda steps: steps[-1] is not ...)
)


def inside(value: Any, steps: Steps) -> Any:
    """Redact within each member and element."""
    if isinstance(value, dict):
        return {name: by_value(one, steps) for name, one in value.items()}
    return [by_value(one, steps) for one in value] if isinstance(value, list) else value


def by_value(value: Any, steps: Steps) -> Any:
    """Redact parsed JSON: the reference for the text's result."""
    if not steps:
        return None if value is None else MARKER
    step, rest = steps[0], steps[1:]
    if step is ...:
        return inside(by_value(value, rest), steps)
    if isinstance(value, dict) and not isinstance(step, int):
        return {name: by_value(one, rest) if step in (None, name) else one for name, one in value.items()}
    if isinstance(value, list) and isinstance(step, str):
        return [by_value(one, steps) for one in value]
    if isinstance(value, list):
        return [by_value(one, rest) if step in (None, i) else one for i, one in enumerate(value)]
    return value


@given(JSON, st.lists(STEPS, max_size=3))
def test_cutting_text_agrees_with_walking_values(value: Any, ways: list[Steps]) -> None:
    """For any JSON and paths, redacting the text agrees with redacting parsed values, one path after the other."""
    text = json.dumps(value).encode()
    for steps in ways:
        value = by_value(value, steps)
    assert json.loads(changed(text, ways, redacted) or b"null") == value


TWICE: list[tuple[bytes, list[Steps]]] = [
    (b'{"a":{"b":%b}}', [("a", "b"), ("a", "b")]),
    (b'{"a":{"b":%b}}', [("a", None), ("a", "b")]),
    (b'{"a":{"b":%b}}', [(None, "b"), ("a", None)]),
    (b'{"a":[{"b":%b}]}', [("a", "b"), ("a", None, "b"), ("a", 0, "b")]),
]


@pytest.mark.parametrize(("around", "ways"), TWICE)
def test_a_value_that_two_ways_lead_to_is_hashed_once(around: bytes, ways: list[Steps]) -> None:
    """A value at the end of two paths is hashed once: a hash of a hash would join with nothing."""
    once = json.dumps(hmac.new(KEY.encode(), b"v", hashlib.sha256).hexdigest()).encode()
    assert changed(around % b'"v"', ways, hashed(KEY)) == around % once


def test_the_ways_that_lead_to_something_are_told() -> None:
    """`found` has each path that led to a value. A null counts, and a text that may hold JSON counts for every path into it."""
    text = b'{"a":1,"b":null,"c":"{1}","d":"plain"}'
    ways: list[Steps] = [("a",), ("b",), ("c", "x"), ("d", "x"), ("e",), (..., "a"), (None,)]
    found: set[Steps] = set()
    changed(text, ways[:-1], redacted, found)
    assert found == {("a",), ("b",), ("c", "x"), (..., "a")}
    changed(text, ways[-1:], redacted, found)
    assert (None,) in found


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"b":', "}"), ('[{"b":', "}]")])
def test_what_may_be_at_any_depth_is_looked_for_through_32_levels(open_: str, close: str) -> None:
    """`**` is followed through 32 levels. What lies deeper is replaced as a whole, even in a record of 500 levels."""
    levels = 500 // len(close)
    text = (open_ * levels + '{"a":1}' + close * levels).encode()
    found: set[Steps] = set()
    marked = changed(text, [(..., "a")], redacted, found) or b""
    assert (marked.count(M.encode()), b'"a"' in marked, found) == (1, False, {(..., "a")})
    near = (open_ * 10 + '{"a":1}' + close * 10).encode()
    assert changed(near, [(..., "a")], redacted) == near.replace(b'"a":1', f'"a":{M}'.encode())
