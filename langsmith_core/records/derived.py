"""Compute a column's value from other columns of its row: a duration, an exception's class, whether there is a parent.

A function sees the row alone. So what the privacy rules have hidden of the row is hidden of its value, too.
Not here: values that lie in the record (records.nested), or the same in SQL (destinations).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from langsmith_core.records.columns import Column, Made

Make: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Takes a row, and returns the column's value."""
KEY_SEPARATOR = "@"
"""Joins the values of a column that is made of others."""

# These patterns stand in SQL statements, too, so they are RE2's: no look-around, nothing possessive, one group. No two parts of
# one can match the same character, so Python needs steps in proportion to the text's length.
_MODULES = r"(?:(?:[A-Za-z_][A-Za-z0-9_]*|<locals>)\.)*"
_SPEAKING = (
    r"(?:[A-Za-z_][A-Za-z0-9_]*)?(?:Error|Exception)"
    r"|[A-Za-z_][A-Za-z0-9_]*(?:Warning|Interrupt|Exit|Timeout|Iteration|Cancelled|Failure)"
)
"""Names that say themselves that they are an exception's."""
BEGINNING = 1_000
"""Characters at a text's beginning that a class is looked for in. A name is shorter."""
AT_FIRST = (
    rf"^[ \t\r\n]*{_MODULES}({_SPEAKING})(?:[(:\r\n]|$)",
    rf"""^[ \t\r\n]*{_MODULES}([A-Z_][A-Za-z0-9_]*)\(["']""",
)
"""A text that begins with an exception's class: as `repr` writes it, before a colon, or alone in its line.

A name that does not say what it is stands before a bracket and a quote: `HTTP(S) failed` begins with no class.
"""
HEADER = "Traceback (most recent call last):"
"""The line above the calls of a traceback. Of several the last one is the exception that was raised."""
AFTER_CALLS = rf"^[ \t\r]*\n(?:[ \t\r][^\n]*\n|\n)*{_MODULES}([A-Za-z_][A-Za-z0-9_]*)(?:[:\r\n]|$)"
"""What follows that line: indented calls, then the class. It stands alone, or before a colon."""
_SPEAKS = re.compile(AT_FIRST[0])
_QUOTES = re.compile(AT_FIRST[1])
_AFTER_CALLS = re.compile(AFTER_CALLS)


def error_class(text: str) -> str | None:
    """Return the class of the exception that an error's text shows, without its module; None if it shows none.

    Knows what `repr` writes, `Class: message` and Python's tracebacks: LangChain and the SDK send the first, then the last.
    """
    beginning = text[:BEGINNING]
    if found := _SPEAKS.match(beginning) or _QUOTES.match(beginning):
        return found[1]
    _, header, calls = text.rpartition(HEADER)
    raised = _AFTER_CALLS.match(calls) if header else None
    return raised[1] if raised else None


def seconds(start: str, end: str) -> float:
    """Return the seconds between two canonical times, exact to the microsecond. Below 0 if the end comes first."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def of(column: Column) -> Make:
    """Return what makes the values of a column that is made of others."""
    return _MAKERS[column.made](*column.made_of)


def _joined(*names: str) -> Make:
    """Join the values; None if one of them is null or empty."""

    def make(row: Mapping[str, Any]) -> str | None:
        parts = [str(row[name]) if row[name] is not None else "" for name in names]
        return KEY_SEPARATOR.join(parts) if all(parts) else None

    return make


def _seconds(first: str, second: str) -> Make:
    def make(row: Mapping[str, Any]) -> float | None:
        start, end = row[first], row[second]
        return None if start is None or end is None else seconds(start, end)

    return make


def _error_class(name: str) -> Make:
    def make(row: Mapping[str, Any]) -> str | None:
        text = row[name]
        return None if text is None else error_class(text)

    return make


_MAKERS: Mapping[Made, Callable[..., Make]] = {
    Made.JOINED: _joined,
    Made.NULL: lambda name: lambda row: row[name] is None,
    Made.THERE: lambda name: lambda row: row[name] is not None,
    Made.SECONDS: _seconds,
    Made.ERROR_CLASS: _error_class,
}
