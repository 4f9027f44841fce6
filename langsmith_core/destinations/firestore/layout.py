"""How a state becomes Firestore documents: one head, and parts for values that are large or change on their own.

Pure: plain values in, values out. Not here: requests (documents), loading and saving (store), the lease (lease).

A part is each slice in progress, and each text or list longer than INLINE_MAX (the ledgers). A part is cut into documents of at
most DOCUMENT_CHARACTERS. Documents never change, and their names are never used twice. A head names its documents, so no reader
mixes two saves. A part with the content of the save before keeps its documents, wherever it now stands in the state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from langsmith_core.errors import StateError
from langsmith_core.prepared import prepared
from langsmith_core.sync.state_json import REMEDY

VERSION = 1
TASKS = frozenset({"agenda", "later"})
"""Lists whose items are tasks: each has a document of its own."""
INLINE_MAX = 10_000
"""Characters of a value that stays in the head: 500 ids. Twenty such values are a fifth of a document."""
DOCUMENT_CHARACTERS = 250_000
"""Room for 12,499 ids. Firestore takes 1,048,487 bytes of text; a character has at most four."""
COMMIT_BYTES = 3_500_000
"""Bytes of one request. Firestore takes 10 MiB, its emulator 4."""
COMMIT_WRITES = 200
"""Documents put by one request, and as many deleted. Firestore has long taken 500 writes."""
HASH_CHARACTERS = 32

Plain: TypeAlias = Any
"""A value that JSON can hold."""
Fields: TypeAlias = dict[str, Any]
"""A document's fields."""


class Part(Struct, frozen=True):
    """A value beside the head: its path in the state, the hash of its JSON, and the names of its documents, in order."""

    at: str
    hash: str
    documents: tuple[str, ...]


class Layout(Struct, frozen=True):
    """A state as documents: the head's JSON with null in place of each part, the parts, and the texts still to be written."""

    head: str
    parts: tuple[Part, ...] = ()
    fresh: Mapping[str, str] = {}

    def documents(self) -> frozenset[str]:
        """Return the names of all documents that the head names."""
        return frozenset(name for part in self.parts for name in part.documents)

    def fields(self) -> Fields:
        """Return the head's fields."""
        parts = [{"at": part.at, "hash": part.hash, "documents": list(part.documents)} for part in self.parts]
        return {"state": self.head, "parts": parts}


_PARTS = prepared(tuple[Part, ...])
EMPTY = Layout("")
"""The layout before the first save."""


def laid_out(state: Plain, before: Layout, names: Iterator[str], characters: int = DOCUMENT_CHARACTERS) -> Layout:
    """Return the state as documents. Values that `before` has written keep their documents; others take the next names."""
    taken: dict[str, Plain] = {}
    head = _without_parts(state, "", taken)
    known = {part.hash: part.documents for part in before.parts}
    parts: list[Part] = []
    fresh: dict[str, str] = {}
    for at, value in taken.items():
        text = _text(value)
        mark = _hash(text)
        if mark not in known:
            written = {next(names): piece for piece in _cut(text, characters)}
            known[mark] = tuple(written)
            fresh |= written
        parts.append(Part(at, mark, known[mark]))
    return Layout(_text(head), tuple(parts), fresh)


def read(fields: Fields) -> Layout:
    """Return the layout that a head's fields describe; EMPTY where nothing was saved yet.

    Raises StateError for another version, or for fields that this program did not write.
    """
    if fields.get("layout") != VERSION:
        raise StateError(
            f"state: it has layout {fields.get('layout')!s:.20} in Firestore, and this program has layout {VERSION}; {REMEDY}"
        )
    try:
        return Layout(msgspec.convert(fields["state"], str), msgspec.convert(fields["parts"], _PARTS))
    except (KeyError, msgspec.ValidationError) as error:
        raise StateError(f"state: the document in Firestore is not as this program writes it ({error}); {REMEDY}") from error


def assembled(layout: Layout, texts: Mapping[str, str]) -> Plain:
    """Return the state that these documents hold; None before the first save. `texts` has every document that the layout names.

    Raises StateError where a document is not what was written.
    """
    if not layout.head:
        return None
    try:
        state = msgspec.json.decode(layout.head)
        for part in layout.parts:
            text = "".join(texts[name] for name in part.documents)
            if _hash(text) != part.hash:
                raise StateError(f"state: {part.at} in Firestore was changed or cut by somebody else; {REMEDY}")
            _put(state, part.at.split("/"), msgspec.json.decode(text))
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        raise StateError(f"state: the documents in Firestore do not fit together ({type(error).__name__}); {REMEDY}") from error
    return state


def commits(texts: Mapping[str, str], bytes_max: int = COMMIT_BYTES) -> list[dict[str, str]]:
    """Group documents into requests. The last group goes with the head, and may be empty."""
    groups: list[dict[str, str]] = [{}]
    size = 0
    for name, text in texts.items():
        weight = len(text.encode())
        if groups[-1] and (size + weight > bytes_max or len(groups[-1]) >= COMMIT_WRITES):
            groups.append({})
            size = 0
        groups[-1][name] = text
        size += weight
    return groups


def is_older(name: str, token: int) -> bool:
    """Whether an owner before this token wrote the document of that name."""
    written_by = name.partition("-")[0]
    return written_by.isdecimal() and int(written_by) < token


def names(token: int) -> Iterator[str]:
    """Yield names for one owner's documents, none twice: `<token>-<n>`."""
    number = 0
    while True:
        number += 1
        yield f"{token}-{number}"


def _without_parts(value: Plain, at: str, taken: dict[str, Plain]) -> Plain:
    """Return the value with null in place of each part, and put the parts into `taken` by their paths."""
    if isinstance(value, dict):
        return {name: _without_parts(inner, f"{at}/{name}" if at else name, taken) for name, inner in value.items()}
    if isinstance(value, list) and at.rpartition("/")[2] in TASKS:
        taken.update({f"{at}/{i}": piece for i, piece in enumerate(value)})
        return [None] * len(value)
    if isinstance(value, str | list) and len(_text(value)) > INLINE_MAX:
        taken[at] = value
        return None
    return value


def _put(state: Plain, path: Sequence[str], value: Plain) -> None:
    *way, last = path
    for step in way:
        state = state[int(step)] if isinstance(state, list) else state[step]
    state[int(last) if isinstance(state, list) else last] = value


def _cut(text: str, characters: int) -> list[str]:
    return [text[i : i + characters] for i in range(0, len(text), characters)]


def _text(value: Plain) -> str:
    return msgspec.json.encode(value).decode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARACTERS]
