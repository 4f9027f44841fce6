"""Two bounded ledgers, packed: the version read of each dataset, and runs that had not ended when they were read.

Pure. Not here: which stream asks a ledger (examples, runs_unfinished), the heads of prompts (prompt_heads), how a list of ids is
packed (packed_ids).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from langsmith_core.records.packed_ids import ID_BYTES, unpacked
from langsmith_core.records.times import MICROSECOND, is_sane

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VERSION_CHARACTERS, RUN_CHARACTERS = 30, 45
VERSION_BYTES, _RUN_BYTES = 24, 36


class Versions:
    """The version at which each dataset's examples were read."""

    __slots__ = ("_of",)

    def __init__(self, of: Mapping[str, datetime] | None = None) -> None:
        self._of = dict(of or {})

    def __len__(self) -> int:
        return len(self._of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Versions) and self._of == other._of

    def __hash__(self) -> int:
        return hash(tuple(self._of.items()))

    def of(self, dataset: str) -> datetime | None:
        """Return the version read of a dataset; None where there is none."""
        return self._of.get(dataset)

    def noted(self, dataset: str, version: datetime | None, bytes_max: int) -> Versions:
        """Return the ledger with a dataset's version; None forgets it.

        A dataset without room in `bytes_max` is read whole each time. So is one with a version from before 1970.
        """
        found = {**self._of, dataset: version if version and version >= EPOCH else None}
        return Versions({one: at for one, at in found.items() if at is not None}).first(max(0, bytes_max) // VERSION_BYTES)

    def first(self, count: int) -> Versions:
        """Return the first `count` entries."""
        return Versions(dict(list(self._of.items())[: max(0, count)]))

    def packed(self) -> str:
        """Return the text that a state keeps."""
        parts = (UUID(one).bytes + ((at - EPOCH) // MICROSECOND).to_bytes(8, "big") for one, at in self._of.items())
        return base64.b85encode(b"".join(parts)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Versions:
        """Invert `packed`. Raises ValueError and OverflowError."""
        raw = unpacked(text, VERSION_CHARACTERS)
        parts = (raw[at : at + VERSION_BYTES] for at in range(0, len(raw), VERSION_BYTES))
        of = {str(UUID(bytes=one[:ID_BYTES])): EPOCH + int.from_bytes(one[ID_BYTES:], "big") * MICROSECOND for one in parts}
        if not all(map(is_sane, of.values())):
            raise ValueError("versions: a time that no dataset has")
        return cls(of)


NO_VERSIONS = Versions()
"""The empty ledger: a state leaves out this very one."""


class OpenRun(Struct, frozen=True, order=True):
    """A run without an end, or with a very recent one."""

    start: datetime
    run_id: str
    project_id: str


class OpenRuns:
    """Runs to ask for again by id, oldest start first."""

    __slots__ = ("_runs",)

    def __init__(self, runs: Iterable[OpenRun] = ()) -> None:
        self._runs = tuple(runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenRuns) and self._runs == other._runs

    def __hash__(self) -> int:
        return hash(self._runs)

    @property
    def runs(self) -> tuple[OpenRun, ...]:
        """Return the runs, oldest start first."""
        return self._runs

    def noted(
        self, read: Iterable[str], still_open: Iterable[OpenRun], count_max: int, older_than: datetime
    ) -> tuple[OpenRuns, datetime | None]:
        """Return the ledger after the runs `read` were read, and the newest start that had no room.

        The oldest starts are kept: the next look re-reads the last 24 hours anyway.
        """
        entries = {one.run_id: one for one in self._runs if one.start > older_than}
        for run in read:
            entries.pop(run, None)
        entries |= {one.run_id: one for one in still_open if one.start > older_than}
        ordered = sorted(entries.values())
        kept, dropped = ordered[:count_max], ordered[count_max:]
        return OpenRuns(kept), dropped[-1].start if dropped else None

    def packed(self) -> str:
        """Return the text that a state keeps. Starts are cut to the second."""
        return base64.b85encode(b"".join(_run_bytes(one) for one in self._runs)).decode()

    @classmethod
    def unpacked(cls, text: str) -> OpenRuns:
        """Invert `packed`. Raises ValueError."""
        raw = unpacked(text, RUN_CHARACTERS)
        return cls(_run(raw[at : at + _RUN_BYTES]) for at in range(0, len(raw), _RUN_BYTES))


def _run_bytes(one: OpenRun) -> bytes:
    seconds = min(max(int(one.start.timestamp()), 0), 2**32 - 1)
    return seconds.to_bytes(4, "big") + UUID(one.run_id).bytes + UUID(one.project_id).bytes


def _run(raw: bytes) -> OpenRun:
    start = datetime.fromtimestamp(int.from_bytes(raw[:4], "big"), UTC)
    return OpenRun(start, str(UUID(bytes=raw[4:20])), str(UUID(bytes=raw[20:])))
