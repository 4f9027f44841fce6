"""The filter grammar: parses text to a tree, by recursive descent. conditions.py decides what an attribute means.

    expression := name "(" [argument {"," argument}] ")"
    argument   := expression | attribute | string | number | true | false | null | "[" literals "]"

Strings stand in double or single quotes with backslash escapes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

COMPARISONS = ("eq", "neq", "gt", "gte", "lt", "lte", "has", "in", "search")
JOINS = ("and", "or", "not")
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<mark>[(),\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)


class FilterError(ValueError):
    """The filter cannot be parsed; the server refuses the whole query."""


@dataclass(frozen=True)
class Attribute:
    """A name that refers to a field of the run."""

    name: str


@dataclass(frozen=True)
class Compare:
    """One condition on one attribute; `search` may have no attribute."""

    operator: str
    attribute: str | None
    value: object


@dataclass(frozen=True)
class Join:
    """Conditions joined by `and`, `or` or `not`."""

    operator: str
    parts: tuple[Node, ...]


Node = Compare | Join


def parse(text: str) -> Node:
    """Parse a filter to its tree. Raises FilterError."""
    reader = _Reader(text)
    node = reader.argument()
    if not isinstance(node, Compare | Join):
        raise FilterError(f"expected a condition, got {text!r}")
    if reader.peek() != ("end", ""):
        raise FilterError(f"unexpected {reader.peek()[1]!r} after the end of the filter")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def take(self, expected: str | None = None) -> tuple[str, str]:
        kind, text = self._tokens[self._at]
        if expected is not None and text != expected:
            raise FilterError(f"expected {expected!r}, got {text!r}")
        self._at += 1
        return kind, text

    def argument(self) -> object:
        kind, text = self.take()
        if kind == "string":
            return _unquoted(text)
        if kind == "number":
            return float(text) if set(text) & set(".eE") else int(text)
        if text == "[":
            return self.rest_until("]")
        if kind != "name":
            raise FilterError(f"unexpected {text!r}")
        if self.peek()[1] == "(":
            self.take("(")
            return _call(text, self.rest_until(")"))
        return CONSTANTS[text] if text in CONSTANTS else Attribute(text)

    def rest_until(self, closing: str) -> list[object]:
        items: list[object] = []
        while self.peek()[1] != closing:
            if items:
                self.take(",")
            items.append(self.argument())
        self.take(closing)
        return items


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise FilterError(f"cannot read the filter at {text[position : position + 20]!r}")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        position = match.end()
    return [*found, ("end", "")]


def _unquoted(text: str) -> str:
    """The text between quotes. Double quotes allow JSON's escapes; in both, a backslash may precede any character."""
    if text.startswith('"'):
        try:
            return str(json.loads(text, strict=False))
        except ValueError:  # an escape that JSON does not have
            pass
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _call(name: str, arguments: list[object]) -> Node:
    if name in JOINS:
        parts = tuple(part for part in arguments if isinstance(part, Compare | Join))
        if len(parts) != len(arguments) or not parts or (name == "not" and len(parts) != 1):
            raise FilterError(f"{name}() joins conditions")
        return Join(name, parts)
    if name == "search" and len(arguments) == 1:
        return Compare(name, None, arguments[0])
    if name not in COMPARISONS or len(arguments) != 2 or not isinstance(arguments[0], Attribute):
        raise FilterError(f"unknown operator or wrong arguments: {name}")
    value = arguments[1].name if isinstance(arguments[1], Attribute) else arguments[1]
    return Compare(name, arguments[0].name, value)
