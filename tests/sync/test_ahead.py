"""Questions asked ahead of their turn: how many are under way, whose answers are used, and what a later call may use."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from sync.looks import SOURCE

from langsmith_core.calls import Call, Reply
from langsmith_core.errors import UpstreamError
from langsmith_core.sync.ahead import AHEAD_MAX, FRESH, Ahead, Kept
from langsmith_core.sync.coming import Question
from langsmith_core.sync.state import State
from samples import NOW, settings

MB = 10**6


def call(number: int, limit: int = 100) -> Call:
    """The question for a page, which names its limit as every endpoint's does."""
    return Call("GET", "/page", query=(("offset", str(number)), ("limit", str(limit))))


def pages(*numbers: int, limit: int = 100, size: int = 1) -> Iterator[Question]:
    """Questions for these pages."""

    def question(number: int) -> Question:
        return Question(lambda rows: call(number, rows), limit, size)

    return map(question, numbers)


class Slow:
    """A source whose answers come when the test says so, each `seconds` after its request."""

    def __init__(self, seconds: float = 0.3, gap: float = 0.0) -> None:
        self.seconds, self.gap, self.now = seconds, gap, NOW
        self.begun: dict[str, Future[Reply]] = {}
        self.asked: list[tuple[Call, bool]] = []

    def begin(self, asked: Call) -> Future[Reply]:
        """An answer to come."""
        self.begun[asked.query[0][1]] = future = Future[Reply]()
        return future

    def fetch(self, asked: Call, begun: Future[Reply] | None = None) -> Reply:
        """The answer, or what the first attempt raised."""
        self.asked.append((asked, begun is not None))
        if begun and begun.done():
            return begun.result()
        self.now += timedelta(seconds=self.seconds)
        return self.reply(asked)

    def reply(self, asked: Call) -> Reply:
        """What is answered to a question."""
        return Reply(repr(asked.query).encode(), self.now, self.seconds, self.gap)

    def begin_download(self, address: str, bytes_max: int) -> Future[bytes]:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)

    def download(self, address: str, bytes_max: int) -> bytes:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)


def asking(source: Slow, worked: float = 0.1, bytes_max: int = 8 * MB, before: Ahead | None = None) -> Ahead:
    """What is under way after two pages, with so many seconds of work on the first one."""
    ahead = Ahead(source, lambda: source.now, bytes_max, before)
    ahead.fetch(call(-2))
    source.now += timedelta(seconds=worked)
    ahead.fetch(call(-1))
    return ahead


@pytest.mark.parametrize(
    ("seconds", "worked", "gap", "depth"),
    [
        (0.3, 0.1, 0.0, 3),
        (0.3, 0.25, 0.0, 2),
        (0.3, 0.001, 0.0, AHEAD_MAX),
        (0.0, 0.1, 0.0, 1),
        (0.3, 0.001, 1.0, 1),
        (3.0, 0.001, 1.0, 3),
    ],
)
def test_as_many_are_under_way_as_the_latency_and_the_pace_need(seconds: float, worked: float, gap: float, depth: int) -> None:
    """As many pages as are worked on, or as the pace allows, while one answer is on its way."""
    source = Slow(seconds, gap)
    ahead = asking(source, worked)
    ahead.plan(pages(*range(AHEAD_MAX + 5)))
    assert list(source.begun) == [str(number) for number in range(depth)]


def test_how_many_full_pages_are_worked_on_while_one_answer_comes() -> None:
    """The last page of runs tells, by its row. One without runs, which is worked on at once, tells nothing."""
    source = Slow(seconds=0.3)
    ahead = asking(source)
    ahead.rows = 10
    source.now += timedelta(seconds=0.1)
    ahead.fetch(call(0))
    assert [ahead.pages_at_once(rows) for rows in (1, 10, 20, 1_000)] == [AHEAD_MAX, 3, 2, 1]
    source.now += timedelta(seconds=0.001)
    ahead.fetch(call(1))
    assert (ahead.pages_at_once(10), ahead.depth) == (3, AHEAD_MAX)


def test_an_answer_that_was_begun_ahead_is_asked_for_once() -> None:
    """Its turn takes what is under way, and it counts as one request."""
    source = Slow()
    ahead = asking(source)
    ahead.plan(pages(0, 1))
    before = ahead.requests
    source.begun["0"].set_result(reply := source.reply(call(0)))
    assert ahead.fetch(call(0)) == reply
    assert source.asked[-1] == (call(0), True)
    assert ahead.requests == before
    ahead.fetch(call(7))
    assert (source.asked[-1], ahead.requests) == ((call(7), False), before + 1)


def test_a_failure_of_an_attempt_ahead_is_the_first_attempt_in_its_turn() -> None:
    """The source goes on from it with its retries: the same errors come out as without asking ahead."""
    source = Slow()
    ahead = asking(source)
    ahead.plan(pages(0))
    source.begun["0"].set_exception(UpstreamError("no page"))
    with pytest.raises(UpstreamError, match="no page"):
        ahead.fetch(call(0))


