"""What a parsed filter means for a run: which attributes exist, of which kind, and how conditions are tested.

Conditions on feedback that `and` joins must hold for the same piece of feedback. The same goes for conditions on metadata.
All others are plain comparisons. An unknown attribute fails the whole query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.attributes import ENTRIES, ORDERINGS, Attributes, converted, matcher
from simulator.edit_runs import metadata_of
from simulator.filters import Compare, FilterError, Join, Node, parse
from simulator.jsontext import encode
from simulator.records import Feedback, Run
from simulator.store import Store

Test = Callable[[Run], bool]
SEARCHED = ("name", "inputs", "outputs", "error")


@dataclass(frozen=True)
class Scope:
    """The context of a filter: the attributes of its API version, and the feedback that counts."""

    store: Store
    attributes: Attributes
    feedback_counts: Callable[[Feedback], bool] = lambda _: True


def tree_of(text: str, scope: Scope) -> Node:
    """Parse a filter. Raises FilterError for attributes that this API version does not know."""
    node = parse(text)
    for compare in comparisons(node):
        known = {None, *scope.attributes, *ENTRIES, *(SEARCHED if compare.operator == "search" else ())}
        if compare.attribute not in known:
            raise FilterError(f"Unknown attribute: {compare.attribute}")
    return node


def comparisons(node: Node) -> Iterable[Compare]:
    """Every comparison in a tree."""
    if isinstance(node, Compare):
        yield node
    else:
        for part in node.parts:
            yield from comparisons(part)


def speaks_of_feedback(node: Node) -> bool:
    """Whether a filter has a condition on feedback."""
    return any((compare.attribute or "").startswith("feedback_") for compare in comparisons(node))


def start_bounds(node: Node) -> tuple[datetime | None, datetime | None]:
    """The start times outside of which the filter cannot hold: low and high, both inclusive; None is no bound."""
    parts = node.parts if isinstance(node, Join) and node.operator == "and" else (node,)
    found: dict[str, list[datetime]] = {"g": [], "l": []}
    for part in parts:
        if isinstance(part, Compare) and part.attribute == "start_time" and part.operator in ORDERINGS:
            found[part.operator[0]].append(converted("time", part.value))
    return max(found["g"], default=None), min(found["l"], default=None)


def compiled(node: Node, scope: Scope) -> Test:
    """Compile a filter to a test of runs."""
    if isinstance(node, Compare):
        return _joined_entries([node], scope) if node.attribute in ENTRIES else _comparison(node, scope)
    if node.operator == "and":
        return _conjunction(node.parts, scope)
    tests = [compiled(part, scope) for part in node.parts]
    if node.operator == "or":
        return lambda run: any(test(run) for test in tests)
    return lambda run: not tests[0](run)


def _conjunction(parts: tuple[Node, ...], scope: Scope) -> Test:
    entries: dict[str, list[Compare]] = {}
    tests: list[Test] = []
    for part in parts:
        if isinstance(part, Compare) and part.attribute in ENTRIES:
            entries.setdefault(str(part.attribute).split("_", 1)[0], []).append(part)
        else:
            tests.append(compiled(part, scope))
    tests.extend(_joined_entries(compares, scope) for compares in entries.values())
    return lambda run: all(test(run) for test in tests)


def _joined_entries(compares: list[Compare], scope: Scope) -> Test:
    """Test whether a single entry of the run (a piece of feedback or a metadata pair) meets all comparisons."""
    tests = [(ENTRIES[str(compare.attribute)], matcher(compare, "entry")) for compare in compares]
    of_feedback = str(compares[0].attribute).startswith("feedback")

    def entries(run: Run) -> Iterable[Any]:
        if of_feedback:
            return filter(scope.feedback_counts, scope.store.run_feedback.get(run.id, ()))
        metadata = metadata_of(run)
        return metadata.items() if isinstance(metadata, dict) else ()

    return lambda run: any(all(match(read(entry)) for read, match in tests) for entry in entries(run))


def _comparison(compare: Compare, scope: Scope) -> Test:
    if compare.operator == "search":
        return _search(compare)
    kind, read = scope.attributes[str(compare.attribute)]
    match = matcher(compare, kind)
    return lambda run: match(read(run))


def _search(compare: Compare) -> Test:
    return full_text(str(compare.value), (compare.attribute,) if compare.attribute else SEARCHED)


def full_text(wanted: str, fields: tuple[str, ...] = SEARCHED) -> Test:
    """Whether one of the fields contains a text, ignoring case."""
    return lambda run: any(wanted.lower() in encode(getattr(run, name)).decode().lower() for name in fields)
