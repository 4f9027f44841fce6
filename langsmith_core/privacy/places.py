"""What the privacy keys name: columns, and places inside the JSON of a column.

    EXCLUDE_COLUMNS   langsmith_run.inputs,*.raw
    REDACT_PATHS      langsmith_run.inputs.messages[*].content,langsmith_run.raw.extra["user.mail"]

Here: the grammar and what may be named. Not here: what happens there (privacy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
from msgspec import Struct

from langsmith_core.records.columns import Kind, Table
from langsmith_core.streams.registry import TABLE_OF, TABLES

Steps: TypeAlias = tuple[str | int | None, ...]
"""A way into JSON: a member's name, an index, None for every member or element."""

RAW = "raw"
_ITEM = re.compile(r'(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]|[^,])+')
_STEP = r'\.\*|\.[^.,\[\]\s]+|\[\*\]|\[[0-9]+\]|\["(?:[^"\\]|\\.)*"\]'
_PLACE = re.compile(rf"(\*|\w+)\.(\w+)((?:{_STEP})*)")


class Place(Struct, frozen=True):
    """A column of a table, and the way into its JSON; no steps: all of it."""

    table: str
    column: str
    steps: Steps = ()


def columns(text: str) -> tuple[Place, ...]:
    """Columns to leave out. Raises ValueError for one that is not there or that rows need; says its number only."""
    places = list(_places(text))
    for number, place in places:
        stream = TABLE_OF[place.table]
        if place.steps:
            raise ValueError(f"item {number} goes on with a path; write table.column here, and paths into REDACT_PATHS")
        if place.column in (stream.key, stream.time, stream.parent):
            raise ValueError(f"item {number} cannot be left out: rows are kept apart by this column")
    return tuple(place for _, place in places)


def paths(text: str) -> tuple[Place, ...]:
    """Places whose values are replaced. Raises ValueError for one that is not there, or that cannot hold a text."""
    places = list(_places(text))
    for number, place in places:
        stream = TABLE_OF[place.table]
        if place.column != RAW and not _replaceable(stream, place.column):
            raise ValueError(f"item {number} is a column that holds no text and no JSON, or by which rows are kept apart")
        if place.column == RAW and not isinstance((*place.steps, None)[0], str):
            raise ValueError(f"item {number} needs a member, such as .extra; EXCLUDE_COLUMNS takes all of raw")
        if place.column == RAW and place.steps[0] in _fixed(stream):
            raise ValueError(f"item {number} cannot be replaced: rows are kept apart by it")
    return tuple(place for _, place in places)


def _fixed(stream: Table) -> set[str]:
    """The record's fields that a row cannot do without."""
    return {source for one in stream.columns if one.name in (stream.key, stream.time, stream.parent) for source in one.sources}


def _replaceable(stream: Table, column: str) -> bool:
    kinds = {one.name: one.kind for one in stream.columns}
    return kinds[column] in (Kind.STRING, Kind.JSON) and column not in (stream.key, stream.time, stream.parent)


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """Every place, and which item of the list it is."""
    for number, item in enumerate(filter(None, (one.strip() for one in _ITEM.findall(text))), 1):
        found = _PLACE.fullmatch(item)
        if not found:
            raise ValueError(f"item {number} is no place; write table.column, and for a path .member, [*] or [0] after it")
        tables = [one.name for one in TABLES if found[1] in ("*", one.name) and found[2] in {c.name for c in one.columns}]
        if not tables:
            raise ValueError(f"item {number} is no column; the README lists the tables and their columns")
        steps = tuple(_step(one) for one in re.findall(_STEP, found[3]))
        yield from ((number, Place(table, found[2], steps)) for table in tables)


def _step(text: str) -> str | int | None:
    inner = text[1:] if text.startswith(".") else text[1:-1]
    if inner == "*":
        return None
    if text.startswith("["):
        return str(msgspec.json.decode(inner)) if inner.startswith('"') else int(inner)
    return inner
