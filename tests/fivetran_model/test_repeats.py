"""Tests that a failed, dying or lost call leaves nothing behind, and that repeats change nothing, in whole tables."""

from __future__ import annotations

import json

import pytest

from fivetran_model import CallFailed, Fivetran, ProtocolViolation, Reply
from fivetran_model.samples import KEY, ROW, WHOLE, PreparedFunction, answer, failure, served


def test_a_failed_call_moves_nothing() -> None:
    """The failure is raised with status and message; what came before it stays, and the next sync goes on."""
    reciter = PreparedFunction([answer(hasMore=True), failure(503, errorMessage="try later"), answer(state={"at": 2})])
    fivetran = Fivetran(reciter)
    with pytest.raises(CallFailed, match=r"^503: try later$") as caught:
        fivetran.sync()
    assert (caught.value.status, caught.value.message) == (503, "try later")
    assert (fivetran.state, fivetran.tables["run"]) == ({"at": 1}, {("a",): ROW})
    fivetran.sync()
    assert [request["state"] for request in reciter.requests] == [{}, {"at": 1}, {"at": 1}]


def test_a_call_that_dies_moves_nothing() -> None:
    """An error of the transport comes through as it is."""

    def dying(body: bytes) -> Reply:
        raise ConnectionResetError(len(body))

    fivetran = Fivetran(dying)
    with pytest.raises(ConnectionResetError):
        fivetran.sync()
    assert (fivetran.state, fivetran.states, fivetran.tables) == ({}, [{}], {})


@pytest.mark.parametrize("calls", range(5))
def test_a_lost_answer_changes_nothing_in_the_end(calls: int) -> None:
    """Lost after any number of calls, the answer is asked for again: the final tables are the same."""
    fivetran = Fivetran(served)
    for _ in range(calls):
        fivetran.step(secrets=KEY)
    before = (fivetran.state, list(fivetran.states), json.dumps([list(table.values()) for table in fivetran.tables.values()]))
    fivetran.lose_answer(secrets=KEY)
    rows = json.dumps([list(table.values()) for table in fivetran.tables.values()])
    assert (fivetran.state, fivetran.states, rows) == before
    fivetran.sync(secrets=KEY)
    assert fivetran.tables == WHOLE


def test_a_lost_answer_still_keeps_the_rules() -> None:
    """A violation is refused even where its answer is lost; a lost failure is not raised."""
    fivetran = Fivetran(PreparedFunction([failure(errorMessage="x"), answer(hasMore="no")]))
    fivetran.lose_answer()
    with pytest.raises(ProtocolViolation, match=r"^has-more-boolean: "):
        fivetran.lose_answer()


@pytest.mark.parametrize("index", range(5))
def test_replaying_any_state_ends_in_the_same_tables(index: int) -> None:
    """An older state repeats rows; upserts make the repeat invisible."""
    fivetran = Fivetran(served)
    fivetran.sync(secrets=KEY)
    fivetran.replay(fivetran.states[index])
    fivetran.sync(secrets=KEY)
    assert fivetran.tables == WHOLE


@pytest.mark.parametrize(("null", "state"), [(False, {}), (True, None)])
def test_a_resync_begins_again(null: bool, state: object) -> None:
    """The empty state is sent as {} or null; the tables stay and end the same."""
    fivetran = Fivetran(served)
    fivetran.sync(secrets=KEY)
    fivetran.resync(null=null)
    assert (fivetran.state, fivetran.tables) == (state, WHOLE)
    assert fivetran.sync(secrets=KEY).calls == 4
    assert fivetran.tables == WHOLE


def test_a_null_state_counts_as_empty() -> None:
    """Answering {} to null with hasMore true is no progress."""
    fivetran = Fivetran(PreparedFunction([answer(state={}, hasMore=True)]))
    fivetran.resync(null=True)
    with pytest.raises(ProtocolViolation, match=r"^progress: "):
        fivetran.step()
