"""Tables and columns as values: what a column holds, and where LangSmith's record has it.

Every stream declares its table in these terms. Not here: the declarations themselves (streams).
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace


class Kind(Enum):
    """The type of a column's values, whichever API answered.

    LOWER: text in lower case. STATS: feedback statistics by key. FIGURES: an object of numbers.
    """

    STRING = "string"
    LOWER = "lower-case string"
    INTEGER = "integer"
    FLOAT = "float"
    NUMERIC = "numeric"
    TIMESTAMP = "timestamp"
    JSON = "json"
    STATS = "json of feedback statistics"
    FIGURES = "json of figures"
    BOOLEAN = "boolean"


JSON_KINDS = (Kind.JSON, Kind.STATS, Kind.FIGURES)
"""Kinds whose columns hold JSON text."""


class Made(Enum):
    """How a column is made of the values of other columns (records.derived)."""

    JOINED = "the values, joined by @"
    NULL = "whether the value is null"
    THERE = "whether there is a value"
    SECONDS = "seconds from the first time to the second"
    ERROR_CLASS = "the class of the exception that a text shows"


Keys: TypeAlias = tuple[tuple[str, str], ...]
"""By column with a `setting`, the member's name that a team has chosen. A column that is not named has its default."""
Path: TypeAlias = tuple[str, ...]
"""Names that lead into a record. LAST stands for a list's last element."""
LAST = "[-1]"


class Column(Struct, frozen=True):
    """One column of a table.

    `sources`: dotted paths into the API record. The first that is not null fills the column. `[-1]` takes a list's last element.
    A column without a source is one of these: the parent's name (`dataset_name`), a value that the question knows
    (`rows.to_row(given=...)`), made of other columns, or the whole record (`raw`).
    `offloaded`: the dotted path of an address in object storage, where LangSmith may keep the value.
    `absent`: the value in place of null. v1 writes 0 where v2 may write nothing.
    `made_of`: columns that this column is made of, and `made` says how: `version_id` is `dataset_id@as_of`.
    `setting`: the configuration key by which a team chooses the last name of each source. The default is the one declared.
    `late`: rows of an earlier version of this program lack it, until a statement fills it (docs/columns.md).
    """

    name: str
    kind: Kind
    sources: tuple[str, ...]
    description: str
    offloaded: str | None = None
    absent: str | int | None = None
    made_of: tuple[str, ...] = ()
    made: Made = Made.JOINED
    setting: str = ""
    late: bool = False

    def paths(self, keys: Keys = ()) -> tuple[Path, ...]:
        """Return where the record may have the value. A member whose name contains a dot is only found by a `setting`."""
        chosen = dict(keys).get(self.name) if self.setting else None
        return tuple(path if chosen is None else (*path[:-1], chosen) for path in map(way, self.sources))


def way(source: str) -> Path:
    """Read a dotted path, which may end in `[-1]`."""
    return (*source.removesuffix(LAST).split("."), *((LAST,) if source.endswith(LAST) else ()))


class Table(Struct, frozen=True):
    """One table. The first column is the primary key.

    `how_read`: a sentence for README and BigQuery's descriptions. `time`: the column with the time a row's record began.
    `is_keyed_by_id`: the key is a UUID, by which LangSmith can be asked for the record.
    `partition`: DAY or MONTH of `time`, by which a warehouse cuts a large table. `cluster`: columns that it sorts by.
    `parent`: the column with the id of the row's project or dataset. `name_of_parent`: the column filled with its name.
    """

    name: str
    columns: tuple[Column, ...]
    how_read: str
    time: str
    parent: str | None = None
    name_of_parent: str | None = None
    is_keyed_by_id: bool = True
    partition: str = ""
    cluster: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Hash the name, which tells tables apart: to hash all columns costs more than to convert a row."""
        return hash(self.name)

    @property
    def key(self) -> str:
        """The name of the primary key's column."""
        return self.columns[0].name

    @property
    def late(self) -> tuple[Column, ...]:
        """The columns that rows of an earlier version lack."""
        return tuple(column for column in self.columns if column.late)

    @property
    def telling(self) -> tuple[str, ...]:
        """Names of late columns that are null, all of them, in a row that lacks them: one that is never null suffices."""
        never_null = [column for column in self.late if column.made in (Made.NULL, Made.THERE)]
        return tuple(column.name for column in never_null or self.late)

    @property
    def identifying(self) -> frozenset[str]:
        """Names of the columns that no row can do without: the key, the columns it is made of, the time, the parent."""
        names = (self.key, *self.columns[0].made_of, self.time, self.parent)
        return frozenset(name for name in names if name)


def column(name: str, kind: Kind, description: str, *sources: str) -> Column:
    """Make a column that is read from `sources`, or from the field of its own name."""
    return Column(name, kind, sources or (name,), description)


def joined(name: str, description: str) -> Column:
    """Make a column that is filled with the name of the row's parent."""
    return Column(name, Kind.STRING, (), description)


def made(name: str, kind: Kind, description: str, how: Made, *columns: str) -> Column:
    """Make a column that is made of other columns' values."""
    return Column(name, kind, (), description, made_of=columns, made=how)


def of_metadata(name: str, description: str, setting: str) -> Column:
    """Make a column that is read from a run's metadata, from the key that a configuration key names."""
    return Column(name, Kind.STRING, (f"extra.metadata.{name}", f"metadata.{name}"), description, setting=setting)


def later(*columns: Column) -> tuple[Column, ...]:
    """Mark columns that came to their table with a later version of this program."""
    return tuple(replace(one, late=True) for one in columns)


def raw() -> Column:
    """Make the column that holds the whole API record, without what grants access to it."""
    return Column("raw", Kind.JSON, (), "The API record, without what grants access")


def details(name: str, description: str) -> Column:
    """Make a column of figures. v2 wraps them in `{"raw": ...}`, v1 does not (API reference, section 2b)."""
    return column(name, Kind.FIGURES, description, f"{name}.raw", name)
