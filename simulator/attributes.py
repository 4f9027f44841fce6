"""The attributes that a filter may name, by API version, and how a literal is compared with one.

The kind of an attribute says how its values compare. A literal that does not convert to the kind fails the whole query.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from simulator.edit_runs import metadata_of
from simulator.filters import Compare, FilterError
from simulator.records import Run
from simulator.times import parse_time

Attributes = dict[str, tuple[str, Callable[[Run], Any]]]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def _latency(run: Run) -> float | None:
    return None if run.end_time is None else (run.end_time - run.start_time).total_seconds()


# attribute: (kind of its values, how to read it)
ATTRIBUTES: Attributes = {
    "id": ("text", lambda run: run.id),
    "name": ("text", lambda run: run.name),
    "run_type": ("word", lambda run: run.run_type),
    "status": ("word", lambda run: run.status),
    "error": ("text", lambda run: run.error),
    "start_time": ("time", lambda run: run.start_time),
    "end_time": ("time", lambda run: run.end_time),
    "latency": ("seconds", _latency),
    "tags": ("list", lambda run: run.tags),
    "metadata": ("object", metadata_of),
    "is_root": ("flag", lambda run: run.parent_run_id is None),
    "thread_id": ("text", lambda run: run.thread_id),
    "trace_id": ("text", lambda run: run.trace_id),
    "parent_run_id": ("text", lambda run: run.parent_run_id),
    "reference_example_id": ("text", lambda run: run.reference_example_id),
}
NUMBERS = ("total_tokens", "prompt_tokens", "completion_tokens", "total_cost", "prompt_cost", "completion_cost")
# v1 refuses the counters as unknown attributes (langsmith-cli PR 296), although the SDK's examples use them
V2_ATTRIBUTES: Attributes = {**ATTRIBUTES, **{name: ("number", operator.attrgetter(name)) for name in NUMBERS}}
ENTRIES: dict[str, Callable[[Any], Any]] = {
    "feedback_key": lambda item: item.key,
    "feedback_score": lambda item: item.score,
    "metadata_key": lambda pair: pair[0],
    "metadata_value": lambda pair: pair[1],
}


def matcher(compare: Compare, kind: str) -> Callable[[Any], bool]:
    """Compile a comparison to a test of the attribute's value. Raises FilterError if the literal does not fit."""
    if compare.operator == "in":
        if not isinstance(compare.value, list):
            raise FilterError("in() wants a list")
        wanted = [converted(kind, value) for value in compare.value]
        return lambda value: any(_same(value, one) for one in wanted)
    if compare.operator == "has":
        return _container(kind, compare.value)
    value = converted(kind, compare.value)
    if compare.operator == "eq":
        return lambda own: _same(own, value)
    if compare.operator == "neq":
        return lambda own: not _same(own, value)
    ordering = ORDERINGS[compare.operator]
    return lambda own: own is not None and _comparable(own, value) and ordering(own, value)


def _container(kind: str, wanted: object) -> Callable[[Any], bool]:
    if kind == "object":
        pairs = json.loads(str(wanted)).items()
        return lambda own: isinstance(own, dict) and all(own.get(key) == value for key, value in pairs)
    if kind != "list":
        raise FilterError("has() wants tags or metadata")
    return lambda own: wanted in (own or ())


def _same(own: object, value: object) -> bool:
    return own == value or (own is not None and value is not None and str(own) == str(value))


def _comparable(own: object, value: object) -> bool:
    return isinstance(own, type(value)) or (isinstance(own, int | float) and isinstance(value, int | float))


def converted(kind: str, value: object) -> Any:
    """Convert a literal to the kind of value that it is compared with."""
    if value is None:
        return None
    try:
        return CONVERSIONS.get(kind, lambda same: same)(value)
    except (ValueError, TypeError):
        raise FilterError(f"{value!r} is no {kind}") from None


def _seconds(value: object) -> float:
    match = re.fullmatch(r"([0-9.]+)s?", str(value))
    if match is None:
        raise ValueError
    return float(match[1])


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "time": parse_time,
    "seconds": _seconds,
    "word": lambda value: str(value).lower(),
    "number": float,
    "flag": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
}
