"""A connection as Fivetran runs it: the state, the tables, and the loop of calls.

Here: what is sent, and what an answer changes. A call that fails, breaks a rule, raises, or loses its answer changes nothing. Not
here: the rules (`rules`), what an answer does to a table (`destination`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from fivetran_model import destination, wire
from fivetran_model.exchange import Columns, Exchange, Memory, Terms
from fivetran_model.rules import judge

State = dict[str, Any]


class CallFailed(Exception):  # noqa: N818 -- a proper answer of the protocol, not an error of the model
    """The function answered with a failure in the protocol's form."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Step:
    """What one answer brought."""

    has_more: bool
    rows: dict[str, int]
    deletes: dict[str, int]
    response_bytes: int
    state_bytes: int

    @property
    def is_empty(self) -> bool:
        """Whether it brought neither a row nor a delete."""
        return not self.rows and not self.deletes


@dataclass(frozen=True)
class Summary:
    """What one sync brought. Tables without a row or a delete are left out."""

    calls: int
    rows: dict[str, int]
    deletes: dict[str, int]
    response_bytes_max: int
    state_bytes_max: int
    empties: int


class Fivetran:
    """One connection to one function: `state`, `states` (all it has held, oldest first), `tables`, column `kinds`."""

    def __init__(
        self,
        call: wire.Call,
        *,
        response_bytes_max: int = 10_000_000,
        empties_max: int = 10,
        calls_max: int = 10_000,
        json_columns: Columns | None = None,
        timestamp_columns: Columns | None = None,
    ) -> None:
        self._call = call
        self._terms = Terms(response_bytes_max, empties_max, calls_max, json_columns or {}, timestamp_columns or {})
        self._empties = 0
        self._calls = 0
        self._schema: dict[str, Any] | None = None
        self.state: State | None = {}
        self.states: list[State] = [{}]
        self.tables: destination.Tables = {}
        self.kinds: dict[tuple[str, str], str] = {}

    def sync(self, **fields: Unpack[wire.Fields]) -> Summary:
        """Call until hasMore is false."""
        self._calls = 0
        steps = [self.step(**fields)]
        while steps[-1].has_more:
            steps.append(self.step(**fields))
        return summary(steps)

    def step(self, **fields: Unpack[wire.Fields]) -> Step:
        """Make exactly one call and apply its answer."""
        exchange = self._answered(fields)
        self._take(exchange)
        return _step(exchange)

    def setup_test(self, **fields: Unpack[wire.Fields]) -> Step:
        """Call for a setup test. State and tables stay."""
        return _step(self._answered(fields, setup_test=True))

    def lose_answer(self, **fields: Unpack[wire.Fields]) -> None:
        """Make one call and lose its answer, success or failure. The answer must keep the rules all the same."""
        self._judged(fields)

    def resync(self, *, null: bool = False) -> None:
        """Start over with an empty state, as `{}` or as null. The tables stay, as in a historical re-sync."""
        self.replay(None if null else {})

    def replay(self, state: State | None) -> None:
        """Return to a state, of `states` or another. The next call sends it."""
        self.state = state
        self._calls = self._empties = 0

    def _answered(self, fields: wire.Fields, *, setup_test: bool = False) -> Exchange:
        exchange = self._judged(fields, setup_test=setup_test)
        if not exchange.succeeded:
            raise CallFailed(exchange.status, exchange.root["errorMessage"])
        self._schema = exchange.root["schema"]
        return exchange

    def _judged(self, fields: wire.Fields, *, setup_test: bool = False) -> Exchange:
        request = wire.request(self.state, fields, setup_test=setup_test)
        response = self._call(wire.encoded(request))
        memory = Memory(self._schema, self.kinds, self._empties, self._calls)
        exchange = Exchange(request, response.status_code, response.headers, response.content, memory, self._terms)
        judge(exchange)
        return exchange

    def _take(self, exchange: Exchange) -> None:
        destination.apply(self.tables, exchange)
        self.kinds.update(destination.kinds(exchange))
        self._calls = self._calls + 1 if exchange.has_more else 0
        self._empties = self._empties + 1 if exchange.has_more and exchange.is_empty else 0
        self.state = exchange.root["state"]
        self.states.append(exchange.root["state"])


def summary(steps: Sequence[Step]) -> Summary:
    """Add several answers up."""
    return Summary(
        calls=len(steps),
        rows=dict(sum((Counter(step.rows) for step in steps), Counter())),
        deletes=dict(sum((Counter(step.deletes) for step in steps), Counter())),
        response_bytes_max=max(step.response_bytes for step in steps),
        state_bytes_max=max(step.state_bytes for step in steps),
        empties=sum(step.is_empty for step in steps),
    )


def _step(exchange: Exchange) -> Step:
    return Step(
        has_more=exchange.has_more,
        rows=dict(Counter(table for table, _ in exchange.rows("insert"))),
        deletes=dict(Counter(table for table, _ in exchange.rows("delete"))),
        response_bytes=len(exchange.body),
        state_bytes=exchange.state_bytes,
    )
