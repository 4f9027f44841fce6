"""The commit up to which each prompt was read: a bounded ledger, packed.

Pure. Not here: which stream asks it (prompts, prompt_commits), other ledgers (ledgers).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from uuid import UUID

from langsmith_core.records.packed_ids import PREFIX_BYTES, unpacked

HEAD_CHARACTERS, HEAD_BYTES, _MARK_BYTES = 15, 12, 8


class Heads:
    """The commit up to which each prompt was read: four bytes of the prompt's id, eight of a hash of the id and the commit.

    Of two prompts whose ids begin alike one is forgotten, and read again.
    """

    __slots__ = ("_of",)

    def __init__(self, of: Mapping[bytes, bytes] | None = None) -> None:
        self._of = dict(of or {})

    def __len__(self) -> int:
        return len(self._of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Heads) and self._of == other._of

    def __hash__(self) -> int:
        return hash(tuple(self._of.items()))

    def of(self, prompt: str) -> str | None:
        """Return the mark of the commit up to which a prompt was read; None where it was not."""
        found = self._of.get(_beginning(prompt))
        return found.hex() if found else None

    def noted(self, prompt: str, mark: str | None, bytes_max: int) -> Heads:
        """Return the ledger with a prompt's mark; None forgets it. A prompt without room in `bytes_max` is read each time."""
        found = {one: known for one, known in self._of.items() if one != _beginning(prompt)}
        return Heads({**found, _beginning(prompt): bytes.fromhex(mark)} if mark else found).first(max(0, bytes_max) // HEAD_BYTES)

    def only(self, prompts: Iterable[str]) -> Heads:
        """Return the marks of these prompts alone."""
        kept = {_beginning(one) for one in prompts}
        return Heads({one: known for one, known in self._of.items() if one in kept})

    def first(self, count: int) -> Heads:
        """Return the first `count` entries."""
        return Heads(dict(list(self._of.items())[: max(0, count)]))

    def packed(self) -> str:
        """Return the text that a state keeps."""
        return base64.b85encode(b"".join(one + mark for one, mark in self._of.items())).decode()

    @classmethod
    def unpacked(cls, text: str) -> Heads:
        """Invert `packed`. Raises ValueError."""
        raw = unpacked(text, HEAD_CHARACTERS)
        parts = (raw[at : at + HEAD_BYTES] for at in range(0, len(raw), HEAD_BYTES))
        return cls({one[:PREFIX_BYTES]: one[PREFIX_BYTES:] for one in parts})


def head_mark(prompt: str, commit: str) -> str:
    """Return the mark of a prompt's commit, in hex."""
    return blake2b(f"{prompt} {commit}".encode(), digest_size=_MARK_BYTES).hexdigest()


def _beginning(prompt: str) -> bytes:
    return UUID(prompt).bytes[:PREFIX_BYTES]
