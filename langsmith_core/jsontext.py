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

DEPTH_MAX = 500
"""BigQuery refuses JSON nested deeper than this, and yyjson, DuckDB and most parsers have a limit of their own above it."""

REPLACEMENT = "\ufffd"
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(rf"(?P<string>{_STRING})|(?P<open>[\[{{])|(?P<close>[\]}}])|(?P<word>[^\s\"\[\]{{}}:,]+)|[:,]|\s+", re.DOTALL)
_STRING_BYTES = re.compile(_STRING.encode(), re.DOTALL)
_NOT_JSON_WORDS = {"NaN": '"NaN"', "Infinity": '"Infinity"', "-Infinity": '"-Infinity"'}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_PAIRS = {"]": "[", "}": "{"}
_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])


class MalformedError(ValueError):
    """The text is no JSON, not even in the liberal form above."""


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
    return _rewritten(body.decode(errors="replace"), column_depth)


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


def shallow(record: bytes) -> bytes:
    """One strict record, its over-deep columns as text. Costs two byte counts unless the record has over 500 containers."""
    if record.count(b"[") + record.count(b"{") <= DEPTH_MAX or depth(record) <= DEPTH_MAX:
        return record
    return _rewritten(record.decode(), 1)


def column(text: bytes) -> str:
    """The value of a JSON column: the text itself, or, past 500 levels, a JSON string that holds it."""
    decoded = text.decode()
    if text.count(b"[") + text.count(b"{") > DEPTH_MAX and depth(text) > DEPTH_MAX:
        return dumps(decoded)
    return decoded


def depth(text: bytes) -> int:
    """How many containers the innermost value of a strict JSON text stands in."""
    brackets = _STRING_BYTES.sub(b"", text).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def dumps(value: Any) -> str:
    """Plain Python values as compact JSON text."""
    return quoted(value).decode()


def quoted(value: Any) -> bytes:
    """The same as bytes."""
    return msgspec.json.encode(value)


def _rewritten(text: str, column_depth: int) -> bytes:
    """The liberal form made strict, token by token and without recursion."""
    out: list[str] = []
    stack: list[str] = []
    start, deepest = 0, 0
    for token in _tokens(text):
        if token.lastgroup == "open":
            if len(stack) == column_depth:
                start, deepest = len(out), column_depth
            stack.append(token[0])
            deepest = max(deepest, len(stack))
            out.append(token[0])
        elif token.lastgroup == "close":
            if not stack or stack.pop() != _PAIRS[token[0]]:
                raise MalformedError(f"unbalanced {token[0]!r} at {token.start()}")
            out.append(token[0])
            if len(stack) == column_depth and deepest - column_depth > DEPTH_MAX:
                out[start:] = [dumps(_validated("".join(out[start:])))]
        else:
            out.append(_leaf(token))
    if stack:
        raise MalformedError("the text ends inside a container")
    return _formatted("".join(out))


def _tokens(text: str) -> list[re.Match[str]]:
    tokens: list[re.Match[str]] = []
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() != end:
            break
        tokens.append(token)
        end = token.end()
    if end != len(text):
        raise MalformedError(f"no JSON at character {end}")
    return tokens


def _leaf(token: re.Match[str]) -> str:
    if token.lastgroup == "string":
        return _ESCAPE.sub(_escape_or_replacement, _pairs_joined(token[0])) if "\\u" in token[0] else token[0]
    if token.lastgroup == "word":
        return _NOT_JSON_WORDS.get(token[0], token[0])
    return token[0].strip()


_SURROGATES = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)


def _pairs_joined(string: str) -> str:
    """Escaped surrogate pairs as the character they mean, so that any surrogate left stands alone."""
    return _SURROGATES.sub(
        lambda m: bytes.fromhex(m[1] + m[2]).decode("utf-16-be") if m[1] else m[0],
        string,
    )


def _escape_or_replacement(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else None
    return REPLACEMENT if code == 0 or (code is not None and 0xD800 <= code <= 0xDFFF) else escape[0]


def _formatted(text: str) -> bytes:
    try:
        return msgspec.json.format(text.encode(), indent=-1)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(str(error)) from error


def _validated(text: str) -> str:
    """An over-deep value: its brackets are balanced already, its leaves must be JSON."""
    flat = re.sub(r"[\[\]{}]", " ", _STRING_BYTES.sub(b'""', text.encode()).decode())
    for word in re.findall(r"[^\s:,\"]+", flat):
        if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null", word):
            raise MalformedError(f"{word[:20]!r} is no JSON value")
    return text


def text(string: bytes) -> str:
    """The value of a strict JSON string; any other scalar is its own text."""
    return msgspec.json.decode(string, type=str) if string.startswith(b'"') else string.decode()
