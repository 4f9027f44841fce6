"""The form of a run query: which parts this LangSmith refuses or ignores, and how that is proven.

A query names fields, and on v2 asks for the usage of each run's subtree. An older LangSmith may not know all of that: the rest is
asked for without it, and asked for whole again by the daily pass (look).
Not here: the query (streams.run_queries), or what any other failure means (failing).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from langsmith_core.calls import Call, Fetch
from langsmith_core.errors import RefusedError
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.streams.bounds import INDEX_LAG
from langsmith_core.streams.context import Context
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.memory import Runs
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import State

_log = logging.getLogger(__name__)


class Forms:
    """The experiments of one pass. `context` gives the context in which a state asks."""

    def __init__(self, ask: Fetch, context: Callable[[State], Context]) -> None:
        self._ask, self._context = ask, context
        self._passed: Item | None = None

    def passes(self, state: State, work: RunWindow | RunsById, limit: int) -> bool:
        """Tell whether LangSmith takes the query in the state's form. Raises any SyncError but a RefusedError."""
        asked = work.request(self._context(state), limit, b"")
        if not isinstance(asked, Call):
            return False
        try:
            self._ask(asked)
        except RefusedError:
            return False
        return True

    def fitting(self, state: State, work: RunWindow | RunsById, limit: int, error: RefusedError) -> State | None:
        """Find a state in whose form a query passes that was refused with `error`; None where there is none.

        The form loses only what LangSmith was proven to refuse: a query failed twice with it, and passes without it. A query
        that passes unchanged the second time stays as it is; an item has that chance once.
        """
        for number, form in enumerate(_lesser(state)):
            if not self.passes(form, work, limit):
                continue
            if number == 0 and self.passes(state, work, limit):
                again, self._passed = self._passed == work, work
                return None if again else state
            _tell(state.memory.runs, form.memory.runs, error)
            return form
        return None


def noticed(state: State, found: Sequence[Row]) -> State:
    """Note that v2 ignores the question for usage of subtrees, once a page of runs proves it."""
    runs, until = state.memory.runs, state.look.bounds.until if state.look else state.done_to
    if state.api != "v2" or runs.own_usage or until is None or not _contradicts(found, render(until - INDEX_LAG)):
        return state
    _log.warning(
        "LangSmith ignores include_subtree_usage, so parents carry only their own tokens and cost; upgrade LangSmith, or "
        "sum all runs and not only root runs"
    )
    return _with(state, replace(runs, own_usage="ignored"))


def _with(state: State, runs: Runs) -> State:
    return replace(state, memory=state.memory.with_runs(runs))


def _lesser(state: State) -> list[State]:
    """Make the states that ask for less: without one thing, then without both."""
    runs = state.memory.runs
    own = [replace(runs, own_usage="refused")] if state.api == "v2" and runs.own_usage != "refused" else []
    plain = [] if runs.plain else [replace(runs, plain=True)]
    both = [replace(one, plain=True) for one in own] if plain else []
    return [_with(state, one) for one in (*own, *plain, *both)]


def _tell(before: Runs, after: Runs, error: RefusedError) -> None:
    if after.own_usage != before.own_usage:
        _log.warning(
            "LangSmith refuses include_subtree_usage, so parents carry only their own tokens and cost; upgrade LangSmith, or "
            "sum all runs and not only root runs: %s",
            error,
        )
    if after.plain != before.plain:
        _log.warning("LangSmith refuses a run query; asking only for the fields that columns need: %s", error)


def _contradicts(found: Sequence[Row], before: str) -> bool:
    """Tell whether most parents of a page have fewer tokens than one of their children. No total of a subtree can.

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
