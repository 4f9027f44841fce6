"""Questions asked ahead: they are under way before their turn, so that their answers are here when it comes.

The engine still takes one task after another, in the agenda's order. So what it delivers and the state do not depend on when an
answer arrived.

Here: how many are under way, and handing out their answers. Not here: which questions come next (coming), or sending (langsmith).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.calls import Call, Reply, Source
from langsmith_core.settings.config import Settings
from langsmith_core.sync.coming import Question
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

AHEAD_MAX = 15
"""Questions under way beside the one whose turn it is."""
BYTES_MAX = 128_000_000
"""Bytes of the rows that answers under way may become. The answers themselves take about half of it."""
SHARE = 16
"""The same for a small batch: so many times its size."""
LEAST_SECONDS = 0.001
"""What a page takes at least beside its request."""
FRESH = timedelta(minutes=1)
"""How long an answer may wait for the next call. Fivetran calls again at once."""


class UnderWay(Struct, frozen=True):
    """A call that has begun, with the rows asked for and the bytes that they may become. `own`: this pass has begun it."""

    call: Call
    limit: int
    size: int
    reply: Future[Reply]
    own: bool = True


class Ahead:
    """The questions that a pass has under way. It measures how many are worth it.

    `depth`: while one answer is worked on, so many others can be on their way. It is the time that an answer takes, in units
    of the work on a page or of the pace, whichever is longer. `seconds` is what the last answer took, `worked` the
    work on the page before. `row_seconds` is the work on one run, by the last page that had some; 0 while nobody knows it.
    `rows` are the runs of the page at work. `given_up` are requests whose answers nobody waits for any more.
    """

    def __init__(self, source: Source, now: Callable[[], datetime], bytes_max: int, before: Ahead | None = None) -> None:
        self._source, self._now = source, now
        self._bytes_max = min(BYTES_MAX, SHARE * bytes_max)
        self.under_way: list[UnderWay] = [replace(one, own=False) for one in before.under_way] if before else []
        self.given_up: list[Future[Reply]] = list(before.given_up) if before else []
        self._answered_at: datetime | None = None
        self._gap = 0.0
        self.worked: float = before.worked if before else 0.0
        self.depth: int = before.depth if before else 1
        self.row_seconds: float = before.row_seconds if before else 0.0
        self.rows = 0
        self.seconds: float = before.seconds if before else 0.0
        self.requests = 0

    def limit(self, question: Question) -> int:
        """Return the rows that a question asks for: as it is under way, or else as planned."""
        found = self._found(question)
        return found.limit if found else question.limit

    def fetch(self, call: Call) -> Reply:
        """Return the answer to a call, with all its retries. Raises SyncError."""
        began, first = self._now(), self._taken(call)
        self.requests += first is None
        reply = self._source.fetch(call, first)
        self._measure(reply, began)
        return reply

    def begin(self, call: Call, limit: int, coming: Iterable[Question]) -> None:
        """Begin a call whose turn it is, if others come behind it, and then those that are worth it."""
        questions = list(islice(coming, self.depth))
        if questions and not any(one.call == call for one in self.under_way):
            self._start(call, limit, 0)
        for question in questions:
            if len(self.under_way) <= self.depth and not self._found(question):
                self._start_fitting(question, AHEAD_MAX + 1)

    def plan(self, coming: Iterable[Question]) -> None:
        """Begin the next questions, as many as are worth it. What is under way and does not come soon is given up."""
        kept: list[UnderWay] = []
        self.given_up = [reply for reply in self.given_up if not reply.done()]
        for question in islice(coming, AHEAD_MAX):
            if len(kept) >= max(self.depth, len(self.under_way)):
                break
            one = self._found(question)
            if one is None and len(kept) < self.depth:
                one = self._start_fitting(question, AHEAD_MAX)
            if one and one not in kept:
                kept.append(one)
        self.given_up += [one.reply for one in self.under_way if one not in kept]
        self.under_way = kept

    def _start_fitting(self, question: Question, most: int) -> UnderWay | None:
        """Begin a question if its answer has room beside those under way; None where it has none, or asks nothing.

        What was given up is still on its way: it counts among the `most` requests at once until it is answered.
        """
        call, taken = question.ask(question.limit), sum(one.size for one in self.under_way)
        at_once = sum(not reply.done() for reply in (*self.given_up, *(one.reply for one in self.under_way)))
        fits = at_once < most and (not self.under_way or taken + question.size <= self._bytes_max)
        return self._start(call, question.limit, question.size) if fits and isinstance(call, Call) else None

    def keep(self, call: Call, limit: int, reply: Reply) -> None:
        """Keep an answer whose page had no room. Its turn comes again in the next batch."""
        future: Future[Reply] = Future()
        future.set_result(reply)
        self.under_way.insert(0, UnderWay(call, limit, len(reply.body), future))

    def _taken(self, call: Call) -> Future[Reply] | None:
        """Take out a call's first attempt. A failure of an earlier call does not count: that call's time was over, perhaps."""
        found = next((one for one in self.under_way if one.call == call), None)
        if found is None:
            return None
        self.under_way.remove(found)
        return found.reply if found.own or not found.reply.exception() else None

    def _found(self, question: Question) -> UnderWay | None:
        """Find what is under way for a question, whatever its limit."""
        asked = {limit: question.ask(limit) for limit in {one.limit for one in self.under_way}}
        return next((one for one in self.under_way if one.call == asked[one.limit]), None)

    def _start(self, call: Call, limit: int, size: int) -> UnderWay:
        self.requests += 1
        begun = UnderWay(call, limit, size, self._source.begin(call))
        self.under_way.append(begun)
        return begun

    def note_work(self, now: datetime) -> None:
        """Note the time since the last answer: that of the work on its page."""
        if self._answered_at:
            self.worked, self._answered_at = (now - self._answered_at).total_seconds(), None
            self.row_seconds, self.rows = self.worked / self.rows if self.rows else self.row_seconds, 0

    def pages_at_once(self, rows: int) -> int:
        """Count the pages of `rows` runs that are worked on while one answer comes; AHEAD_MAX at most."""
        return self._worth(self.seconds, rows * self.row_seconds)

    def _measure(self, reply: Reply, began: datetime) -> None:
        """Count how many answers can arrive while one is worked on."""
        self.note_work(began)
        self._answered_at, self.seconds, self._gap = self._now(), reply.seconds, reply.gap
        self.depth = self._worth(reply.seconds, self.worked)

    def _worth(self, seconds: float, work: float) -> int:
        return max(1, min(AHEAD_MAX, ceil(seconds / max(work, self._gap, LEAST_SECONDS) - 0.01)))


class Kept:
    """What the last call of this process had under way, for a call that goes on exactly where that one ended."""

    def __init__(self) -> None:
        self._kept: tuple[object, datetime | None, Ahead | None] = (None, None, None)

    def of(self, settings: Settings, state: State, now: datetime) -> Ahead | None:
        """Give what is under way for this state. It is given once."""
        (place, since, ahead), self._kept = self._kept, (None, None, None)
        fresh = since is not None and since <= now <= since + FRESH
        return ahead if fresh and place == (settings, dump(state)) else None

    def keep(self, settings: Settings, state: State, now: datetime, ahead: Ahead) -> None:
        """Keep what a call that ends with this state has under way."""
        ahead.note_work(now)
        self._kept = ((settings, dump(state)), now, ahead) if ahead.under_way else (None, None, None)
