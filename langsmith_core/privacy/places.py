"""Parse the values of the privacy keys: columns to leave out, and paths into a column's JSON.

    EXCLUDE_COLUMNS   langsmith_run.inputs,*.raw
    REDACT_PATHS      langsmith_run.inputs.**.content,langsmith_run.raw.extra["user.mail"]

Says what may be named, too. Not here: what happens to the values there (privacy.rules).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import EllipsisType
from typing import TypeAlias

import msgspec
from msgspec import Struct

from langsmith_core.records.columns import Kind, Table
from langsmith_core.records.json_tokens import STRING
from langsmith_core.streams.registry import TABLE_OF, TABLES

Step: TypeAlias = str | int | EllipsisType | None
Steps: TypeAlias = tuple[Step, ...]
"""A path into JSON. A step is a member's name, an index, None for every member or element, or `...` for any number of levels."""

RAW = "raw"
STEPS_MAX = 100
"""The most steps of one path: each step reads all that lies below it."""
CHARACTERS_MAX = 20_000
"""The most characters of a list of places."""
# Requests bring these texts, so the patterns must not backtrack: they are possessive, and no character matches in two ways.
_ITEM = re.compile(rf'(?:\[(?:{STRING}|[^\[\]"]*+)\]|[^,])++')
_STEP = re.compile(rf"\.\*\*?+(?=[.\[]|\Z)|\.[^.,\[\]\s]++|\[\*\]|\[[0-9]{{1,18}}+\]|\[{STRING}\]")
_PLACE = re.compile(rf"(\*|\w++)\.(\w++)((?:{_STEP.pattern})*+)")


class Place(Struct, frozen=True, eq=False):
    """A column of a table, and the path into its JSON; without steps it is the whole column.

    `written` is the configuration's text for it. Two places are equal however they are written.
    """

    table: str
    column: str
    steps: Steps = ()
    written: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, Steps]:
        return self.table, self.column, self.steps


def columns(text: str) -> tuple[Place, ...]:
    """Parse EXCLUDE_COLUMNS: columns to leave out.

    Raises ValueError for a column that does not exist or that rows need. The message gives the item's number, not its text.
    """
    places = list(_places(text))
    for number, place in places:
        stream = TABLE_OF[place.table]
        if place.steps:
            raise ValueError(f"item {number} goes on with a path; write table.column here, and paths into REDACT_PATHS")
        if place.column in stream.identifying:
            raise ValueError(f"item {number} cannot be excluded: this column tells rows apart; take it off the list")
    return tuple(place for _, place in places)


def paths(text: str) -> tuple[Place, ...]:
    """Parse REDACT_PATHS or HASH_PATHS: places whose values are replaced.

    Raises ValueError for a column that does not exist, or whose values cannot become text.
    """
    places = list(_places(text))
    for number, place in places:
        stream = TABLE_OF[place.table]
        if place.column != RAW and not _replaceable(stream, place.column):
            raise ValueError(f"item {number} is a key, or holds neither text nor JSON; take it off the list")
        if place.column == RAW and not isinstance((*place.steps, None)[0], str):
            raise ValueError(f"item {number} needs a member; name one, such as .extra: EXCLUDE_COLUMNS takes all of raw")
        if place.column == RAW and place.steps[0] in _identifying_fields(stream):
            raise ValueError(f"item {number} cannot be replaced: it tells rows apart; take it off the list")
    return tuple(place for _, place in places)


def _identifying_fields(stream: Table) -> set[str]:
    """Return the record's fields that a row cannot do without."""
    return {source for one in stream.columns if one.name in stream.identifying for source in one.sources}


def _replaceable(stream: Table, column: str) -> bool:
    kinds = {one.name: one.kind for one in stream.columns}
    return kinds[column] in (Kind.STRING, Kind.JSON) and column not in stream.identifying


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """Yield every place with the number of its item in the list, from 1."""
    if len(text) > CHARACTERS_MAX:
        raise ValueError(f"write {CHARACTERS_MAX} characters at most")
    for number, item in enumerate(filter(None, (one.strip() for one in _ITEM.findall(text))), 1):
        found = _PLACE.fullmatch(item)
        if not found:
            raise ValueError(f"item {number} is not a place; write table.column, and for a path .member, [*] or [0] after it")
        tables = [one.name for one in TABLES if found[1] in ("*", one.name) and found[2] in {c.name for c in one.columns}]
        if not tables:
            raise ValueError(f"item {number} is not a column; write one that the README lists")
        if len(texts := _STEP.findall(found[3])) > STEPS_MAX:
            raise ValueError(f"item {number} has more than {STEPS_MAX} steps; write a place above it")
        try:
            steps = tuple(_step(one) for one in texts)
        except (msgspec.DecodeError, ValueError) as error:
            raise ValueError(f"item {number} has a text or a number in brackets that cannot be read; correct it") from error
        if ... in steps[-1:]:
            raise ValueError(f"item {number} ends in **; write the member that is meant after it, such as .**.content")
        yield from ((number, Place(table, found[2], steps, item)) for table in tables)


def _step(text: str) -> Step:
    """Parse one step: `.name`, `.*`, `.**`, `["name"]`, `[*]` or `[0]`."""
    inner = text[1:] if text.startswith(".") else text[1:-1]
    if inner in ("*", "**"):
        return None if inner == "*" else ...
    if text.startswith("["):
        return str(msgspec.json.decode(inner)) if inner.startswith('"') else int(inner)
    return inner
