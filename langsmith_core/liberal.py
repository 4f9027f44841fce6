"""JSON that strict parsers refuse, made strict token by token and without recursion. Only such answers come here.

Here: the long way to the documented form (jsontext has its table). Not here: the short way, which all other answers take.

The text is read once, from left to right. What is kept beside the output is one byte for each open container, so neither a
million tokens nor a million brackets take more memory than the text itself. Patterns are possessive for the same reason: a
greedy one remembers each of its steps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import Enum

import msgspec

DEPTH_MAX = 500
"""BigQuery refuses JSON nested deeper than this; other parsers' limits lie above it."""
REPLACEMENT = "\ufffd"
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""Possessive throughout: nothing that was read is given back, so a text costs what it is long."""
NO_JSON = "the text has characters that are no JSON"
STEPS = 4096
"""Brackets, or characters of a string, that are taken in one step."""

_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_PLAIN = rb'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt])*+"'
_NUMBER = rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_TOKEN = re.compile(
    rb"(?P<string>" + _STRING + rb")|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<colon>:)|(?P<foreign>NaN|-?+Infinity)"
    rb"|(?P<word>" + _NUMBER + rb"|true|false|null)|(?P<space>[ \t\r\n]++)"
)
# What needs no change and comes in great numbers is taken in one step: further elements or members, brackets in a row.
_SCALAR = rb"(?:" + _PLAIN + rb"|" + _NUMBER + rb"|true|false|null)"
_MEMBER = _PLAIN + rb":" + _SCALAR
_LIST = rb"\[(?:" + _SCALAR + rb"(?:," + _SCALAR + rb")*+)?+\]"
_OBJECT = rb"\{(?:" + _MEMBER + rb"(?:," + _MEMBER + rb")*+)?+\}"
_VALUE = rb"(?:" + _SCALAR + rb"|" + _LIST + rb"|" + _OBJECT + rb")"
_ELEMENTS = re.compile(rb"(?:," + _VALUE + rb")++")
_MEMBERS = re.compile(rb"(?:," + _PLAIN + rb":" + _VALUE + rb")++")
_MORE = {ord("["): _ELEMENTS, ord("{"): _MEMBERS}
_DOWN = re.compile(rb"(?:\[|\{" + _PLAIN + rb":){1,%d}+" % STEPS)
_OPENING = re.compile(rb"([\[{])(?:" + _PLAIN + rb":)?+")
_UP = re.compile(rb"[\]}]{1,%d}+" % STEPS)
_CHARACTERS = re.compile(rb"(?:[^\\]|\\u[0-9a-fA-F]{4}|\\[^u]){1,%d}+" % STEPS)
_HIGH = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_LOW = re.compile(rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_CHANGED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_CLOSER = bytes.maketrans(b"[{", b"]}")


class MalformedError(ValueError):
    """The text is no JSON, not even in the liberal form that is put right."""


class _Expect(Enum):
    """What may come next: a value, a value or the end of its list, a name, a name or the end of its object, a colon, more."""

    VALUE = 0
    ITEM = 1
    NAME = 2
    MEMBER = 3
    COLON = 4
    MORE = 5


_VALUES = (_Expect.VALUE, _Expect.ITEM)
_NAMES = (_Expect.NAME, _Expect.MEMBER)
_CLOSING = (_Expect.MORE, _Expect.ITEM, _Expect.MEMBER)


def rewritten(text: bytes | bytearray, column_depth: int) -> bytes:
    """Compact strict JSON in the documented form; `column_depth` containers stand around a column's value.

    Raises MalformedError.
    """
    return _Rewriting(text, column_depth).done()


class _Rewriting:
    """One text on its way: what is written, the containers still open, and how deep the column in hand goes."""

    def __init__(self, text: bytes | bytearray, column_depth: int) -> None:
        self._text, self._view, self._column_depth = text, memoryview(text), column_depth
        self._out, self._open = bytearray(), bytearray()
        self._expect = _Expect.VALUE
        self._column, self._deepest = 0, 0
        self._acts: dict[str, Callable[[int, int], None]] = {
            "string": self._string,
            "open": self._opened,
            "close": self._closed,
            "comma": self._comma,
            "colon": self._colon,
            "foreign": self._foreign,
            "word": self._word,
            "space": lambda *_: None,
        }

    def done(self) -> bytes:
        """The whole text, rewritten."""
        at, end = 0, len(self._text)
        while at < end:
            past = self._leap(at)
            if past == at:
                token = _TOKEN.match(self._text, at)
                if token is None:
                    raise MalformedError(NO_JSON)
                self._acts[token.lastgroup or ""](*token.span())
                past = token.end()
            at = past
        if self._open or self._expect is not _Expect.MORE:
            raise MalformedError("the text ends inside a container")
        return bytes(self._out)

    def _leap(self, at: int) -> int:
        """Where to go on: behind what comes in great numbers and needs no change, taken in one step."""
        if not self._open:
            return at
        levels = len(self._open) - self._column_depth
        sign = self._text[at]
        if sign == ord(",") and self._expect is _Expect.MORE and levels + 1 < DEPTH_MAX:
            more = _MORE[self._open[-1]].match(self._text, at)
            return self._taken(at, more.end()) if more else at
        if sign in b"[{" and self._expect in _VALUES and levels > 0:
            return self._down(at)
        return self._up(at, levels) if sign in b"]}" and self._expect in _CLOSING and levels > 1 else at

    def _down(self, at: int) -> int:
        """Take in brackets that open within a column, with the names between them."""
        run = _DOWN.match(self._text, at)
        if run is None:
            return at
        self._open += _OPENING.sub(rb"\1", run[0]) if b"{" in run[0] else run[0]
        self._deepest = max(self._deepest, len(self._open))
        self._expect = _Expect.ITEM if run[0].endswith(b"[") else _Expect.VALUE
        return self._taken(at, run.end())

    def _up(self, at: int, levels: int) -> int:
        """Take in brackets that close, down to the column's own."""
        run = _UP.match(self._text, at, at + levels - 1)
        if run is None:
            return at
        count = run.end() - at
        if self._open[: -count - 1 : -1].translate(_CLOSER) != run[0]:
            return at
        del self._open[-count:]
        self._expect = _Expect.MORE
        return self._taken(at, run.end())

    def _taken(self, at: int, past: int) -> int:
        self._out += self._view[at:past]
        return past

    def _string(self, start: int, end: int) -> None:
        is_name = self._expect in _NAMES
        self._must(is_name or self._expect in _VALUES)
        if self._text.find(b"\\u", start, end) < 0:
            self._out += self._view[start:end]
        else:
            self._replaced(start, end)
        self._expect = _Expect.COLON if is_name else _Expect.MORE

    def _replaced(self, start: int, end: int) -> None:
        """A string with pairs of surrogates as the character they mean, lone ones and NUL as U+FFFD."""
        self._out += b'"'
        at, end = start + 1, end - 1
        while at < end:
            part = _CHARACTERS.match(self._text, at, end)
            assert part  # noqa: S101  the string's own pattern has found them
            other = _LOW.match(self._text, part.end(), end) if _HIGH.search(part[0]) else None
            past = other.end() if other else part.end()
            self._out += _put_right(bytes(self._view[at:past]))
            at = past
        self._out += b'"'

    def _opened(self, start: int, _: int) -> None:
        self._must(self._expect in _VALUES)
        if len(self._open) == self._column_depth:
            self._column, self._deepest = len(self._out), self._column_depth
        bracket = self._text[start]
        self._open.append(bracket)
        self._deepest = max(self._deepest, len(self._open))
        self._out.append(bracket)
        self._expect = _Expect.ITEM if bracket == ord("[") else _Expect.MEMBER

    def _closed(self, start: int, _: int) -> None:
        """Leave a container: make it text where it is a column's value and too deep."""
        bracket = self._text[start]
        if not self._open or _CLOSER[self._open[-1]] != bracket:
            raise MalformedError(f"unbalanced {chr(bracket)!r}")
        self._must(self._expect in _CLOSING)
        self._open.pop()
        self._out.append(bracket)
        self._expect = _Expect.MORE
        if len(self._open) == self._column_depth and self._deepest - self._column_depth > DEPTH_MAX:
            inner = self._out[self._column :].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            self._out[self._column :] = b'"'
            self._out += inner
            self._out += b'"'

    def _comma(self, *_: int) -> None:
        self._must(self._expect is _Expect.MORE and bool(self._open))
        self._out += b","
        self._expect = _Expect.VALUE if self._open[-1] == ord("[") else _Expect.NAME

    def _colon(self, *_: int) -> None:
        self._must(self._expect is _Expect.COLON)
        self._out += b":"
        self._expect = _Expect.VALUE

    def _foreign(self, start: int, end: int) -> None:
        self._out += b'"'
        self._word(start, end)
        self._out += b'"'

    def _word(self, start: int, end: int) -> None:
        self._must(self._expect in _VALUES)
        self._out += self._view[start:end]
        self._expect = _Expect.MORE

    def _must(self, holds: bool) -> None:
        if not holds:
            raise MalformedError(NO_JSON)


def _put_right(text: bytes) -> bytes:
    """A part of a string in the documented form; as it is where it has no NUL and no surrogate."""
    if not _CHANGED.search(text):
        return text
    value: str = json.loads(b'"%b"' % text).replace("\0", REPLACEMENT)
    return msgspec.json.encode(value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))[1:-1]
