"""The form of a run query: what this LangSmith refuses of it, or ignores, and how that is proven.

A query names fields, and on v2 asks for the usage of each run's subtree. An older LangSmith may not know all of that: the rest is
asked for without it, and asked for whole again by the daily pass (cycles).
Not here: the query (run_queries), or what any other failure means (failing).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec.structs import replace

from langsmith_core import duality, endpoints
from langsmith_core.calls import Fetch, Only
from langsmith_core.errors import RefusedError
from langsmith_core.privacy import Hidden
from langsmith_core.rows import Row
from langsmith_core.spans import INDEX_LAG
from langsmith_core.state import Slice, State
from langsmith_core.times import render

_log = logging.getLogger(__name__)


class Forms:
    """The experiments of one pass."""

    def __init__(self, ask: Fetch, hidden: Hidden) -> None:
        self._ask, self._hidden = ask, hidden
        self._passed: Slice | None = None

    def passes(self, state: State, piece: Slice, limit: int) -> bool:
        """Whether LangSmith takes the query in the state's form. Raises any SyncError but a RefusedError."""
        asked = endpoints.call(
            piece,
            duality.api_of(state, piece),
            limit,
            hidden=self._hidden,
            only=Only.of(plain=state.plain),
            totals=state.own_usage != "refused",
        )
        try:
            self._ask(asked)
        except RefusedError:
            return False
        return True

    def fitting(self, state: State, piece: Slice, limit: int, error: RefusedError) -> State | None:
        """The state in whose form a query passes that was refused with `error`; None where none does.

        The form loses only what is proven to be refused: a query with it was refused twice, and passes without it. Where it
        passes the second time as it was, it stays as it is; a slice has that chance once.
        """
        for number, form in enumerate(_lesser(state)):
            if not self.passes(form, piece, limit):
                continue
            if number == 0 and self.passes(state, piece, limit):
                again, self._passed = self._passed == piece, piece
                return None if again else state
            _tell(state, form, error)
            return form
        return None


def noticed(state: State, found: Sequence[Row]) -> State:
    """The state that knows of a v2 which ignores the question for subtrees, once a page of runs proves it."""
    until = state.cycle.until if state.cycle else state.done_to
    if state.api != "v2" or state.own_usage or until is None or not _contradicts(found, render(until - INDEX_LAG)):
        return state
    _log.warning(
        "LangSmith ignores include_subtree_usage: upgrade it, since parents carry only their own tokens and cost, "
        "and a sum over root runs is too low"
    )
    return replace(state, own_usage="ignored")


def _lesser(state: State) -> list[State]:
    """The state with less asked for: one thing left out, then both."""
    own = [replace(state, own_usage="refused")] if state.api == "v2" and state.own_usage != "refused" else []
    plain = [] if state.plain else [replace(state, plain=True)]
    both = [replace(one, plain=True) for one in own] if plain else []
    return [*own, *plain, *both]


def _tell(before: State, after: State, error: RefusedError) -> None:
    if after.own_usage != before.own_usage:
        _log.warning(
            "LangSmith refuses include_subtree_usage: upgrade it, since parents carry only their own tokens and cost, "
            "and a sum over root runs is too low: %s",
            error,
        )
    if after.plain != before.plain:
        _log.warning("LangSmith refuses a run query; asking only for the fields that columns are made of: %s", error)


def _contradicts(found: Sequence[Row], before: str) -> bool:
    """Whether most parents of a page have fewer tokens than one of their children, which no total of a subtree can have.

    Only runs count that ended `before`, when LangSmith has long taken them in. Costs prove nothing: they are reckoned later.
    """
    ended = {row["run_id"]: row for row in found if row["end_time"] and row["end_time"] <= before}
    most: dict[str, int] = {}
    for row in ended.values():
        parent = ended.get(row["parent_run_id"] or "")
        if parent and row["total_tokens"] and parent["total_tokens"] is not None:
            most[parent["run_id"]] = max(row["total_tokens"], most.get(parent["run_id"], 0))
    fewer = sum(ended[parent]["total_tokens"] < tokens for parent, tokens in most.items())
    return bool(2 * fewer > len(most))
