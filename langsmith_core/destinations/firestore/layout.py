"""How a state becomes documents: one head, and parts beside it for what is large or moves by itself.

Pure: plain values in, values out. No google here, no reading or writing (firestore), no lease (firestore_lease).

Parts are each slice in progress, and each text or list longer than INLINE_MAX (the ledgers). A part is cut into documents of at
most DOCUMENT_CHARACTERS. Documents never change and their names are never used twice: a head names those that belong to it, so
no reader mixes two saves. A part whose content the save before wrote keeps its documents, wherever in the state it stands now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from langsmith_core.errors import StateError
from langsmith_core.sync.state_json import REMEDY

VERSION = 1
SLICES = frozenset({"slices", "owed", "unfilled"})
"""Lists whose items are slices: each has a document of its own."""
INLINE_MAX = 10_000
"""Characters of a value that stays in the head: 500 ids. Twenty such values are a fifth of a document."""
DOCUMENT_CHARACTERS = 250_000
"""12,499 ids. Firestore takes 1,048,487 bytes a text; a character has at most four."""
COMMIT_BYTES = 3_500_000
"""Of one request. Firestore takes 10 MiB, its emulator 4."""
COMMIT_WRITES = 200
"""Documents put by one request, and as many deleted; Firestore has long taken 500 writes."""
HASH_CHARACTERS = 32

Plain: TypeAlias = Any
"""What JSON holds."""
Fields: TypeAlias = dict[str, Any]
"""A document."""


class Part(Struct, frozen=True):
    """A value that stands beside the head: its path in the state, the hash of its JSON, its documents by name, in order."""

    at: str
    hash: str
    documents: tuple[str, ...]


class Layout(Struct, frozen=True):
    """A state as documents: the head's JSON with null in place of each part, the parts, and the texts still to be written."""

    head: str
    parts: tuple[Part, ...] = ()
    fresh: Mapping[str, str] = {}

    def documents(self) -> frozenset[str]:
        """The names of all documents that the head names."""
        return frozenset(name for part in self.parts for name in part.documents)

    def fields(self) -> Fields:
        """The head's fields."""
        parts = [{"at": part.at, "hash": part.hash, "documents": list(part.documents)} for part in self.parts]
        return {"state": self.head, "parts": parts}


EMPTY = Layout("")
"""Before the first save."""


def laid_out(state: Plain, before: Layout, names: Iterator[str], characters: int = DOCUMENT_CHARACTERS) -> Layout:
    """The state as documents. What `before` has written already keeps its documents; others take the next names."""
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
    """A head's fields as they were written; EMPTY where nothing was saved yet.

    Raises StateError for another layout, or what this program did not write.
    """
    if fields.get("layout") != VERSION:
        raise StateError(f"state: of layout {fields.get('layout')!s:.20} in Firestore, this is layout {VERSION}. {REMEDY}")
    try:
        return Layout(msgspec.convert(fields["state"], str), msgspec.convert(fields["parts"], tuple[Part, ...]))
    except (KeyError, msgspec.ValidationError) as error:
        raise StateError(f"state: the document in Firestore is not as this program writes it ({error}). {REMEDY}") from error


def assembled(layout: Layout, texts: Mapping[str, str]) -> Plain:
    """The state that these documents hold; None before the first save. `texts` has every document that the layout names.

    Raises StateError where a document is not what was written.
    """
    if not layout.head:
        return None
    try:
        state = msgspec.json.decode(layout.head)
        for part in layout.parts:
            text = "".join(texts[name] for name in part.documents)
            if _hash(text) != part.hash:
                raise StateError(f"state: {part.at} in Firestore was changed or cut by somebody else. {REMEDY}")
            _put(state, part.at.split("/"), msgspec.json.decode(text))
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        raise StateError(f"state: the documents in Firestore do not fit together ({type(error).__name__}). {REMEDY}") from error
    return state


def commits(texts: Mapping[str, str], bytes_max: int = COMMIT_BYTES) -> list[dict[str, str]]:
    """Documents in groups of one request each; the last group is the one that goes with the head, and may be empty."""
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
    """Names for the documents of one owner, none twice: `<token>-<n>`."""
    number = 0
    while True:
        number += 1
        yield f"{token}-{number}"


def _without_parts(value: Plain, at: str, taken: dict[str, Plain]) -> Plain:
    """The value with null in place of what becomes a part; `taken` gets those by path."""
    if isinstance(value, dict):
        return {name: _without_parts(inner, f"{at}/{name}" if at else name, taken) for name, inner in value.items()}
    if isinstance(value, list) and at.rpartition("/")[2] in SLICES:
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
