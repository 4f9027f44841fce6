"""Values in JSON text taken out or replaced, and nothing else of the text touched."""

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
]


@pytest.mark.parametrize(("text", "steps", "marked", "without"), CASES)
def test_only_what_the_way_leads_to_is_changed(text: str, steps: Steps, marked: str, without: str | None) -> None:
    """Numbers beside it keep their digits; nulls stay; a text that holds JSON where the way goes on is treated as a whole."""
    assert changed(text.encode(), [steps], redacted) == marked.encode()
    assert changed(text.encode(), [steps], removed) == (None if without is None else without.encode())


def test_a_hash_is_hmac_sha_256_of_the_text_and_joins_across_columns() -> None:
    """A string is hashed as its text, so that the same value gives the same hash however JSON writes it; the key matters."""
    expected = hmac.new(KEY.encode(), "Zo\u00eb".encode(), hashlib.sha256).hexdigest()
    assert changed('{"user":"Zo\u00eb"}'.encode(), [("user",)], hashed(KEY)) == f'{{"user":"{expected}"}}'.encode()
    assert changed(b'"Zo\\u00eb"', [()], hashed(KEY)) == f'"{expected}"'.encode()
    assert changed(b'"Zo\\u00eb"', [()], hashed(KEY + "!")) != f'"{expected}"'.encode()


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
STEPS = st.lists(st.sampled_from(["a", "b", "c", 0, 1, None]), min_size=1, max_size=3).map(tuple)


def by_value(value: Any, steps: Steps) -> Any:
    """What redacting must give, on parsed JSON."""
    if not steps:
        return None if value is None else MARKER
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and not isinstance(step, int):
        return {name: by_value(one, rest) if step in (None, name) else one for name, one in value.items()}
    if isinstance(value, list) and isinstance(step, str):
        return [by_value(one, steps) for one in value]
    if isinstance(value, list):
        return [by_value(one, rest) if step in (None, i) else one for i, one in enumerate(value)]
    return value


@given(JSON, st.lists(STEPS, max_size=3))
def test_cutting_text_agrees_with_walking_values(value: Any, ways: list[Steps]) -> None:
    """Any JSON whose texts hold no JSON, any ways: the same as on parsed values, one way after the other."""
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
    """A hash of a hash would join with nothing."""
    once = json.dumps(hmac.new(KEY.encode(), b"v", hashlib.sha256).hexdigest()).encode()
    assert changed(around % b'"v"', ways, hashed(KEY)) == around % once
