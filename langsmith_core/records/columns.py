"""Columns and tables as values: what a column holds, and where LangSmith's record has it.

Here: the vocabulary that every stream declares its table with. Not here: the declarations themselves (streams).
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Kind(Enum):
    """What a column holds, whichever API answered."""

    STRING = "string"
    LOWER = "lower-case string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "float"
    NUMERIC = "numeric"
    TIMESTAMP = "timestamp"
    JSON = "json"
    STATS = "json of feedback statistics"
    FIGURES = "json of figures"


JSON_KINDS = (Kind.JSON, Kind.STATS, Kind.FIGURES)
"""Kinds whose columns hold JSON text."""


class Column(Struct, frozen=True):
    """One column. `sources` are dotted paths into the API record; the first that is not null wins. `[-1]` is a list's last.

    Without a source the value is joined (`dataset_name`), computed from other fields, or the whole record (`raw`).
    `offloaded` is where the address of a value in object storage stands. `absent` replaces null: v1 writes 0 where v2 may
    write nothing. `made_of` are the columns whose values a key joins by `@`.
    """

    name: str
    kind: Kind
    sources: tuple[str, ...]
    description: str
    offloaded: str | None = None
    absent: str | int | None = None
    made_of: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """One table. The first column is the primary key; `time` names the column that says when a row came to be.

    `name_of_parent` is a column joined by `parent`, the column that holds a project's or dataset's id.
    """

    name: str
    columns: tuple[Column, ...]
    how_read: str
    time: str
    parent: str | None = None
    name_of_parent: str | None = None

    @property
    def key(self) -> str:
        """The primary key's column name."""
        return self.columns[0].name


def column(name: str, kind: Kind, description: str, *sources: str) -> Column:
    """A column read from `sources`, or from the field of its own name."""
    return Column(name, kind, sources or (name,), description)


def joined(name: str, description: str) -> Column:
    """A column filled with the name of the row's parent."""
    return Column(name, Kind.STRING, (), description)


def raw() -> Column:
    """The whole API record, without what grants access to it."""
    return Column("raw", Kind.JSON, (), "The whole API record")
