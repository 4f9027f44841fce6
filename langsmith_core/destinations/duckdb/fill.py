"""Statements that fill later columns in older rows: DuckDB's SQL for what records.derived does.

Pure. The program never runs them: docs/columns.md shows them to the file's owner. A test runs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from langsmith_core.destinations.duckdb.sql import quoted
from langsmith_core.records import derived
from langsmith_core.records.columns import JSON_KINDS, Column, Keys, Made, Path, Table

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def fill(stream: Table, keys: Keys = ()) -> str:
    """Return the UPDATE of a table's rows that lack its late columns. `keys`: members' names that a team has chosen."""
    values = ",\n  ".join(f"{column.name} = {_value(column, keys)}" for column in stream.late)
    missing = " AND ".join(f"{name} IS NULL" for name in stream.telling)
    return f"UPDATE {stream.name} SET\n  {values}\nWHERE {missing};"


def _value(column: Column, keys: Keys) -> str:
    if column.made_of:
        return _MADE[column.made](*column.made_of)
    if column.kind in JSON_KINDS:
        return f"nullif(json_extract(raw, {_path(*column.paths(keys))}), 'null')"
    found = [f"raw->>{_path(path)}" for path in column.paths(keys)]
    return f"coalesce({', '.join(found)})" if found[1:] else found[0]


def _path(path: Path) -> str:
    """Return DuckDB's path to a member, as a literal. A name that is no word is quoted."""
    return quoted("$" + "".join(f".{name}" if _PLAIN.fullmatch(name) else f'."{name}"' for name in path))


def _error_class(text: str) -> str:
    def found(value: str, pattern: str) -> str:
        return f"nullif(regexp_extract({value}, {quoted(pattern)}, 1), '')"

    at_first = ",\n    ".join(found(f"left({text}, {derived.BEGINNING})", pattern) for pattern in derived.AT_FIRST)
    header = quoted(derived.HEADER)
    raised = found(f"string_split({text}, {header})[-1]", derived.AFTER_CALLS)
    return f"coalesce(\n    {at_first},\n    CASE WHEN contains({text}, {header}) THEN {raised} END)"


_MADE: Mapping[Made, Callable[..., str]] = {
    Made.NULL: "{} IS NULL".format,
    Made.THERE: "{} IS NOT NULL".format,
    Made.SECONDS: "date_diff('microsecond', {}, {}) / 1e6".format,
    Made.ERROR_CLASS: _error_class,
}
