"""One exchange as a value: what was sent, what came back, and what earlier exchanges have shown.

Here: values, and readings of them that the rules share. A reading may assume the shape that earlier rules have checked. Not here:
verdicts (`rules`), effects (`destination`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from fivetran_model import strictjson

Row = dict[str, Any]
Key = tuple[Any, ...]
Columns = Mapping[str, AbstractSet[str]]
KINDS = {str: "string", bool: "boolean", int: "number", float: "number"}
SHOWN_CHARACTERS_MAX = 60


@dataclass(frozen=True)
class Terms:
    """What the model's caller agreed with the function beyond the protocol."""

    response_bytes_max: int = 10_000_000
    empties_max: int = 10
    calls_max: int = 10_000
    json_columns: Columns = field(default_factory=dict)
    timestamp_columns: Columns = field(default_factory=dict)


@dataclass(frozen=True)
class Memory:
    """What Fivetran knows from earlier answers: the schema, each column's kind, and how long this sync has gone on."""

    schema: Mapping[str, Any] | None = None
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    empties: int = 0
    calls: int = 0


@dataclass(frozen=True)
class Exchange:
    """A request's fields and the answer to it."""

    request: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    body: bytes
    memory: Memory = Memory()
    terms: Terms = Terms()

    @cached_property
    def document(self) -> object:
        """The body as a JSON value. Raises NotStrictError."""
        return strictjson.loads(self.body)

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_setup_test(self) -> bool:
        """Whether the request was a setup test."""
        return bool(self.request.get("setup_test", False))

    @property
    def root(self) -> dict[str, Any]:
        """The answer's root object."""
        return cast("dict[str, Any]", self.document)

    @property
    def has_more(self) -> bool:
        """The answer's hasMore."""
        return bool(self.root["hasMore"])

    @property
    def is_empty(self) -> bool:
        """Whether the answer has neither a row nor a delete."""
        return not any(self.root["insert"].values()) and not any(self.root["delete"].values())

    @property
    def state_bytes(self) -> int:
        """The size of the answer's state as compact UTF-8."""
        return len(strictjson.compact(self.root["state"]))

    def rows(self, part: str) -> Iterator[tuple[str, Row]]:
        """Each row of `insert` or `delete`, with its table."""
        for table, rows in self.root[part].items():
            for row in rows:
                yield table, row

    def cells(self) -> Iterator[tuple[str, Row, str, Any]]:
        """Each value of `insert` that is not null: table, row, column, value."""
        for table, row in self.rows("insert"):
            for column, value in row.items():
                if value is not None:
                    yield table, row, column, value

    def primary_key(self, table: str) -> list[str]:
        """The declared key columns of a table."""
        return cast("list[str]", self.root["schema"][table]["primary_key"])

    def key(self, table: str, row: Row) -> Key:
        """The row's primary key."""
        return tuple(row[column] for column in self.primary_key(table))

    def where(self, table: str, row: Row, column: str | None = None) -> str:
        """A row by its key, for a message: never another value of it."""
        key = ", ".join(f"{name}={_shown_key(row.get(name))}" for name in self.primary_key(table))
        return f"{shown(table)}{'' if column is None else '.' + shown(column)} where {key}"


def shown(name: str) -> str:
    """Return a name for a message, cut."""
    return name if len(name) <= SHOWN_CHARACTERS_MAX else f"{name[:SHOWN_CHARACTERS_MAX]}..."


def _shown_key(value: object) -> str:
    return "?" if isinstance(value, dict | list) else shown(repr(value))
