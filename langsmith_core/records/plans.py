"""Plans: what making a row needs to know of its table, worked out once for each table.

Here: where each column's text lies in a record, and which columns need a second look. Not here: making the row (records.rows).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Raw, Struct

from langsmith_core.records import derived
from langsmith_core.records.columns import JSON_KINDS, Column, Keys, Kind, Table, way
from langsmith_core.records.conversions import CONVERSIONS
from langsmith_core.records.nested import Finder, finder

_NULL = Raw(b"null")


class Plan(Struct, frozen=True):
    """What is the same for all rows of a table.

    `blank`: the values of a record that holds nothing. `fields`: columns that one field fills, with that field. `elsewhere`:
    where the other columns with a source have their values. `conversions`: by column. `made`: columns that are made of others,
    with what makes them of a row. `offloaded`: columns whose payload may lie elsewhere. `long`: columns whose values may be
    texts of any length.
    """

    blank: Mapping[str, Any]
    fields: tuple[tuple[str, str], ...]
    elsewhere: Finder
    conversions: Mapping[str, Callable[[bytes], Any]]
    made: tuple[tuple[str, derived.Make], ...]
    offloaded: tuple[Column, ...]
    long: tuple[str, ...]

    def texts(self, fields: Mapping[str, Raw]) -> dict[str, Raw]:
        """Return, by column, the text of its first source that is not null. A column without one is left out."""
        get = fields.get
        found = {name: text for name, field in self.fields if (text := get(field)) is not None and text != _NULL}
        return found | self.elsewhere.texts(get)


@lru_cache(maxsize=64)
def of(table: Table, keys: Keys = ()) -> Plan:
    """Return the plan of a table. `keys`: members' names that a team has chosen."""
    columns = table.columns
    paths = {column.name: column.paths(keys) for column in columns if column.sources}
    fields = {name: found[0][0] for name, found in paths.items() if len(found) == 1 and len(found[0]) == 1}
    return Plan(
        blank={column.name: column.absent for column in columns},
        fields=tuple(fields.items()),
        elsewhere=finder({name: found for name, found in paths.items() if name not in fields}),
        conversions={column.name: CONVERSIONS[column.kind] for column in columns},
        made=tuple((column.name, derived.of(column)) for column in columns if column.made_of),
        offloaded=tuple(column for column in columns if column.offloaded),
        long=tuple(column.name for column in columns[1:] if column.kind in (Kind.STRING, Kind.LOWER, *JSON_KINDS)),
    )


def inside(path: str, fields: Mapping[str, Raw]) -> Raw | None:
    """Return the text at a dotted path, which may end in `[-1]`; None if there is none, or a null."""
    return _finder(path).texts(fields.get).get(path)


@lru_cache(maxsize=64)
def _finder(path: str) -> Finder:
    return finder({path: (way(path),)})
