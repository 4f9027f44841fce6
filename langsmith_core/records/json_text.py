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

import re
from itertools import accumulate
from typing import Any

import msgspec

from langsmith_core.records import json_repair
from langsmith_core.records.json_repair import DEPTH_MAX as DEPTH_MAX  # noqa: PLC0414  part of this module's face
from langsmith_core.records.json_repair import MalformedError as MalformedError  # noqa: PLC0414  as above

_STRING = re.compile(json_repair.STRING.encode(), re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_TEXT = msgspec.json.Decoder(str)
_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])


def strict(body: bytes, column_depth: int) -> bytes:
    """Return `body` as compact strict JSON in the documented form.

    `column_depth` is how many containers stand around a column's value: 0 for a bare value, 1 for one record, 2 for a
    list of records, 3 for a list in an envelope. Raises MalformedError.
    """
    if b"\\u0000" not in body:
        try:
            body.decode()
            return msgspec.json.format(body, indent=-1)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
    return json_repair.rewritten(body.decode(errors="replace"), column_depth)


def elements(body: bytes) -> list[bytes]:
    """Cut a strict JSON list into the texts of its elements. Raises MalformedError where it is no list."""
    try:
        return [bytes(raw) for raw in _RECORDS.decode(body)]
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def members(body: bytes) -> dict[str, bytes]:
    """Cut a strict JSON object into the texts of its members. Raises MalformedError where it is no object."""
    try:
        return {key: bytes(raw) for key, raw in _RECORD.decode(body).items()}
    except msgspec.DecodeError as error:
        raise MalformedError(str(error)) from error


def shallow(record: bytes) -> tuple[bytes, str]:
    """One strict record, its over-deep columns as text, and the whole of it as a column's value.

    Costs two byte counts unless the record has over 500 containers.
    """
    if _has_few_containers(record):
        return record, record.decode()
    if depth(record) > DEPTH_MAX:
        record = json_repair.rewritten(record.decode(), 1)
    return record, column(record)


def column(text: bytes) -> str:
    """The value of a JSON column: the text itself, or, past 500 levels, a JSON string that holds it."""
    decoded = text.decode()
    return decoded if _has_few_containers(text) or depth(text) <= DEPTH_MAX else dumps(decoded)


def _has_few_containers(text: bytes) -> bool:
    """Whether it has no more containers than levels are allowed: then it is not too deep."""
    return text.count(b"[") + text.count(b"{") <= DEPTH_MAX


def depth(text: bytes) -> int:
    """How many containers the innermost value of a strict JSON text stands in."""
    brackets = _STRING.sub(b"", text).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def dumps(value: Any) -> str:
    """Plain Python values as compact JSON text."""
    return quoted(value).decode()


def quoted(value: Any) -> bytes:
    """The same as bytes."""
    return msgspec.json.encode(value)


def text(string: bytes) -> str:
    """The value of a strict JSON string; any other scalar is its own text."""
    return _TEXT.decode(string) if string.startswith(b'"') else string.decode()
