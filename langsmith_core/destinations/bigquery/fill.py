"""Statements that fill later columns in older rows: BigQuery's SQL for what records.derived does.

Pure. The program never runs them: docs/columns.md shows them to the dataset's owner. Unlike the sink's statements they read all
of `raw`, and BigQuery writes every partition anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from langsmith_core.records import derived
from langsmith_core.records.columns import JSON_KINDS, Column, Keys, Made, Path, Table

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def fill(stream: Table, dataset: str, keys: Keys = ()) -> str:
    """Return the UPDATE of a table's rows that lack its late columns. `keys`: members' names that a team has chosen."""
    values = ",\n  ".join(f"{column.name} = {_value(column, keys)}" for column in stream.late)
    missing = " AND ".join(f"{name} IS NULL" for name in stream.telling)
    return f"UPDATE `{dataset}.{stream.name}` SET\n  {values}\nWHERE {missing};"


def _value(column: Column, keys: Keys) -> str:
    if column.made_of:
        return _MADE[column.made](*column.made_of)
    if column.kind in JSON_KINDS:
        found = f"JSON_QUERY(raw, {_path(*column.paths(keys))})"
        return f"IF(JSON_TYPE({found}) = 'null', NULL, {found})"
    values = [f"JSON_VALUE(raw, {_path(path)})" for path in column.paths(keys)]
    return f"COALESCE({', '.join(values)})" if values[1:] else values[0]


def _path(path: Path) -> str:
    """Return BigQuery's path to a member, as a literal. A name that is no word is quoted."""
    names = "".join(f".{name}" if _PLAIN.fullmatch(name) else f".{json.dumps(name, ensure_ascii=False)}" for name in path)
    return json.dumps(f"${names}", ensure_ascii=False) if '"' in names else f"'${names}'"


def _error_class(text: str) -> str:
    def found(value: str, pattern: str) -> str:
        return f'REGEXP_EXTRACT({value}, r"""{pattern}""")'

    at_first = ",\n    ".join(found(f"LEFT({text}, {derived.BEGINNING})", pattern) for pattern in derived.AT_FIRST)
    raised = found(f"ARRAY_REVERSE(SPLIT({text}, '{derived.HEADER}'))[OFFSET(0)]", derived.AFTER_CALLS)
    return f"COALESCE(\n    {at_first},\n    IF(STRPOS({text}, '{derived.HEADER}') > 0, {raised}, NULL))"


_MADE: Mapping[Made, Callable[..., str]] = {
    Made.NULL: "{} IS NULL".format,
    Made.THERE: "{} IS NOT NULL".format,
    Made.SECONDS: "TIMESTAMP_DIFF({1}, {0}, MICROSECOND) / 1e6".format,
    Made.ERROR_CLASS: _error_class,
}
