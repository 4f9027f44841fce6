"""Strict JSON accepts what RFC 8259 does and every destination can hold, and says what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivetran_model import strictjson

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(SCALARS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@untimed
@given(VALUES, st.booleans())
def test_any_value_comes_back(value: Any, ascii_only: bool) -> None:
    """What is written as JSON, escaped or not, is read as it was."""
    assert strictjson.loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@untimed
@given(VALUES)
def test_compact_text_is_faultless(value: Any) -> None:
    """Text without whitespace between tokens passes, whatever its strings hold."""
    assert strictjson.fault(json.dumps(value, separators=(",", ":"))) is None
    assert strictjson.fault(strictjson.compact(value).decode()) is None


@untimed
@given(st.dictionaries(TEXTS, VALUES, min_size=1))
def test_roomy_text_is_at_fault(value: dict[str, Any]) -> None:
    """A space after a colon is a fault."""
    assert strictjson.fault(json.dumps(value, separators=(",", ": "))) == "whitespace between tokens"


@untimed
@given(VALUES)
def test_the_same_value_has_the_same_bytes(value: Any) -> None:
    """Member order does not show in the compact form, which states are compared by."""
    assert strictjson.compact({"a": value, "b": 1}) == strictjson.compact({"b": 1, "a": value})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'"\xff"', "byte 1 is no UTF-8"),
        (b'["\\ud800"]', "a lone surrogate"),
        (b'{"\\udfff":1}', "a lone surrogate"),
        (b"[NaN]", "the token NaN"),
        (b"[-Infinity]", "the token -Infinity"),
        (b'[{"a":1,"a":1}]', "a name twice in one object"),
        (b"1" * 5_000, "an integer longer than a parser reads"),
        (b"[" * 200_000, "nested deeper than a parser goes"),
        (b"{,}", "no JSON at character 1: "),
    ],
)
def test_a_fault_is_named(body: bytes, why: str) -> None:
    """The reason is said, without the text."""
    with pytest.raises(strictjson.NotStrictError, match=why):
        strictjson.loads(body)


def test_a_payload_may_name_a_member_twice() -> None:
    """RFC 8259 lets an object inside a JSON column repeat a name; only the answer itself must not."""
    assert strictjson.fault('{"a":1,"a":2}') is None