def test_a_page_under_way_keeps_the_size_it_was_asked_for_with() -> None:
    """A batch that has less room by then would plan fewer rows; the page is here already."""
    source = Slow()
    ahead = asking(source)
    (question,) = pages(3, limit=20)
    assert ahead.limit(question) == 20
    ahead.plan(pages(3, limit=50))
    assert ahead.limit(question) == 50


def test_what_no_longer_comes_is_given_up_and_what_comes_later_is_kept() -> None:
    """Fewer may be worth it now than when they were begun; those that still come soon stay under way."""
    source = Slow()
    ahead = asking(source)
    ahead.plan(pages(0, 1, 2))
    ahead.depth = 1
    ahead.plan(pages(5, 1, 2))
    assert list(source.begun) == ["0", "1", "2", "5"]
    assert [one.call for one in ahead.under_way] == [call(5), call(1), call(2)]


def test_what_was_given_up_counts_until_it_is_answered() -> None:
    """A request cannot be called back: beside fifteen unanswered ones nothing is begun ahead."""
    source = Slow()
    ahead = asking(source, 0.001)
    ahead.plan(pages(*range(AHEAD_MAX)))
    ahead.plan(pages(*range(AHEAD_MAX, 2 * AHEAD_MAX)))
    assert list(source.begun) == [str(number) for number in range(AHEAD_MAX)]
    source.begun["0"].set_result(source.reply(call(0)))
    ahead.begin(call(50), 100, pages(51))
    assert list(source.begun)[AHEAD_MAX:] == ["50", "51"]
    ahead.plan(pages(52))
    assert list(source.begun)[AHEAD_MAX:] == ["50", "51"]


def test_the_bytes_under_way_are_bounded() -> None:
    """By sixteen small batches. Two answers of six fit into that; one larger than all comes alone."""
    source = Slow()
    ahead = asking(source, 0.001, bytes_max=MB)
    ahead.plan(pages(*range(9), size=6 * MB))
    assert list(source.begun) == ["0", "1"]
    source = Slow()
    ahead = asking(source, 0.001, bytes_max=MB)
    ahead.plan(pages(*range(9), size=60 * MB))
    assert list(source.begun) == ["0"]


def test_a_question_in_its_turn_begins_before_those_behind_it() -> None:
    """So the pace serves it first. Where nothing comes behind it, nothing is begun ahead."""
    source = Slow()
    ahead = asking(source)
    ahead.begin(call(0), 100, pages(1, 2))
    assert list(source.begun) == ["0", "1", "2"]
    source = Slow()
    ahead = asking(source)
    ahead.begin(call(0), 100, pages())
    assert not source.begun


def test_an_answer_whose_page_had_no_room_is_kept() -> None:
    """The next batch takes it without asking again."""
    source = Slow()
    ahead = asking(source)
    ahead.keep(call(4, 30), 30, reply := source.reply(call(4, 30)))
    (question,) = pages(4)
    assert ahead.limit(question) == 30
    assert ahead.fetch(call(4, 30)) == reply


STATE = State(source=SOURCE)
OTHER = State(source=SOURCE, api="v2")


@pytest.mark.parametrize(
    ("given", "configuration", "later", "kept"),
    [
        (STATE, {}, timedelta(0), True),
        (STATE, {}, FRESH, True),
        (STATE, {}, FRESH * 1.01, False),
        (STATE, {}, -timedelta(seconds=1), False),
        (OTHER, {}, timedelta(0), False),
        (STATE, {"PAGE_SIZE": "3"}, timedelta(0), False),
    ],
)
def test_only_a_call_that_goes_on_at_once_from_the_same_place_gets_the_answers(
    given: State, configuration: dict[str, Any], later: timedelta, kept: bool
) -> None:
    """The same state, the same configuration, within a minute. They are given once."""
    under_way, ahead = Kept(), asking(Slow())
    ahead.plan(pages(0))
    under_way.keep(settings(), STATE, NOW, ahead)
    found = under_way.of(settings(**configuration), given, NOW + later)
    assert found is (ahead if kept else None)
    assert under_way.of(settings(), STATE, NOW) is None


def test_a_failure_of_an_earlier_call_is_asked_again() -> None:
    """Its time was over, perhaps. An answer that has come is used."""
    source = Slow()
    before = asking(source)
    before.plan(pages(0, 1))
    source.begun["0"].set_exception(UpstreamError("the time is over"))
    source.begun["1"].set_result(reply := source.reply(call(1)))
    ahead = Ahead(source, lambda: source.now, 8 * MB, before)
    assert ahead.fetch(call(0)).body == repr(call(0).query).encode()
    assert source.asked[-1] == (call(0), False)
    assert ahead.fetch(call(1)) == reply
    assert ahead.requests == 1
