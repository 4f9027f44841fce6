"""JSON as text: make LangSmith's answers strict JSON and split them, while every payload keeps its digits.

Payload numbers are never parsed, so none can change. What strict JSON or a warehouse cannot hold takes this documented form:

| in the answer | in the destination |
|---|---|
| integers and fractions of any length | the same digits |
| `NaN`, `Infinity`, `-Infinity` | the strings "NaN", "Infinity", "-Infinity" |
| lone surrogates, NUL, bytes that are no UTF-8 | U+FFFD in their place |
| a value nested deeper than 500 levels | a string holding its JSON text |

Not here: what a field means (records.rows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from langsmith_core.records import json_repair
from langsmith_core.records.json_repair import MalformedError as MalformedError  # noqa: PLC0414  callers use it from here
from langsmith_core.records.json_shape import DEPTH_MAX as DEPTH_MAX  # noqa: PLC0414  as above
from langsmith_core.records.json_shape import PARTS_MAX, has_few_containers
from langsmith_core.records.json_shape import Text as Text  # noqa: PLC0414  as above
from langsmith_core.records.json_shape import depth as depth  # noqa: PLC0414  as above
from langsmith_core.records.json_shape import is_wide as is_wide  # noqa: PLC0414  as above
from langsmith_core.records.utf8 import as_utf8, is_utf8

PAGE_MAX = 1000
"""The most records that any endpoint can be asked for at once."""
_TEXT, _TEXTS = msgspec.json.Decoder(str), msgspec.json.Decoder(list[str])
_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])
_MISSING = msgspec.Raw(b"")
# Decoding a list as a struct stops making objects after the struct's last field: the rest is skipped at no cost.
_FIRST = msgspec.json.Decoder(
    msgspec.defstruct("First", [(f"f{i}", msgspec.Raw, _MISSING) for i in range(PAGE_MAX + 1)], array_like=True)
)


def strict(body: bytes, column_depth: int) -> bytes:
    """Return `body` as compact strict JSON in the documented form.

    `column_depth` counts the containers around a column's value: 0 for a bare value, 1 for one record, 2 for a list of
    records, 3 for a list in an envelope. Raises MalformedError if `body` is no JSON.
    """
    is_text = is_utf8(body)
    if is_text and b"\\u0000" not in body:
        try:
            return msgspec.json.format(body, indent=-1)
        except (msgspec.DecodeError, RecursionError):
            pass
    return json_repair.rewritten(body if is_text else as_utf8(body), column_depth)


def elements(body: Text) -> list[bytes]:
    """Split a strict JSON list into the texts of its elements.

    Raises MalformedError if it is no list, or has more than 250,000 elements.
    """
    return [bytes(raw) for raw in element_views(body)]


def element_views(body: Text) -> list[msgspec.Raw]:
    """Split a strict JSON list as `elements` does, but return views into its text."""
    try:
        return _RECORDS.decode(_bounded(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def first(body: Text, count: int) -> tuple[list[bytes], bool]:
    """Return the texts of a strict JSON list's first `count` elements, and whether it has more.

    Returns PAGE_MAX elements at most. Raises MalformedError if it is no list.
    """
    try:
        found: Sequence[msgspec.Raw] = msgspec.structs.astuple(_FIRST.decode(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error
    count = min(count, PAGE_MAX)
    return [bytes(raw) for raw in found[:count] if raw is not _MISSING], found[count] is not _MISSING


def texts(body: Text) -> list[str]:
    """Return the values of a strict JSON list of strings. Raises MalformedError if it is anything else."""
    try:
        return _TEXTS.decode(body)
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def last(body: Text) -> bytes | None:
    """Return the text of a strict JSON list's last element; None for an empty list. Raises MalformedError as `elements`."""
    found = elements(body)
    return found[-1] if found else None


def members(body: Text) -> dict[str, bytes]:
    """Split a strict JSON object into the texts of its members.

    Raises MalformedError if it is no object, or has more than 250,000 members.
    """
    return {key: bytes(raw) for key, raw in member_views(body).items()}


def member_views(body: Text) -> dict[str, msgspec.Raw]:
    """Split a strict JSON object as `members` does, but return views into its text."""
    try:
        return _RECORD.decode(_bounded(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def begins(body: Text, start: bytes) -> bool:
    """Return whether a text begins with `start`, without copying the text."""
    return bytes(memoryview(body)[: len(start)]) == start


def picked(body: Text, *names: str) -> dict[str, msgspec.Raw]:
    """Return those members of a strict JSON object that have one of these names, as views into its text.

    Skips all other members at no cost, however many there are. Raises MalformedError if it is no object.
    """
    try:
        found = msgspec.structs.astuple(_picker(names).decode(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error
    return {name: raw for name, raw in zip(names, found, strict=True) if raw is not _MISSING}


def object_of(members: Mapping[str, Text]) -> bytes:
    """Join the texts of members to the text of an object."""
    parts = [part for name, one in members.items() for part in (b",", dumps_bytes(name), b":", one)]
    return b"".join([b"{", *parts[1:], b"}"])


def shallow(record: bytes) -> bytes:
    """Return a strict record in which each field nested deeper than 500 levels is a string of its text.

    Costs little unless the record has over 500 containers.
    """
    if has_few_containers(record) or depth(record) <= DEPTH_MAX:
        return record
    return json_repair.rewritten(record, 1)


def column(text: bytes) -> str:
    """Return a JSON column's value: the text itself, or past 500 levels a JSON string that holds it."""
    decoded = text.decode()
    return decoded if has_few_containers(text) or depth(text) <= DEPTH_MAX else dumps(decoded)


def from_column(value: str) -> bytes:
    """Undo `column`: return the JSON text that a JSON column's value holds."""
    return text(value.encode()).encode()


def dumps(value: Any) -> str:
    """Write plain Python values as compact JSON text."""
    return dumps_bytes(value).decode()


def dumps_bytes(value: Any) -> bytes:
    """Write plain Python values as compact JSON in UTF-8."""
    return msgspec.json.encode(value)


def text(string: Text) -> str:
    """Return the value of a strict JSON string. For any other scalar return its text."""
    whole = bytes(string)
    return _TEXT.decode(whole) if whole.startswith(b'"') else whole.decode()


def _bounded(body: Text) -> Text:
    """Return a container that is not too wide to be split. Raises MalformedError for a wider one."""
    if is_wide(body):
        raise MalformedError(f"a value of more than {PARTS_MAX} parts")
    return body


@lru_cache(maxsize=512)
def _picker(names: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    fields = {f"f{i}": name for i, name in enumerate(names)}
    return msgspec.json.Decoder(msgspec.defstruct("Picked", [(one, msgspec.Raw, _MISSING) for one in fields], rename=fields))
