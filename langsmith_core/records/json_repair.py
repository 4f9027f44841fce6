"""JSON that strict parsers refuse, made strict token by token and without recursion. Only such answers come here.

Here: the long way to the documented form (jsontext has its table). Not here: the short way, which all other answers take.
"""

from __future__ import annotations

import re

import msgspec

DEPTH_MAX = 500
"""BigQuery refuses JSON nested deeper than this; other parsers' limits lie above it."""
REPLACEMENT = "\ufffd"
STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(
    rf"(?P<string>{STRING})|(?P<open>[\[{{])|(?P<close>[\]}}])|(?P<foreign>(?:NaN|-?Infinity)(?![^\s,\]}}])(?!\s*:))"
    r"|(?P<word>[^\s\"\[\]{}:,]+)|[:,]|[ \t\r\n]+",
    re.DOTALL,
)
_PAIR_OR_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_OPENER = {"]": "[", "}": "{"}
_PLACEHOLDER = "0"


class MalformedError(ValueError):
    """The text is no JSON, not even in the liberal form that is put right."""


class _Open:
    """A container still open: where it begins in the output, how deep it goes, and its own tokens, children as a placeholder."""

    def __init__(self, start: int, bracket: str) -> None:
        self.start, self.bracket, self.levels = start, bracket, 1
        self.own = [bracket]


def rewritten(text: str, column_depth: int) -> bytes:
    """Compact strict JSON in the documented form; `column_depth` containers stand around a column's value.

    Raises MalformedError.
    """
    out: list[str] = []
    stack: list[_Open] = [_Open(0, "")]
    for token in _tokens(text):
        if token.lastgroup == "open":
            stack.append(_Open(len(out), token[0]))
            out.append(token[0])
        elif token.lastgroup == "close":
            out.append(token[0])
            _close(stack, out, token[0], column_depth)
        else:
            leaf = _leaf(token)
            stack[-1].own.append(leaf)
            out.append(leaf.strip())
    if len(stack) != 1:
        raise MalformedError("the text ends inside a container")
    _checked(stack[0].own)
    return _checked(out)


def _tokens(text: str) -> list[re.Match[str]]:
    tokens = list(_TOKEN.finditer(text))
    if sum(token.end() - token.start() for token in tokens) != len(text):
        raise MalformedError("the text has characters that are no JSON")
    return tokens


def _close(stack: list[_Open], out: list[str], bracket: str, column_depth: int) -> None:
    """Leave a container: check its own grammar, and make it text where it is a column's value and too deep."""
    if len(stack) == 1 or stack[-1].bracket != _OPENER[bracket]:
        raise MalformedError(f"unbalanced {bracket!r}")
    done = stack.pop()
    _checked([*done.own, bracket])
    stack[-1].levels = max(stack[-1].levels, done.levels + 1)
    stack[-1].own.append(_PLACEHOLDER)
    if len(stack) - 1 == column_depth and done.levels > DEPTH_MAX:
        out[done.start :] = [msgspec.json.encode("".join(out[done.start :])).decode()]


def _leaf(token: re.Match[str]) -> str:
    if token.lastgroup == "foreign":
        return f'"{token[0]}"'
    if token.lastgroup == "string" and "\\u" in token[0]:
        return _ESCAPE.sub(_escape_or_replacement, _PAIR_OR_ESCAPE.sub(_pair_or_escape, token[0]))
    return token[0]


def _pair_or_escape(escape: re.Match[str]) -> str:
    """An escaped surrogate pair as the character it means, so that any surrogate left stands alone."""
    return bytes.fromhex(escape[1] + escape[2]).decode("utf-16-be") if escape[1] else escape[0]


def _escape_or_replacement(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else -1
    return REPLACEMENT if code == 0 or 0xD800 <= code <= 0xDFFF else escape[0]


def _checked(tokens: list[str]) -> bytes:
    """The tokens as one compact strict JSON text, if they are one."""
    try:
        return msgspec.json.format("".join(tokens).encode(), indent=-1)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(str(error)) from error
