"""What the privacy keys name: columns, and places inside the JSON of a column.

    EXCLUDE_COLUMNS   langsmith_run.inputs,*.raw
    REDACT_PATHS      langsmith_run.inputs.**.content,langsmith_run.raw.extra["user.mail"]

Here: the grammar and what may be named. Not here: what happens there (privacy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import EllipsisType
from typing import TypeAlias

import msgspec
from msgspec import Struct

from langsmith_core.liberal import STRING
from langsmith_core.streams import BY_TABLE, STREAMS, Kind, Stream

Step: TypeAlias = str | int | EllipsisType | None
Steps: TypeAlias = tuple[Step, ...]
"""A way into JSON: a member's name, an index, None for every member or element, `...` for any number of these, also none."""

RAW = "raw"
STEPS_MAX = 100
"""Steps of one way: each is a reading of all that lies below it."""
CHARACTERS_MAX = 20_000
"""Of a list of places."""
# A request brings these texts. So no character can be read in two ways, and nothing that was read is given back.
_ITEM = re.compile(rf'(?:\[(?:{STRING}|[^\[\]"]*+)\]|[^,])++')
_STEP = re.compile(rf"\.\*\*?+(?=[.\[]|\Z)|\.[^.,\[\]\s]++|\[\*\]|\[[0-9]{{1,18}}+\]|\[{STRING}\]")
_PLACE = re.compile(rf"(\*|\w++)\.(\w++)((?:{_STEP.pattern})*+)")


class Place(Struct, frozen=True, eq=False):
    """A column of a table, and the way into its JSON; no steps: all of it.

    `written` is the item of the list that names it: one place, however it is written, is equal.
    """

    table: str
    column: str
    steps: Steps = ()
    written: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._at == other._at

    def __hash__(self) -> int:
        return hash(self._at)

    @property
    def _at(self) -> tuple[str, str, Steps]:
        return self.table, self.column, self.steps


def columns(text: str) -> tuple[Place, ...]:
    """Columns to leave out. Raises ValueError for one that is not there or that rows need; says its number only."""
    places = list(_places(text))
    for number, place in places:
        stream = BY_TABLE[place.table]
        if place.steps:
            raise ValueError(f"item {number} goes on with a path; write table.column here, and paths into REDACT_PATHS")
        if place.column in (stream.key, stream.time, stream.parent):
            raise ValueError(f"item {number} cannot be left out: rows are kept apart by this column; take it off the list")
    return tuple(place for _, place in places)


def paths(text: str) -> tuple[Place, ...]:
    """Places whose values are replaced. Raises ValueError for one that is not there, or that cannot hold a text."""
    places = list(_places(text))
    for number, place in places:
        stream = BY_TABLE[place.table]
        if place.column != RAW and not _replaceable(stream, place.column):
            raise ValueError(f"item {number} is a key, or holds neither text nor JSON; take it off the list")
        if place.column == RAW and not isinstance((*place.steps, None)[0], str):
            raise ValueError(f"item {number} needs a member; name one, such as .extra: EXCLUDE_COLUMNS takes all of raw")
        if place.column == RAW and place.steps[0] in _fixed(stream):
            raise ValueError(f"item {number} cannot be replaced: rows are kept apart by it; take it off the list")
    return tuple(place for _, place in places)


def _fixed(stream: Stream) -> set[str]:
    """The record's fields that a row cannot do without."""
    return {source for one in stream.columns if one.name in (stream.key, stream.time, stream.parent) for source in one.sources}


def _replaceable(stream: Stream, column: str) -> bool:
    kinds = {one.name: one.kind for one in stream.columns}
    return kinds[column] in (Kind.STRING, Kind.JSON) and column not in (stream.key, stream.time, stream.parent)


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """Every place, and which item of the list it is."""
    if len(text) > CHARACTERS_MAX:
        raise ValueError(f"write {CHARACTERS_MAX} characters at most")
    for number, item in enumerate(filter(None, (one.strip() for one in _ITEM.findall(text))), 1):
        found = _PLACE.fullmatch(item)
        if not found:
            raise ValueError(f"item {number} is no place; write table.column, and for a path .member, [*] or [0] after it")
        tables = [one.table for one in STREAMS if found[1] in ("*", one.table) and found[2] in {c.name for c in one.columns}]
        if not tables:
            raise ValueError(f"item {number} is no column; write one that the README lists")
        if len(ways := _STEP.findall(found[3])) > STEPS_MAX:
            raise ValueError(f"item {number} has more than {STEPS_MAX} steps; write a place above it")
        try:
            steps = tuple(_step(one) for one in ways)
        except (msgspec.DecodeError, ValueError) as error:
            raise ValueError(f"item {number} has a text or a number in brackets that cannot be read; correct it") from error
        if ... in steps[-1:]:
            raise ValueError(f"item {number} ends in **; write the member that is meant after it, such as .**.content")
        yield from ((number, Place(table, found[2], steps, item)) for table in tables)


def _step(text: str) -> Step:
    inner = text[1:] if text.startswith(".") else text[1:-1]
    if inner in ("*", "**"):
        return None if inner == "*" else ...
    if text.startswith("["):
        return str(msgspec.json.decode(inner)) if inner.startswith('"') else int(inner)
    return inner
