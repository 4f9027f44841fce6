"""Lists of record ids, packed: a UUID takes 20 characters in a saved state instead of 39.

msgspec encodes subclasses of tuples by itself. So these are plain classes, and `sync.state_json` packs them by two hooks.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import overload
from uuid import UUID

ID_BYTES, ID_CHARACTERS = 16, 20
PREFIX_BYTES, PREFIX_CHARACTERS = 4, 5
# The library makes its tables at the first use, without a lock: a second thread would find half of one, and refuse a good state.
base64.b85decode(base64.b85encode(b""))


class Ids(Sequence[str]):
    """An immutable list of ids in their canonical spelling. Raises ValueError for one that is no UUID."""

    __slots__ = ("_ids",)

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._ids = tuple(str(UUID(one)) for one in ids)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Ids: ...

    def __getitem__(self, index: int | slice) -> str | Ids:
        return self._ids[index] if isinstance(index, int) else _made(self._ids[index])

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ids) and self._ids == other._ids

    def __hash__(self) -> int:
        return hash(self._ids)

    def __repr__(self) -> str:
        return f"Ids({list(self._ids)!r})"

    def with_more(self, ids: Iterable[str]) -> Ids:
        """These ids, then those of `ids` that are not among them."""
        return _made(dict.fromkeys((*self._ids, *(ids if isinstance(ids, Ids) else Ids(ids)))))

    def without(self, ids: Iterable[str]) -> Ids:
        """These ids except those of `ids`."""
        gone = set(ids)
        return _made(one for one in self._ids if one not in gone) if gone else self

    def only(self, ids: Iterable[str]) -> Ids:
        """These ids as far as they are among `ids`."""
        kept = set(ids)
        return _made(one for one in self._ids if one in kept)

    def packed(self) -> str:
        """The text that a state keeps."""
        return base64.b85encode(b"".join(UUID(one).bytes for one in self._ids)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Ids:
        """The inverse of `packed`. Raises ValueError for a text that holds no ids."""
        raw = unpacked(text, ID_CHARACTERS)
        return _made(str(UUID(bytes=raw[at : at + ID_BYTES])) for at in range(0, len(raw), ID_BYTES))


def _made(canonical: Iterable[str]) -> Ids:
    """Ids that are canonical already: spelling 2,000 of them anew for every page would cost more than the page."""
    made = Ids()
    made._ids = tuple(canonical)  # noqa: SLF001  this module's own class
    return made


NO_IDS = Ids()


class Prefixes:
    """The first four bytes of ids. They find ids again among known ones, in a quarter of the room."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[bytes] = ()) -> None:
        self._parts = tuple(parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prefixes) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def with_more(self, ids: Iterable[str], count_max: int) -> Prefixes:
        """These and those of `ids`, at most `count_max`."""
        parts = dict.fromkeys((*self._parts, *(UUID(one).bytes[:PREFIX_BYTES] for one in ids)))
        return Prefixes(list(parts)[:count_max])

    def among(self, known: Iterable[str]) -> Ids:
        """The known ids that begin with one of these prefixes."""
        parts = set(self._parts)
        return Ids(one for one in known if UUID(one).bytes[:PREFIX_BYTES] in parts)

    def packed(self) -> str:
        """The text that a state keeps."""
        return base64.b85encode(b"".join(self._parts)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Prefixes:
        """The inverse of `packed`. Raises ValueError."""
        raw = unpacked(text, PREFIX_CHARACTERS)
        return cls(raw[at : at + PREFIX_BYTES] for at in range(0, len(raw), PREFIX_BYTES))


NO_PREFIXES = Prefixes()


def unpacked(text: str, characters: int) -> bytes:
    """The bytes of a packed text whose entries take so many characters. Raises ValueError for another text."""
    if len(text) % characters:
        raise ValueError("a packed text is cut off")
    return base64.b85decode(text)
