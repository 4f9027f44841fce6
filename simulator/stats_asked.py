"""Which counters a request for projects wants, and over which of their runs.

What `run_count` counts and what `stats_filter` bounds is hardly documented: the switches give each meaning that it may have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from simulator.attributes import ATTRIBUTES
from simulator.call import Call
from simulator.conditions import Scope, Test, compiled
from simulator.filters import Compare, FilterError, Join, Node
from simulator.messages import ApiError, invalid
from simulator.run_pages import Search, filter_tree

INCLUSIVE = {"lt": "lte", "gt": "gte"}


@dataclass(frozen=True)
class Asked:
    """Counters over the runs that started since a moment and meet a filter; None: over all. `select`: so many; None: all."""

    since: datetime | None = None
    node: Node | None = None
    test: Test | None = None
    select: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all runs count."""
        return self.since is None and self.node is None

    def narrow(self, search: Search) -> None:
        """Let a search find these runs alone."""
        search.low = self.since
        if self.node is not None and self.test is not None:
            search.narrow(self.node)
            search.tests.append(self.test)


def asked(call: Call) -> Asked:
    """What a list's parameters ask for. Raises ApiError 400 for a filter that cannot be read, 422 where it is refused."""
    names, (node, test) = call.query.many("stats_select"), _filter(call)
    return replace(since_asked(call), node=node, test=test, select=frozenset(names) if names else None)


def since_asked(call: Call) -> Asked:
    """The same for one project, which is asked for by `stats_start_time` alone."""
    since = call.query.moment("stats_start_time")
    return Asked(since=since if call.settings.stats_start_time == "honoured" else None)


def _filter(call: Call) -> tuple[Node | None, Test | None]:
    text, meaning = call.query.text("stats_filter"), call.settings.stats_filter
    if text is None:
        return None, None
    if meaning == "refused":
        raise invalid("query", "stats_filter", "extra fields not permitted", "value_error.extra")
    scope = Scope(call.store, ATTRIBUTES)
    node = filter_tree(text, scope)
    node = _with_bounds(node) if meaning == "inclusive" else node
    try:
        test = compiled(node, scope)
        Search([]).narrow(node)
    except FilterError as error:
        raise ApiError(400, f"Invalid filter: {error}") from error
    return (None, None) if meaning == "ignored" else (node, test)


def _with_bounds(node: Node) -> Node:
    """The filter with each bound of the start time included."""
    if isinstance(node, Join):
        return replace(node, parts=tuple(map(_with_bounds, node.parts)))
    bounds = isinstance(node, Compare) and node.attribute == "start_time"
    return replace(node, operator=INCLUSIVE.get(node.operator, node.operator)) if bounds else node
