"""Tests of faces.fivetran: requests read and answers written, as whole bodies. Not here: Fivetran's side (fivetran_model)."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync.states import STATES

from destinations.files import LATE
from langsmith_core.errors import ConfigError
from langsmith_core.faces import fivetran
from langsmith_core.records import json_text, rows
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import parse
from langsmith_core.streams.registry import PROJECT, RUN, SCHEMA, SOFT_DELETE, TABLES
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from samples import encoded

STATE_BYTES = 64_000
FIXED = {"schema": SCHEMA, "softDelete": SOFT_DELETE}
# What Fivetran may send, and what it means: state, values, setup test, sync id.
REQUESTS: list[tuple[Any, tuple[Any, dict[str, Any], bool, str]]] = [
    ({}, (None, {}, False, "")),
    ({"state": {}}, ({}, {}, False, "")),
    ({"state": None}, (None, {}, False, "")),
    ({"state": {"a": 1}, "agent": "x", "unknown": [1]}, ({"a": 1}, {}, False, "")),
    ({"state": "text"}, ("text", {}, False, "")),
    ({"secrets": {"A": "1"}, "customPayload": {"B": 2}}, (None, {"A": "1", "B": 2}, False, "")),
    ({"secrets": {"A": "secret"}, "customPayload": {"A": "custom"}}, (None, {"A": "secret"}, False, "")),
    ({"secrets": {"langsmith": {"A": "1"}}}, (None, {"A": "1"}, False, "")),
    ({"secrets": [{"key": "A", "value": "1"}]}, (None, {"A": "1"}, False, "")),
    ({"secrets": None, "customPayload": None}, (None, {}, False, "")),
    ({"secrets": "text", "customPayload": 5}, (None, {}, False, "")),
    ({"setup_test": True}, (None, {}, True, "")),
    ({"setup_test": "true"}, (None, {}, True, "")),
    ({"setup_test": False}, (None, {}, False, "")),
    ({"setup_test": "false"}, (None, {}, False, "")),
    ({"setup_test": None}, (None, {}, False, "")),
    ({"sync_id": "5f0c4dfe-93c1-4c5e-8d5e-0b6a3b2f9a10"}, (None, {}, False, "5f0c4dfe-93c1-4c5e-8d5e-0b6a3b2f9a10")),
    ({"sync_id": "x" * 1000}, (None, {}, False, "x" * 64)),
    ({"sync_id": None}, (None, {}, False, "")),
    ({"sync_id": 5}, (None, {}, False, "5")),
]


@pytest.mark.parametrize(("body", "request_"), REQUESTS)
def test_every_request_that_fivetran_may_send(body: Any, request_: tuple[Any, dict[str, Any], bool, str]) -> None:
    """All but the state is optional, secrets win over the custom payload, and unknown fields are ignored."""
    found = fivetran.parse(json.dumps(body).encode())
    assert (found.state, found.values, found.setup_test, found.sync_id) == request_


def test_an_empty_body_is_an_empty_request() -> None:
    """An empty body starts from the beginning."""
    assert fivetran.parse(b"") == fivetran.parse(b"{}")


BROKEN = [b"text", b"{", b'{"state": }', b"\xff", b"[" * 100_000, b'{"state":' * 100_000, b"1" * 5_000]
NO_OBJECTS = [b"[]", b"null", b"1", b'"text"', b"true", b'[{"state": {}}]']


@pytest.mark.parametrize("body", BROKEN + NO_OBJECTS)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    """Any other body is a 400 that says what to send, and repeats nothing of what was sent."""
    with pytest.raises(ConfigError, match=r"^body: not .*; send \{\"state\": \{\}, \"secrets\": \{\.\.\.\}\}") as caught:
        fivetran.parse(body)
    assert (caught.value.status, len(str(caught.value)) < 120) == (400, True)


def batch(*names: str, more: bool = True) -> Batch:
    """Return a batch with projects of these names."""
    found = [rows.to_row(PROJECT, encoded({"id": f"{n}", "name": name}), {}) for n, name in enumerate(names)]
    lines = {row["project_id"]: rows.encode(row) for row in found}
    return Batch(State(source="s"), {PROJECT.name: lines}, has_more=more)


@pytest.mark.parametrize("more", [True, False])
def test_an_answer_is_this(more: bool) -> None:
    """An answer has the state, rows by table, deletions, the complete schema, a real boolean and the soft-deleted tables."""
    found = json.loads(fivetran.answer(batch("a", "b", more=more)))
    row = dict.fromkeys(column.name for column in PROJECT.columns) | {"is_experiment": False}
    assert found == {
        "state": {"version": 2, "source": "s"},
        "insert": {
            "langsmith_project": [
                {**row, "project_id": "0", "name": "a", "raw": '{"id":"0","name":"a"}'},
                {**row, "project_id": "1", "name": "b", "raw": '{"id":"1","name":"b"}'},
            ]
        },
        "delete": {},
        "hasMore": more,
        **FIXED,
    }
    assert isinstance(found["hasMore"], bool)


def test_an_answer_without_rows_has_the_same_shape() -> None:
    """Nothing to insert is an empty object, and tables without rows are not named."""
    for empty in (Batch(State(source="s")), Batch(State(source="s"), {PROJECT.name: {}, RUN.name: {}})):
        found = json.loads(fivetran.answer(empty))
        assert (found["insert"], found["delete"], found["hasMore"]) == ({}, {}, True)
        assert {name: found[name] for name in FIXED} == FIXED


def test_deletions_are_keys() -> None:
    """A deletion gives only the primary key. Tables without deletions are not named."""
    one = batch("a")
    one.deletes = {PROJECT.name: {"gone": parse(LATE), "also": parse(LATE)}, "langsmith_dataset": {}}
    assert json.loads(fivetran.answer(one))["delete"] == {"langsmith_project": [{"project_id": "gone"}, {"project_id": "also"}]}


def test_json_columns_are_text_and_numbers_stay_exact() -> None:
    """A JSON column is text whatever it holds, a cost keeps all its digits, and nothing is encoded twice."""
    record = b'{"id":"1","inputs":{"a":123456789012345678901234567890},"total_cost":"0.000000000000000001","tags":["x"]}'
    row = rows.to_row(RUN, json_text.strict(record, 1), {})
    text = fivetran.answer(Batch(State(source="s"), {RUN.name: {"1": rows.encode(row)}}))
    (found,) = json.loads(text, parse_float=str)["insert"][RUN.name]
    assert (found["inputs"], found["tags"], found["total_cost"]) == ('{"a":123456789012345678901234567890}', '["x"]', "1E-18")


@given(STATES)
def test_the_state_that_comes_back_is_the_one_that_was_sent(one: State) -> None:
    """An answer's state, sent back in a request, is the same state."""
    answered = json.loads(fivetran.answer(Batch(one)))["state"]
    request = fivetran.parse(json.dumps({"state": answered}).encode())
    assert state_json.load(request.state, one.source) == one


