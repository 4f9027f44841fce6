"""What making a row needs to know of its table, found out once for a table and not for each row.

Here: where each column's text lies in a record, and which columns need a second look. Not here: making the row (records.rows).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeAlias

from msgspec import Raw, Struct

from langsmith_core.records import json_text
from langsmith_core.records.columns import JSON_KINDS, Column, Kind, Table
from langsmith_core.records.conversions import CONVERSIONS

Inside: TypeAlias = Callable[[Raw], Raw | None]
"""Takes a field's text, and returns the text of what lies inside it."""
_Source: TypeAlias = tuple[str, Inside | None]
"""A field of the record, and what leads on inside it; None where the field itself is meant."""
Sources: TypeAlias = tuple[tuple[str, tuple[_Source, ...]], ...]
"""By column, where its value may lie."""
_NULL = Raw(b"null")


class Plan(Struct, frozen=True):
    """What is the same for all rows of a table.

    `blank`: the values of a record that holds nothing. `fields`: columns that one field fills, with that field. `sources`: the
    other columns with a source, and where each may lie. `conversions`: by column. `made_of`: columns that join others.
    `offloaded`: columns whose payload may lie elsewhere. `long`: columns whose values may be texts of any length.
    """

    blank: Mapping[str, Any]
    fields: tuple[tuple[str, str], ...]
    sources: Sources
    conversions: Mapping[str, Callable[[bytes], Any]]
    made_of: tuple[Column, ...]
    offloaded: tuple[Column, ...]
    long: tuple[str, ...]

    def texts(self, fields: Mapping[str, Raw]) -> dict[str, Raw]:
        """Return, by column, the text of its first source that is not null. A column without one is left out."""
        get = fields.get
        found = {name: text for name, field in self.fields if (text := get(field)) is not None and text != _NULL}
        return found | first_texts(self.sources, get)


def first_texts(sources: Sources, get: Callable[[str], Raw | None]) -> dict[str, Raw]:
    """Return, by column, the text of its first source that is not null. `get` gives a field's text."""
    found = {}
    for name, places in sources:
        for field, inside in places:
            text = get(field)
            if text is None or text == _NULL:
                continue
            if inside is not None:
                text = inside(text)
            if text is not None and text != _NULL:
                found[name] = text
                break
    return found


@lru_cache(maxsize=64)
def of(table: Table) -> Plan:
    """Return the plan of a table."""
    columns = table.columns
    sources = {column.name: tuple(map(source, column.sources)) for column in columns if column.sources}
    fields = {name: field for name, [(field, inside), *others] in sources.items() if inside is None and not others}
    return Plan(
        blank={column.name: column.absent for column in columns},
        fields=tuple(fields.items()),
        sources=tuple((name, found) for name, found in sources.items() if name not in fields),
        conversions={column.name: CONVERSIONS[column.kind] for column in columns},
        made_of=tuple(column for column in columns if column.made_of),
        offloaded=tuple(column for column in columns if column.offloaded),
        long=tuple(column.name for column in columns[1:] if column.kind in (Kind.STRING, Kind.LOWER, *JSON_KINDS)),
    )


def source(path: str) -> _Source:
    """Read a dotted path, which may end in `[-1]`. A member whose name contains a dot does not match."""
    field, *members = path.removesuffix("[-1]").split(".")
    steps = [*map(_member, members), *([_last] if path.endswith("[-1]") else [])]
    return field, _chained(steps)


def inside(path: str, fields: Mapping[str, Raw]) -> Raw | None:
    """Return the text at a dotted path; None if the path ends early."""
    field, way = source(path)
    text = fields.get(field)
    return way(text) if text is not None and way else text


def _chained(steps: list[Inside]) -> Inside | None:
    """Join the steps to one; None if there is none."""
    if len(steps) < 2:
        return steps[0] if steps else None

    def way(text: Raw) -> Raw | None:
        found: Raw | None = text
        for step in steps:
            found = None if found is None else step(found)
        return found

    return way


def _member(name: str) -> Inside:
    """Return what leads from an object to its member."""
    return partial(json_text.member, name=name)


def _last(text: Raw) -> Raw | None:
    """Return a list's last element."""
    found = json_text.element_views(text) if json_text.begins(text, b"[") else []
    return found[-1] if found else None
