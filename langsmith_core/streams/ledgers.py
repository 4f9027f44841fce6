"""Two bounded ledgers, packed: the version read of each dataset, and the runs that had not ended when they were read.

Values in, values out. Not here: which stream asks a ledger (examples, runs_by_id), or how a list of ids is packed (records.ids).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from langsmith_core.records.times import MICROSECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION_BYTES, _RUN_BYTES = 24, 36


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
        """The version read of a dataset; None where there is none."""
        return self._of.get(dataset)

    def noted(self, dataset: str, version: datetime | None, bytes_max: int) -> Versions:
        """The ledger with a dataset's version, None to forget it. One that has no room is read whole each time."""
        found = {**self._of, dataset: version}
        kept = [(one, at) for one, at in found.items() if at is not None]
        return Versions(dict(kept[: max(0, bytes_max) // _VERSION_BYTES]))

    def packed(self) -> str:
        """The text that a state keeps."""
        parts = (UUID(one).bytes + ((at - EPOCH) // MICROSECOND).to_bytes(8, "big") for one, at in self._of.items())
        return base64.b85encode(b"".join(parts)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Versions:
        """The inverse of `packed`. Raises ValueError and OverflowError."""
        raw = base64.b85decode(text)
        parts = (raw[at : at + _VERSION_BYTES] for at in range(0, len(raw), _VERSION_BYTES))
        return cls({str(UUID(bytes=one[:16])): EPOCH + int.from_bytes(one[16:], "big") * MICROSECOND for one in parts})


class OpenRun(Struct, frozen=True, order=True):
    """A run without an end, or with one that is very young."""

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
        """The runs, oldest start first."""
        return self._runs

    def noted(
        self, read: Iterable[str], still_open: Iterable[OpenRun], count_max: int, older_than: datetime
    ) -> tuple[OpenRuns, datetime | None]:
        """The ledger once the runs `read` were read, and the newest start of any that it could not hold.

        The oldest starts are kept: younger ones lie within the 24 hours that the next look re-reads anyway.
        """
        entries = {one.run_id: one for one in self._runs if one.start > older_than}
        for run in read:
            entries.pop(run, None)
        entries |= {one.run_id: one for one in still_open if one.start > older_than}
        ordered = sorted(entries.values())
        kept, dropped = ordered[:count_max], ordered[count_max:]
        return OpenRuns(kept), dropped[-1].start if dropped else None

    def packed(self) -> str:
        """The text that a state keeps: starts to the second."""
        return base64.b85encode(b"".join(_run_bytes(one) for one in self._runs)).decode()

    @classmethod
    def unpacked(cls, text: str) -> OpenRuns:
        """The inverse of `packed`. Raises ValueError."""
        raw = base64.b85decode(text)
        return cls(_run(raw[at : at + _RUN_BYTES]) for at in range(0, len(raw), _RUN_BYTES))


def _run_bytes(one: OpenRun) -> bytes:
    seconds = min(max(int(one.start.timestamp()), 0), 2**32 - 1)
    return seconds.to_bytes(4, "big") + UUID(one.run_id).bytes + UUID(one.project_id).bytes


def _run(raw: bytes) -> OpenRun:
    start = datetime.fromtimestamp(int.from_bytes(raw[:4], "big"), UTC)
    return OpenRun(start, str(UUID(bytes=raw[4:20])), str(UUID(bytes=raw[20:])))
