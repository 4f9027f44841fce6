"""Mask secrets in texts that leave the program: in log lines, messages and answers.

A text made fit holds no form of the call's secrets, no lone surrogates, and at most TEXT_MAX characters.
Rows of data are not masked: what LangSmith's records hold is delivered as it is.
Not here: the places that call this (logs, main, faces, run queries).
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
"""Consecutive characters of a secret that give it away. A shorter secret cannot be a LangSmith key and is not searched for."""
MASK = "(the key)"
TEXT_MAX = 10_000
"""The most characters of one text: Cloud Logging takes 256 KB per entry."""
NESTED_MAX = 20
"""Levels of nested containers that `json_safe` keeps."""
INTEGER_MAX = 1 << 63
Known: TypeAlias = Mapping[int, frozenset[bytes]]
"""Pieces of the secrets in their folded form, by length in bytes."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_CHARACTER = re.compile(
    r"\\++(?:u(?P<u>[0-9a-f]{4})|x(?P<x>[0-9a-f]{2})|(?P<slashes>))"
    r"|%(?:25)*(?P<percent>[0-9a-f]{2})|&#x(?P<entity>[0-9a-f]{1,5});|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
"""One character as JSON, Python, a URL or HTML may write it. Backslashes are skipped: escaping again adds more of them."""
_ESCAPING = re.compile(r"[\\%&]")
"""Begins every escaped form."""
_ALPHABET = bytes.maketrans(b"+/", b"-_")
"""Maps standard base64 to the URL-safe alphabet."""


def _unencoded(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]


def _base64(secret: str) -> Iterator[str]:
    """Yield the base64 characters that depend on the secret alone, for each of its three offsets in a group of three bytes."""
    data = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        text = base64.urlsafe_b64encode(bytes(before) + data).decode()
        yield text[math.ceil(before * 8 / 6) : (before + len(data)) * 8 // 6]


def _hex(secret: str) -> Iterator[str]:
    yield secret.encode("utf-8", "surrogatepass").hex()


FORMS: tuple[tuple[int, Callable[[str], Iterator[str]]], ...] = ((PIECE, _unencoded), (PIECE, _base64), (2 * PIECE, _hex))
"""Each form of a secret, and the length of a piece that gives it away. Folding covers capitals and escapes of every form."""
_known: ContextVar[Known] = ContextVar("known", default={})  # noqa: B039  never mutated: each call sets its own


@contextmanager
def secrets_masked(secrets: Iterable[str]) -> Iterator[None]:
    """Mask these secrets, and those that `add_secrets` adds, until the block ends."""
    token = _known.set({})
    try:
        add_secrets(secrets)
        yield
    finally:
        _known.reset(token)


def add_secrets(secrets: Iterable[str]) -> None:
    """Mask these secrets too, for the rest of the call."""
    known = {size: set(pieces) for size, pieces in _known.get().items()}
    for text, size in ((text, size) for secret in secrets for size, form in FORMS for text in form(secret)):
        folded = _folded(text)[0]
        known.setdefault(size, set()).update(folded[at : at + size] for at in range(len(folded) - size + 1))
    _known.set({size: frozenset(pieces) for size, pieces in known.items()})


def fit(text: str, most: int = TEXT_MAX) -> str:
    """Return the text with secrets masked and lone surrogates replaced. Shortens a long text to its beginning and its end.

    Never raises.
    """
    cut = text if len(text) <= most else f"{text[: most // 2]} … {text[-(most // 2) :]}"
    return masked(_SURROGATES.sub("\ufffd", cut))


def has_halves(text: str) -> bool:
    """Return whether the text holds lone surrogates, which UTF-8 cannot encode."""
    return _SURROGATES.search(text) is not None


def masked(text: str) -> str:
    """Replace each piece of a secret, in any of its forms, by MASK."""
    known = _known.get()
    if not known:
        return text
    out, end = [], 0
    for start, stop in _found(text, known):
        out += [text[end:start], MASK]
        end = stop
    return "".join([*out, text[end:]])


def json_safe(value: Any, most: int = TEXT_MAX, depth: int = 0) -> Any:
    """Return the value in types that JSON can encode, with every text made fit.

    A value of another type becomes its class name in parentheses. So does a container past NESTED_MAX levels. Never raises.
    """
    if depth < NESTED_MAX and isinstance(value, Mapping):
        return {str(_scalar(name, most)): json_safe(one, most, depth + 1) for name, one in value.items()}
    if depth < NESTED_MAX and isinstance(value, (list, tuple, set, frozenset)):
        return [json_safe(one, most, depth + 1) for one in value]
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
    """Return the spans of the secrets in order, merging spans that touch."""
    folded, spans = _folded(text)
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(
        (spans[at][0], spans[at + size - 1][1])
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
    """Fold every way to write a character into one form; return the bytes, and for each byte its span in the text."""
    if text.isascii() and not _ESCAPING.search(text):  # most lines: each character is one byte
        return text.lower().encode().translate(_ALPHABET), [(at, at + 1) for at in range(len(text))]
    out, spans = bytearray(), list[tuple[int, int]]()
    for match in _CHARACTER.finditer(text):
        data = _byte_or_character(match)
        out += data
        spans += [match.span()] * len(data)
    return bytes(out).translate(_ALPHABET), spans


def _byte_or_character(match: re.Match[str]) -> bytes:
    """Return what one match stands for: a byte of a URL, or a character in UTF-8, with small ASCII letters.

    Other letters keep their case: a URL writes them byte by byte, and no byte tells whose capital it belongs to.
    """
    kind = match.lastgroup or ""
    written = match[kind]
    if kind == "slashes":
        return b""
    if kind == "percent":
        return bytes([int(written, 16)]).lower()
    character = written if kind == "plain" else chr(int(written, 16))
    return character.encode("utf-8", "surrogatepass").lower()
