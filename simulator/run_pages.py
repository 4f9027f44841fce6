"""Pages of runs from the sorted indexes, for both API versions. It knows the names and formats of neither."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from simulator.conditions import Scope, Test, compiled, start_bounds, tree_of
from simulator.filters import FilterError, Node
from simulator.messages import ApiError
from simulator.records import Run
from simulator.store import Store
from simulator.timeline import Position, Timeline


@dataclass
class Search:
    """A query for runs: the indexes to read, the bounds of the start time, and the tests of a run."""

    timelines: list[Timeline[Run]]
    low: datetime | None = None
    high: datetime | None = None  # excluded
    newest_first: bool = True
    tests: list[Test] = field(default_factory=list)

    def narrow(self, node: Node) -> None:
        """Narrow the bounds by a filter's bounds on the start time, to read less of the indexes."""
        low, high = start_bounds(node)
        self.low = max((moment for moment in (self.low, low) if moment), default=None)
        if high is not None:  # a filter's upper bound may be inclusive, so the index is cut just after it
            behind = high + timedelta(microseconds=1)
            self.high = behind if self.high is None else min(self.high, behind)


def page(store: Store, search: Search, after: Position | None, size: int) -> tuple[list[Run], bool]:
    """At most `size` runs after a position, and whether there are more."""
    now = store.clock.now()
    tests = search.tests
    found = (run for run in _in_order(search, after) if store.shows(run, now) and (not tests or all(test(run) for test in tests)))
    runs = list(islice(found, size + 1))
    return runs[:size], len(runs) > size


def _in_order(search: Search, after: Position | None) -> Iterator[Run]:
    parts = [timeline.between(search.low, search.high, after, newest_first=search.newest_first) for timeline in search.timelines]
    if len(parts) == 1:
        return parts[0]
    return heapq.merge(*parts, key=position, reverse=search.newest_first)


def position(run: Run) -> Position:
    """A run's place in the order of a page."""
    return run.start_time, run.id


def filter_tree(text: object, scope: Scope) -> Node:
    """Parse a filter. Raises ApiError 400 if it cannot be parsed."""
    try:
        return tree_of(str(text), scope)
    except FilterError as error:
        raise ApiError(400, f"Invalid filter: {error}") from error


def filter_tests(body: dict[str, object], scope: Scope, search: Search) -> None:
    """Add the tests of `filter`, `trace_filter` and `tree_filter` to a search."""
    for name, widen in (("filter", _own), ("trace_filter", _root), ("tree_filter", _tree)):
        if body.get(name):
            node = filter_tree(body[name], scope)
            try:
                test = compiled(node, scope)
                if name == "filter":
                    search.narrow(node)
            except FilterError as error:
                raise ApiError(400, f"Invalid filter: {error}") from error
            search.tests.append(widen(test, scope.store))


def _own(test: Test, _: Store) -> Test:
    return test


def _root(test: Test, store: Store) -> Test:
    def root_passes(run: Run) -> bool:
        root = store.runs.get(run.trace_id)
        return root is not None and test(root)

    return root_passes


def _tree(test: Test, store: Store) -> Test:
    return lambda run: any(test(other) for other in store.trace_runs[run.trace_id])
