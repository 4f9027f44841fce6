"""Repair JSON that a strict parser refuses: rewrite it token by token, without recursion, as strict JSON.

Only such answers come here; records.json_text handles all others and documents the form that this module writes.
The text is read once, from left to right. Beside the output only one byte per open container is kept. So neither a million
tokens nor a million brackets take more memory than the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from langsmith_core.records.json_shape import DEPTH_MAX
from langsmith_core.records.json_strings import append_repaired
from langsmith_core.records.json_tokens import NUMBER, PLAIN_STRING, RUN_MAX, SIMPLE_VALUE, STRICT_STRING

NO_JSON = "the text has characters that are not JSON"
_TOKEN = re.compile(
    rb"(?P<string>" + STRICT_STRING + rb")|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<colon>:)"
    rb"|(?P<foreign>NaN|-?+Infinity)|(?P<word>" + NUMBER + rb"|true|false|null)|(?P<space>[ \t\r\n]++)"
)
# What is frequent and needs no change is matched in one step: further elements or members, and brackets in a row.
_ELEMENTS = re.compile(rb"(?:," + SIMPLE_VALUE + rb")++")
_MEMBERS = re.compile(rb"(?:," + PLAIN_STRING + rb":" + SIMPLE_VALUE + rb")++")
_FURTHER = {ord("["): _ELEMENTS, ord("{"): _MEMBERS}
_OPENING_RUN = re.compile(rb"(?:\[|\{" + PLAIN_STRING + rb":){1,%d}+" % RUN_MAX)
_OPENING = re.compile(rb"([\[{])(?:" + PLAIN_STRING + rb":)?+")
_CLOSING_RUN = re.compile(rb"[\]}]{1,%d}+" % RUN_MAX)
_CLOSER = bytes.maketrans(b"[{", b"]}")


class MalformedError(ValueError):
    """The text is no JSON, not even in the forms that this module repairs."""


class _Expect(Enum):
    """What may come next: a value, a value or a list's end, a name, a name or an object's end, a colon, a comma or an end."""

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
    """Return compact strict JSON in the documented form; `column_depth` containers enclose a column's value.

    Raises MalformedError if the text is no JSON.
    """
    return _Rewriter(text, column_depth).rewrite()


class _Rewriter:
    """Rewrites one text: holds the output, the open containers, and the depth of the current column."""

    def __init__(self, text: bytes | bytearray, column_depth: int) -> None:
        self._text, self._view, self._column_depth = text, memoryview(text), column_depth
        self._out, self._open = bytearray(), bytearray()
        self._expect = _Expect.VALUE
        self._column_start, self._deepest = 0, 0
        self._handlers: dict[str, Callable[[int, int], None]] = {
            "string": self._string,
            "open": self._opened,
            "close": self._closed,
            "comma": self._comma,
            "colon": self._colon,
            "foreign": self._foreign,
            "word": self._word,
            "space": lambda *_: None,
        }

    def rewrite(self) -> bytes:
        """Return the whole text, rewritten."""
        at, end = 0, len(self._text)
        while at < end:
            past = self._skip_run(at)
            if past == at:
                token = _TOKEN.match(self._text, at)
                if token is None:
                    raise MalformedError(NO_JSON)
                self._handlers[token.lastgroup or ""](*token.span())
                past = token.end()
            at = past
        if self._open or self._expect is not _Expect.MORE:
            raise MalformedError("the text ends inside a container")
        return bytes(self._out)

    def _skip_run(self, at: int) -> int:
        """Copy a run of tokens that needs no change in one step, and return where to go on: `at` if there is no run."""
        if not self._open:
            return at
        levels = len(self._open) - self._column_depth
        sign = self._text[at]
        if sign == ord(",") and self._expect is _Expect.MORE and levels + 1 < DEPTH_MAX:
            more = _FURTHER[self._open[-1]].match(self._text, at)
            return self._copied(at, more.end()) if more else at
        if sign in b"[{" and self._expect in _VALUES and levels > 0:
            return self._copy_opening(at)
        return self._copy_closing(at, levels) if sign in b"]}" and self._expect in _CLOSING and levels > 1 else at

    def _copy_opening(self, at: int) -> int:
        """Copy brackets that open within a column, with the names between them."""
        run = _OPENING_RUN.match(self._text, at)
        if run is None:
            return at
        self._open += _OPENING.sub(rb"\1", run[0]) if b"{" in run[0] else run[0]
        self._deepest = max(self._deepest, len(self._open))
        self._expect = _Expect.ITEM if run[0].endswith(b"[") else _Expect.VALUE
        return self._copied(at, run.end())

    def _copy_closing(self, at: int, levels: int) -> int:
        """Copy brackets that close, down to the column's own."""
        run = _CLOSING_RUN.match(self._text, at, at + levels - 1)
        if run is None:
            return at
        count = run.end() - at
        if self._open[: -count - 1 : -1].translate(_CLOSER) != run[0]:
            return at
        del self._open[-count:]
        self._expect = _Expect.MORE
        return self._copied(at, run.end())

    def _copied(self, at: int, past: int) -> int:
        """Copy this part of the text to the output and return its end."""
        self._out += self._view[at:past]
        return past

    def _string(self, start: int, end: int) -> None:
        is_name = self._expect in _NAMES
        self._require(is_name or self._expect in _VALUES)
        if self._text.find(b"\\u", start, end) < 0:
            self._out += self._view[start:end]
        else:
            append_repaired(self._out, self._view, start, end)
        self._expect = _Expect.COLON if is_name else _Expect.MORE

    def _opened(self, start: int, _: int) -> None:
        self._require(self._expect in _VALUES)
        if len(self._open) == self._column_depth:
            self._column_start, self._deepest = len(self._out), self._column_depth
        bracket = self._text[start]
        self._open.append(bracket)
        self._deepest = max(self._deepest, len(self._open))
        self._out.append(bracket)
        self._expect = _Expect.ITEM if bracket == ord("[") else _Expect.MEMBER

    def _closed(self, start: int, _: int) -> None:
        """Close a container. Turn it into a string of its text if it is a column's value and too deep."""
        bracket = self._text[start]
        if not self._open or _CLOSER[self._open[-1]] != bracket:
            raise MalformedError(f"unbalanced {chr(bracket)!r}")
        self._require(self._expect in _CLOSING)
        self._open.pop()
        self._out.append(bracket)
        self._expect = _Expect.MORE
        if len(self._open) == self._column_depth and self._deepest - self._column_depth > DEPTH_MAX:
            inner = self._out[self._column_start :].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            self._out[self._column_start :] = b'"'
            self._out += inner
            self._out += b'"'

    def _comma(self, *_: int) -> None:
        self._require(self._expect is _Expect.MORE and bool(self._open))
        self._out += b","
        self._expect = _Expect.VALUE if self._open[-1] == ord("[") else _Expect.NAME

    def _colon(self, *_: int) -> None:
        self._require(self._expect is _Expect.COLON)
        self._out += b":"
        self._expect = _Expect.VALUE

    def _foreign(self, start: int, end: int) -> None:
        self._out += b'"'
        self._word(start, end)
        self._out += b'"'

    def _word(self, start: int, end: int) -> None:
        self._require(self._expect in _VALUES)
        self._out += self._view[start:end]
        self._expect = _Expect.MORE

    def _require(self, holds: bool) -> None:
        if not holds:
            raise MalformedError(NO_JSON)
