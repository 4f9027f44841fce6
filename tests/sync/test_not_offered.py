"""Streams that LangSmith refuses, on canned answers. Not here: a LangSmith that refuses one (simulation/test_failing)."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import DAY, HOUR, done
from sync.scripted import Source, read

from langsmith_core.calls import Call
from langsmith_core.errors import CredentialsError, GoneError, SyncError
from langsmith_core.sync.state import State
from samples import NOW

CONFIGS = "langsmith_feedback_config"
PATH = "/api/v1/feedback-configs"
REFUSALS: tuple[SyncError, ...] = (CredentialsError("not allowed", 403), GoneError("no such page"))
every_refusal = pytest.mark.parametrize("error", REFUSALS, ids=["403", "404"])


def refusing(error: SyncError) -> Callable[[Call], Any]:
    """An endpoint that refuses every question."""

    def answer(_: Call) -> Any:
        raise error

    return answer


def left_out(at: int) -> State:
    """The state after a sync that began so many hours ago, and left the configurations out."""
    return replace(done(NOW - at * HOUR), not_offered=(CONFIGS,))


@every_refusal
def test_a_refused_stream_is_left_out_of_the_look(error: SyncError) -> None:
    """The look ends as if the stream were off; nothing waits to be tried again. The state names its table."""
    *_, last = read(Source({PATH: refusing(error)}), done(NOW - HOUR))
    assert (last.has_more, last.state.done_to, last.state.later) == (False, NOW, ())
    assert last.state.not_offered == (CONFIGS,)


def test_a_stream_that_was_left_out_is_not_asked_for_until_the_daily_pass() -> None:
    """A look within the day spends no request on it. The daily pass asks, and forgets the refusal."""
    *_, last = read(source := Source({}), left_out(2))
    assert ("feedback-configs" in source.paths(), last.state.not_offered) == (False, (CONFIGS,))
    *_, last = read(source := Source({}), left_out(25))
    assert (source.paths().count("feedback-configs"), last.state.not_offered) == (1, ())


def test_another_configuration_asks_for_it_again() -> None:
    """Whoever has changed the configuration sees at once whether that helped."""
    *_, last = read(source := Source({}), left_out(2), START_TIME="2026-01-01T00:00:00Z")
    assert (source.paths().count("feedback-configs"), last.state.not_offered) == (1, ())


def test_a_key_that_may_read_nothing_leaves_nothing_out() -> None:
    """Where the list of projects is refused as well, it is the key that is bad, and the call fails."""
    refused = refusing(CredentialsError("not allowed", 403))
    state = done(NOW - DAY / 2)
    served = Source({PATH: refused})
    first = served.answers["/api/v1/sessions"]
    served.answers["/api/v1/sessions"] = lambda call: refused(call) if dict(call.query).get("limit") == "1" else first(call)
    *_, last = read(served, state)
    assert (last.state.not_offered, last.state.done_to) == ((), state.done_to)
    with pytest.raises(CredentialsError):
        read(served, last.state)


@every_refusal
def test_a_stream_that_is_not_optional_is_never_left_out(error: SyncError) -> None:
    """A list of datasets that is refused fails the call."""
    with pytest.raises(type(error)):
        read(Source({"/api/v1/sessions": refusing(error)}), done(NOW - HOUR))
