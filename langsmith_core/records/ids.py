"""Record ids, packed: a list of UUIDs takes 20 characters an id in a saved state instead of 39.

msgspec encodes subclasses of tuples by itself, so these are plain classes; `pack` and `unpack` are its two hooks.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import overload
from uuid import UUID

ID_CHARACTERS = 20
PREFIX_BYTES = 4


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
        return _made(dict.fromkeys((*self._ids, *(str(UUID(one)) for one in ids))))

    def without(self, ids: Iterable[str]) -> Ids:
        """These ids except those of `ids`."""
        gone = set(ids)
        return _made(one for one in self._ids if one not in gone)

    def packed(self) -> str:
        """The text that a state keeps."""
        return base64.b85encode(b"".join(UUID(one).bytes for one in self._ids)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Ids:
        """The inverse of `packed`. Raises ValueError for a text that holds no ids."""
        if len(text) % ID_CHARACTERS:
            raise ValueError("a text that holds no ids")
        parts = base64.b85decode(text)
        return _made(str(UUID(bytes=parts[at : at + 16])) for at in range(0, len(parts), 16))


def _made(canonical: Iterable[str]) -> Ids:
    """Ids that are canonical already: spelling 2,000 of them anew for every page would cost more than the page."""
    made = Ids()
    made._ids = tuple(canonical)  # noqa: SLF001  this module's own class
    return made


NO_IDS = Ids()


class Prefixes:
    """The first four bytes of ids: enough to find them again among ids that are known, in a quarter of the room."""

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
        parts = base64.b85decode(text)
        return cls(parts[at : at + PREFIX_BYTES] for at in range(0, len(parts), PREFIX_BYTES))


NO_PREFIXES = Prefixes()
