"""Requests begun beside the work of a call: in threads, at once, and as the first attempt of a call."""

from contextvars import ContextVar
from threading import Event, current_thread

import pytest
import requests

from langsmith_client.scripted import GET, Answer, world
from langsmith_core.calls import Start
from langsmith_core.errors import GoneError, UpstreamError
from langsmith_core.langsmith.retries import ATTEMPTS_MAX
from langsmith_core.langsmith.under_way import at_once, in_thread

FIELD: ContextVar[str] = ContextVar("field", default="none")


def test_work_in_a_thread_runs_beside_its_caller() -> None:
    """It waits for what the caller does later. The thread keeps no process from ending."""
    gate = Event()

    def work() -> bool:
        return gate.wait(60) and current_thread().daemon

    begun = in_thread(work)
    assert not begun.done()
    gate.set()
    assert begun.result(60)


@pytest.mark.parametrize("start", [in_thread, at_once])
def test_work_has_the_context_of_its_caller(start: Start) -> None:
    """The fields of log lines, and the secrets that are masked, are the call's own."""
    token = FIELD.set("ours")
    try:
        assert start(FIELD.get).result(60) == "ours"
    finally:
        FIELD.reset(token)


@pytest.mark.parametrize("start", [in_thread, at_once])
def test_what_work_raises_is_raised_by_whoever_asks(start: Start) -> None:
    """Nothing is lost, and nothing is raised before."""

    def work() -> None:
        raise GoneError("gone")

    begun = start(work)
    with pytest.raises(GoneError, match="gone"):
        begun.result(60)


def test_an_attempt_that_has_begun_is_the_first_of_its_call() -> None:
    """Its answer is the call's answer, without another request."""
    w = world(Answer(body=b"[1]"))
    begun = w.client.begin(GET)
    assert w.client.fetch(GET, begun).body == b"[1]"
    assert (w.client.sent, w.client.retries) == (1, 0)


def test_a_begun_attempt_that_fails_is_retried() -> None:
    """The call makes as many attempts as without it, and waits between them alike."""
    w = world(Answer(503))
    begun = w.client.begin(GET)
    with pytest.raises(UpstreamError, match="unavailable"):
        w.client.fetch(GET, begun)
    assert (w.client.sent, w.client.retries) == (ATTEMPTS_MAX, ATTEMPTS_MAX - 1)
    assert len(w.clock.slept) == ATTEMPTS_MAX - 1


def test_a_begun_attempt_may_pass_at_the_second_try() -> None:
    """A connection that broke is nothing that the call tells of."""
    w = world(requests.ConnectionError(), Answer(body=b"[2]"))
    begun = w.client.begin(GET)
    assert w.client.fetch(GET, begun).body == b"[2]"
    assert (w.client.sent, w.client.retries) == (2, 1)
