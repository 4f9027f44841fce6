"""Tests of how a connection calls: what it sends, when it stops, and how it counts. Not here: what goes wrong (test_repeats)."""

from __future__ import annotations

from typing import Any

import pytest

from fivetran_model import CallFailed, Fivetran, ProtocolViolation, Summary, listed, nested, wire
from fivetran_model.samples import GOOD, KEY, WHOLE, PreparedFunction, answer, failure, served


def sent(**fields: Any) -> dict[str, Any]:
    """Return the request of one step with these fields."""
    reciter = PreparedFunction([answer()])
    Fivetran(reciter).step(**fields)
    return reciter.requests[0]


def test_a_sync_calls_until_nothing_is_left() -> None:
    """The whole source is in the table, and the summary counts what came."""
    fivetran = Fivetran(served)
    summary = fivetran.sync(secrets=KEY)
    assert fivetran.tables == WHOLE
    assert (summary.calls, summary.rows, summary.deletes, summary.empties) == (4, {"person": 7}, {}, 0)
    assert fivetran.states == [{}, {"at": 2}, {"at": 4}, {"at": 6}, {"at": 7}]


def test_a_summary_keeps_the_largest_sizes() -> None:
    """Bytes are those of the largest answer and of the largest state, rows and deletes are sums."""
    heavy = answer(state={"at": 100}, hasMore=True, delete={"run": [{"run_id": "b"}]})
    light = answer(insert={}, state={"at": 2}, hasMore=True)
    last = answer(state={"at": 3})
    summary = Fivetran(PreparedFunction([heavy, light, last])).sync()
    assert summary == Summary(3, {"run": 2}, {"run": 1}, len(heavy.content), len('{"at":100}'), 1)


def test_the_next_sync_goes_on_from_the_state() -> None:
    """A call sends the state that the last answer gave."""
    reciter = PreparedFunction([answer(state={"at": 1}, hasMore=True), answer(state={"at": 2}), answer(state={"at": 3})])
    fivetran = Fivetran(reciter)
    fivetran.sync()
    fivetran.sync()
    assert [request["state"] for request in reciter.requests] == [{}, {"at": 1}, {"at": 2}]


def test_a_full_request_has_the_documented_members() -> None:
    """Secrets and payload travel as they were given, under the names of the protocol."""
    assert sent(secrets=KEY, custom_payload={"PAGE_SIZE": "50"}, sync_id="s", agent="a") == {
        "agent": "a",
        "state": {},
        "secrets": KEY,
        "customPayload": {"PAGE_SIZE": "50"},
        "sync_id": "s",
    }


def test_every_member_but_state_can_be_left_out() -> None:
    """None leaves a member out; agent and sync_id are sent unless they are left out."""
    assert sent(agent=None, sync_id=None) == {"state": {}}
    assert sent() == {"agent": wire.AGENT, "state": {}, "sync_id": wire.SYNC_ID}


@pytest.mark.parametrize(
    ("secrets", "travels"),
    [(KEY, KEY), (nested(KEY), {"langsmith": KEY}), (listed(KEY), [{"key": "API_KEY", "value": "the-right-key"}])],
)
def test_secrets_travel_in_any_shape(secrets: object, travels: object) -> None:
    """Flat, nested, or a list of pairs."""
    assert sent(secrets=secrets)["secrets"] == travels


@pytest.mark.parametrize("shape", [dict, nested, listed])
def test_a_secret_is_recognised_in_any_shape(shape: Any) -> None:
    """An answer that repeats a key is refused however the key was sent."""
    fivetran = Fivetran(PreparedFunction([answer(state={"at": KEY["API_KEY"]})]))
    with pytest.raises(ProtocolViolation, match=r"^no-secret: the value of API_KEY"):
        fivetran.step(secrets=shape(KEY))


def test_a_setup_test_moves_nothing() -> None:
    """It sends setup_test and the present state, and leaves state and tables."""
    reciter = PreparedFunction([answer(), answer(insert={}, state={"at": 9})])
    fivetran = Fivetran(reciter)
    fivetran.step()
    before = (fivetran.state, dict(fivetran.tables))
    assert fivetran.setup_test().is_empty
    assert (fivetran.state, fivetran.tables, fivetran.states) == (*before, [{}, {"at": 1}])
    assert (reciter.requests[1]["setup_test"], reciter.requests[1]["state"]) == (True, {"at": 1})
    assert "setup_test" not in reciter.requests[0]


def test_a_setup_test_shows_the_schema() -> None:
    """The schema that a setup test declares is compared with the first sync's."""
    fivetran = Fivetran(PreparedFunction([answer(insert={}), answer(schema={"run": {"primary_key": ["run_id"]}}, softDelete=[])]))
    fivetran.setup_test()
    with pytest.raises(ProtocolViolation, match=r"^schema-constant: example "):
        fivetran.step()


def test_a_refused_key_is_a_failed_call() -> None:
    """A setup test fails as a sync does."""
    with pytest.raises(CallFailed, match=r"^401: API_KEY"):
        Fivetran(served).setup_test(secrets={"API_KEY": "wrong"})


def test_empty_answers_are_counted_in_a_row() -> None:
    """A row, and the end of a sync, reset the count."""
    empties = [answer(insert={}, state={"at": n}, hasMore=True) for n in range(9)]
    end = answer(insert={}, state={"at": 9})
    fivetran = Fivetran(PreparedFunction([*empties, answer(hasMore=True), *empties, end, *empties, end]))
    assert fivetran.sync().empties == 19
    assert fivetran.sync().empties == 10


def test_the_calls_of_each_sync_are_counted_alone() -> None:
    """A sync after an unfinished one may make all its calls."""
    more = [answer(state={"at": n}, hasMore=True) for n in range(1, 5)]
    fivetran = Fivetran(PreparedFunction([*more[:2], failure(errorMessage="x"), *more[2:], answer()]), calls_max=3)
    with pytest.raises(CallFailed):
        fivetran.sync()
    assert fivetran.sync().calls == 3


def test_the_good_answer_is_good_without_terms() -> None:
    """The caller's columns are optional: the base of all cases passes with and without them."""
    fivetran = Fivetran(PreparedFunction([answer()]))
    fivetran.sync()
    assert fivetran.state == GOOD["state"]
