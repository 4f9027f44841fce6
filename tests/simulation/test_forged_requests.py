"""The real `fivetran` target answers any request, and never with a 500 of its own.

test_forged_states has states that are nearly right. faces/test_body tests how a body is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langsmith_core.settings.keys import KEYS
from product import World

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["\ud800", "1" * 5_000, "-1", "nan", "inf", "1e308", "0", "../..", "a,b", "[", '*["']
)
LEAVES = TEXTS | st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 2**63, 10**9])
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
SCOPED = [key.name for key in KEYS if not key.name.startswith("LANGSMITH_")]
VALUES = st.dictionaries(st.sampled_from([key.name for key in KEYS]) | TEXTS, ANYTHING, max_size=4)
OF_SCOPE = st.dictionaries(st.sampled_from(SCOPED), LEAVES, max_size=3)
FIELDS = ("agent", "state", "secrets", "customPayload", "setup_test", "sync_id")
REQUESTS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING | VALUES | OF_SCOPE, max_size=6)

OURS = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def assert_answered(w: World, body: bytes) -> None:
    """Check that the answer has the protocol's form: a success, or a failure of the caller's or LangSmith's."""
    answer = w.post("/fivetran", body)
    said = json.loads(answer.data)
    assert answer.status_code in (200, 400, 401, 403, 502, 503), said
    assert answer.status_code == 200 or said.keys() == {"errorMessage"}
    if answer.status_code == 200:
        assert len(json.dumps(said["state"])) < 65_536
    if answer.status_code >= 500:
        assert "LangSmith" in said["errorMessage"]


@OURS
@given(body=st.binary(max_size=200) | REQUESTS.map(json.dumps).map(str.encode))
def test_any_body_is_answered(world: Callable[..., World], body: bytes) -> None:
    """The target answers bytes of any kind, and JSON of any shape in any field."""
    assert_answered(_small(world), body)


@OURS
@given(
    value=st.tuples(st.sampled_from([key.name for key in KEYS]), ANYTHING), place=st.sampled_from(["secrets", "customPayload"])
)
def test_any_value_of_any_key_is_taken_or_refused_by_name(
    world: Callable[..., World], value: tuple[str, Any], place: str
) -> None:
    """Any value of any key is taken, or is a 400 that begins with the key or with `body`."""
    w = _small(world)
    answer = w.post("/fivetran", json.dumps({"state": {}, place: dict([value])}).encode())
    if answer.status_code == 400:
        assert answer.get_json()["errorMessage"].split(":")[0] in {value[0], "body"}
    else:
        assert answer.status_code == 200, answer.get_json()


ABSURD = [
    *(("MAX_SECONDS", value) for value in ("0", "-1", "nan", "inf", "1e308", 10**9, 1e308, float("nan"))),
    *(("MAX_RESPONSE_MB", value) for value in ("0", "-0.5", "nan", "inf", "1e308", 10**9)),
    *(("PAGE_SIZE", value) for value in ("0", "-1", "1.5", 10**9, "1" * 5_000, 10**400, True)),
    *(("START_TIME", value) for value in ("0001-01-01", "9999-12-31", "1969-12-31T23:59:59Z", "2101-01-01", 0)),
]


@pytest.mark.parametrize(("key", "value"), ABSURD)
@pytest.mark.parametrize("setup_test", [True, False])
def test_an_absurd_bound_is_refused_by_name(world: Callable[..., World], key: str, value: Any, *, setup_test: bool) -> None:
    """An absurd bound is a 400 that begins with its key. It comes before any request."""
    w = world()
    answer = w.post("/fivetran", json.dumps({"setup_test": setup_test, "customPayload": {key: value}}).encode())
    assert (answer.status_code, answer.get_json()["errorMessage"].split(":")[0]) == (400, key)
    assert w.sim.requests == []


@pytest.mark.parametrize("key", ["PROJECTS_EXCLUDE", "EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS"])
def test_a_list_of_megabytes_is_refused(world: Callable[..., World], key: str) -> None:
    """A list of megabytes is a 400 before any request: reading its names or places would take the call's time."""
    w = world()
    for text in ("[" * 1_000_000, ",".join(map(str, range(200_000)))):
        answer = w.post("/fivetran", json.dumps({"secrets": {key: text}}).encode())
        assert (answer.status_code, answer.get_json()["errorMessage"].split(":")[0]) == (400, key)
    assert w.sim.requests == []


@cache
def _small(world: Callable[..., World]) -> World:
    """Make a workspace that takes little time to read, once for all examples."""
    w = world("smithdb")
    w.workspace.add_run(w.workspace.add_project("p"))
    return w
