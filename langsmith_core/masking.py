"""Words that are fit to leave: without any form of the secrets of the call, in whole characters, of a bounded length.

Here: the table of forms, the secrets of the call in hand, and making a text or plain values fit. Not here: the exits that ask for
it (adapters.logs, main, faces, run_queries). Rows are no words: what LangSmith's records hold is delivered as it is.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

PIECE = 8
"""So many characters of a secret in a row give it away. A shorter secret is no key of LangSmith's, and not looked for."""
MASK = "(the key)"
TEXT_MAX = 10_000
"""The most characters of one text: Cloud Logging takes 256 KB an entry."""
NESTED_MAX = 20
INTEGER_MAX = 1 << 63
Known: TypeAlias = Mapping[int, frozenset[bytes]]
"""Pieces of secrets, folded, by their length."""

_HALVES = re.compile("[\ud800-\udfff]")
_CHARACTER = re.compile(
    r"\\++(?:u(?P<u>[0-9a-f]{4})|x(?P<x>[0-9a-f]{2})|(?P<slashes>))"
    r"|%(?:25)*(?P<percent>[0-9a-f]{2})|&#x(?P<entity>[0-9a-f]{1,5});|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
"""One character as JSON, Python, a URL or HTML may write it. Backslashes do not count: what escapes a character adds some."""
_ALPHABET = bytes.maketrans(b"+/", b"-_")
"""The two alphabets of base64 as one."""


def _plain(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]


def _base64(secret: str) -> Iterator[str]:
    """The characters that the secret alone decides, at each of its three places in a group of three bytes."""
    data = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        text = base64.urlsafe_b64encode(bytes(before) + data).decode()
        yield text[math.ceil(before * 8 / 6) : (before + len(data)) * 8 // 6]


def _hex(secret: str) -> Iterator[str]:
    yield secret.encode("utf-8", "surrogatepass").hex()


FORMS: tuple[tuple[int, Callable[[str], Iterator[str]]], ...] = ((PIECE, _plain), (PIECE, _base64), (2 * PIECE, _hex))
"""The forms of a secret, and how long a piece of each gives it away. Folding covers capitals and escapes of any of them."""
_known: ContextVar[Known] = ContextVar("known", default={})  # noqa: B039  nobody changes it, each call sets its own


@contextmanager
def keeping(secrets: Iterable[str]) -> Iterator[None]:
    """Keep these secrets, and those that `keep` adds, out of what is said until the block ends."""
    token = _known.set({})
    try:
        keep(secrets)
        yield
    finally:
        _known.reset(token)


def keep(secrets: Iterable[str]) -> None:
    """Keep these secrets too, for the rest of the call."""
    known = {size: set(pieces) for size, pieces in _known.get().items()}
    for text, size in ((text, size) for secret in secrets for size, form in FORMS for text in form(secret)):
        folded = _folded(text)[0]
        known.setdefault(size, set()).update(folded[at : at + size] for at in range(len(folded) - size + 1))
    _known.set({size: frozenset(pieces) for size, pieces in known.items()})


def fit(text: str, most: int = TEXT_MAX) -> str:
    """The text without secrets and half characters; of a longer one its beginning and its end. Never raises."""
    cut = text if len(text) <= most else f"{text[: most // 2]} … {text[-(most // 2) :]}"
    return masked(_HALVES.sub("\ufffd", cut))


def has_halves(text: str) -> bool:
    """Whether half characters, which no UTF-8 can hold, stand in the text."""
    return _HALVES.search(text) is not None


def masked(text: str) -> str:
    """The text with a mask where a piece of a secret stands, in any of its forms."""
    known = _known.get()
    if not known:
        return text
    out, end = [], 0
    for start, stop in _found(text, known):
        out += [text[end:start], MASK]
        end = stop
    return "".join([*out, text[end:]])


def plain(value: Any, most: int = TEXT_MAX, depth: int = 0) -> Any:
    """Values that JSON can hold, every text in them fit. What is neither is told by its class. Never raises."""
    if depth < NESTED_MAX and isinstance(value, Mapping):
        return {str(_scalar(name, most)): plain(one, most, depth + 1) for name, one in value.items()}
    if depth < NESTED_MAX and isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one, most, depth + 1) for one in value]
    return _scalar(value, most)


def _scalar(value: Any, most: int) -> str | int | float | bool | None:
    if isinstance(value, str):
        return fit(value, most)
    if isinstance(value, (bytes, bytearray)):
        return fit(value.decode(errors="replace"), most)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or (isinstance(value, int) and abs(value) < INTEGER_MAX):
        return value
    return f"({type(value).__name__})"


def _found(text: str, known: Known) -> list[tuple[int, int]]:
    """Where secrets stand, in order, pieces that touch as one."""
    folded, places = _folded(text)
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(
        (places[at][0], places[at + size - 1][1])
        for size, pieces in known.items()
        for at in range(len(folded) - size + 1)
        if folded[at : at + size] in pieces
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _folded(text: str) -> tuple[bytes, list[tuple[int, int]]]:
    """The text in the one form that all forms of a character have in common, and of each byte the place it comes from."""
    out, places = bytearray(), list[tuple[int, int]]()
    for match in _CHARACTER.finditer(text):
        data = _byte_or_character(match)
        out += data
        places += [match.span()] * len(data)
    return bytes(out).translate(_ALPHABET), places


def _byte_or_character(match: re.Match[str]) -> bytes:
    kind = match.lastgroup or ""
    written = match[kind]
    if kind == "slashes":
        return b""
    if kind == "percent":
        return bytes([int(written, 16)]).lower()
    character = written if kind == "plain" else chr(int(written, 16))
    return character.lower().encode("utf-8", "surrogatepass")