@given(st.integers(1, 100_000_000))
def test_rows_leave_room_for_the_rest_of_the_answer(bytes_max: int) -> None:
    """An answer reserves bytes for state and schema: a quarter of a small one, the largest state of a usual one."""
    room = fivetran.rows_bytes_max(bytes_max)
    assert 1 <= room <= bytes_max
    assert bytes_max < 1_000_000 or bytes_max - room > STATE_BYTES + len(json.dumps(FIXED)) + 100 * len(TABLES)


def test_a_full_answer_keeps_the_bound() -> None:
    """As many rows as allowed and the largest state stay below MAX_RESPONSE_MB together."""
    room = fivetran.rows_bytes_max(8_000_000)
    row = b'{"project_id":"' + b"x" * 900 + b'"}'
    lines = {str(n): row for n in range(room // (len(row) + 1))}
    largest = State(source="s", projects=Ids(str(UUID(int=number)) for number in range(STATE_BYTES // 20 - 10)))
    assert 60_000 < len(state_json.dump(largest)) < STATE_BYTES
    assert len(fivetran.answer(Batch(largest, dict.fromkeys(["langsmith_project"], lines)))) <= 8_000_000


@pytest.mark.parametrize("handed", [{}, {"version": 1, "source": "s"}, {"anything": [1]}])
def test_a_setup_test_moves_nothing(handed: dict[str, Any]) -> None:
    """A setup test returns the given state, no rows, and nothing more to come."""
    text = fivetran.setup_answer(handed)
    assert json.loads(text) == {"state": handed, "insert": {}, "delete": {}, "hasMore": False, **FIXED}
    assert len(text) < 4_000


@pytest.mark.parametrize("handed", [None, [], "text", 5])
def test_a_setup_test_always_answers_an_object_as_state(handed: Any) -> None:
    """Fivetran expects an object in every answer."""
    assert json.loads(fivetran.setup_answer(handed))["state"] == {}


def test_a_setup_test_of_an_old_connection_is_small() -> None:
    """A setup test answers under 4 KB, whatever state Fivetran sends with it."""
    assert len(fivetran.setup_answer({"projects": ["p" * 36] * 1_000})) < 4_096


@pytest.mark.parametrize("levels", [*range(800, 1_000, 3), 2_000])
def test_secrets_of_any_depth_are_read_or_refused(levels: int) -> None:
    """Deeply nested secrets are refused with a 400; less deep ones are read. Neither is a 500."""
    try:
        found = fivetran.parse(b'{"secrets":' + b'{"a":' * levels + b"1" + b"}" * (levels + 1))
    except ConfigError:
        return
    assert found.values == {"a": 1}
