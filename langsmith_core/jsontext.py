"""JSON as text: what LangSmith sent reaches the destination digit for digit.

Here: making any answer strict, compact JSON in the documented form, and cutting it into records without reading payloads.
Not here: what a field means. Payload numbers are never parsed, so none can change.

The documented form, for what strict JSON or a warehouse cannot hold:

| in the answer | in the destination |
|---|---|
| integers and fractions of any length | the same digits |
| `NaN`, `Infinity`, `-Infinity` | the strings "NaN", "Infinity", "-Infinity" |
| lone surrogates, NUL, bytes that are no UTF-8 | U+FFFD in their place |
| a value nested deeper than 500 levels | a string holding its JSON text |
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from langsmith_core import liberal
from langsmith_core.jsonshape import CHUNK, COUNT_MAX
from langsmith_core.jsonshape import Text as Text  # noqa: PLC0414  part of this module's face
from langsmith_core.jsonshape import depth as depth  # noqa: PLC0414  as above
from langsmith_core.jsonshape import is_wide as is_wide  # noqa: PLC0414  as above
from langsmith_core.liberal import DEPTH_MAX as DEPTH_MAX  # noqa: PLC0414  as above
from langsmith_core.liberal import MalformedError as MalformedError  # noqa: PLC0414  as above

PAGE_MAX = 1000
"""The most records that any endpoint can be asked for at once."""
_TEXT, _TEXTS = msgspec.json.Decoder(str), msgspec.json.Decoder(list[str])
_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])
_NONE = msgspec.Raw(b"")
# A list read as a struct of so many fields is read no further: what follows is passed over without an object for each element.
_FIRST = msgspec.json.Decoder(
    msgspec.defstruct("First", [(f"f{i}", msgspec.Raw, _NONE) for i in range(PAGE_MAX + 1)], array_like=True)
)


def strict(body: bytes, column_depth: int) -> bytes:
    """Return `body` as compact strict JSON in the documented form.

    `column_depth` is how many containers stand around a column's value: 0 for a bare value, 1 for one record, 2 for a
    list of records, 3 for a list in an envelope. Raises MalformedError.
    """
    is_text = _is_utf8(body)
    if is_text and b"\\u0000" not in body:
        try:
            return msgspec.json.format(body, indent=-1)
        except (msgspec.DecodeError, RecursionError):
            pass
    return liberal.rewritten(body if is_text else _as_utf8(body), column_depth)


def elements(body: Text) -> list[bytes]:
    """Cut a strict JSON list into the texts of its elements. Raises MalformedError where it is no list, or too long a one."""
    return [bytes(raw) for raw in element_views(body)]


def element_views(body: Text) -> list[msgspec.Raw]:
    """The same as views into the list's text."""
    try:
        return _RECORDS.decode(_counted(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def first(body: Text, count: int) -> tuple[list[bytes], bool]:
    """The texts of the first `count` elements of a strict JSON list, at most PAGE_MAX, and whether there are more.

    Raises MalformedError where it is no list.
    """
    try:
        found: Sequence[msgspec.Raw] = msgspec.structs.astuple(_FIRST.decode(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error
    count = min(count, PAGE_MAX)
    return [bytes(raw) for raw in found[:count] if raw is not _NONE], found[count] is not _NONE


def texts(body: Text) -> list[str]:
    """The values of a strict JSON list of strings. Raises MalformedError where it is none."""
    try:
        return _TEXTS.decode(body)
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def last(body: Text) -> bytes | None:
    """The text of a strict JSON list's last element; None where it has none. Raises MalformedError."""
    found = elements(body)
    return found[-1] if found else None


def members(body: Text) -> dict[str, bytes]:
    """Cut a strict JSON object into the texts of its members. Raises MalformedError where it is none, or too wide a one."""
    return {key: bytes(raw) for key, raw in member_views(body).items()}


def member_views(body: Text) -> dict[str, msgspec.Raw]:
    """The same as views into the object's text."""
    try:
        return _RECORD.decode(_counted(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def begins(body: Text, start: bytes) -> bool:
    """Whether a text begins so."""
    return bytes(memoryview(body)[: len(start)]) == start


def picked(body: Text, *names: str) -> dict[str, msgspec.Raw]:
    """The members of these names that a strict JSON object has, as views into it: the others cost nothing, however many.

    Raises MalformedError where it is no object.
    """
    try:
        found = msgspec.structs.astuple(_picker(names).decode(body))
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error
    return {name: raw for name, raw in zip(names, found, strict=True) if raw is not _NONE}


def joined(members: Mapping[str, Text]) -> bytes:
    """The texts of members as the text of an object."""
    parts = [part for name, one in members.items() for part in (b",", quoted(name), b":", one)]
    return b"".join([b"{", *parts[1:], b"}"])


def object_in(value: str) -> bytes:
    """What a JSON column holds, as `column` writes it: the text itself, or that in the string which holds it."""
    return text(value.encode()).encode()


def shallow(record: bytes) -> bytes:
    """One strict record, its over-deep columns as text.

    Costs two byte counts unless the record has over 500 containers.
    """
    if _has_few_containers(record) or depth(record) <= DEPTH_MAX:
        return record
    return liberal.rewritten(record, 1)


def column(text: bytes) -> str:
    """The value of a JSON column: the text itself, or, past 500 levels, a JSON string that holds it."""
    decoded = text.decode()
    return decoded if _has_few_containers(text) or depth(text) <= DEPTH_MAX else dumps(decoded)


def _has_few_containers(text: bytes) -> bool:
    """Whether it has no more containers than levels are allowed: then it is not too deep."""
    return text.count(b"[") + text.count(b"{") <= DEPTH_MAX


def _counted(body: Text) -> Text:
    if is_wide(body):
        raise MalformedError(f"a value of more than {COUNT_MAX} parts")
    return body


@lru_cache(maxsize=512)
def _picker(names: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    fields = {f"f{i}": name for i, name in enumerate(names)}
    return msgspec.json.Decoder(msgspec.defstruct("Picked", [(one, msgspec.Raw, _NONE) for one in fields], rename=fields))


def _is_utf8(body: bytes) -> bool:
    """Whether the bytes are UTF-8, without a second copy of them."""
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(body)
    try:
        for at in range(0, len(body), CHUNK):
            decoder.decode(view[at : at + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(body: bytes) -> bytearray:
    """The bytes with U+FFFD for what is no UTF-8."""
    decoder, view, out = codecs.getincrementaldecoder("utf-8")("replace"), memoryview(body), bytearray()
    for at in range(0, len(body), CHUNK):
        out += decoder.decode(view[at : at + CHUNK]).encode()
    out += decoder.decode(b"", final=True).encode()
    return out


def dumps(value: Any) -> str:
    """Plain Python values as compact JSON text."""
    return quoted(value).decode()


def quoted(value: Any) -> bytes:
    """The same as bytes."""
    return msgspec.json.encode(value)


def text(string: Text) -> str:
    """The value of a strict JSON string; any other scalar is its own text."""
    whole = bytes(string)
    return _TEXT.decode(whole) if whole.startswith(b'"') else whole.decode()
