"""The bounded ledgers of the state, packed: ids that are known, and runs that had not ended when they were read.

Pure: text in, text out. An id takes 20 characters (16 bytes in base 85) instead of 39. Not here: when a ledger is asked or
written (plan).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence, Sized
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from langsmith_core.parsers import is_id
from langsmith_core.rows import Row
from langsmith_core.times import MICROSECOND, parse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNFINISHED_MAX = 300
UNFINISHED_AGE = timedelta(days=14)
"""A run whose end was lost stays pending for ever (langsmith-sdk #453): after this age it is asked for no more."""
SETTLED = timedelta(minutes=15)
"""Tokens and costs are written shortly after the end: a run is asked for once more until it has ended this long ago."""
AHEAD = timedelta(days=1)
"""A start further in the future is no clock that runs ahead: nothing waits for it."""
ID_CHARACTERS = 20
_ID, _ENTRY, _VERSION, _PREFIX = 16, 36, 24, 4


class Unfinished(Struct, frozen=True, order=True):
    """A run without an end, or with one that is very young."""

    start: datetime
    run_id: str
    project_id: str


def ids(packed: str) -> list[str]:
    """The ids in a ledger, in its order."""
    raw = base64.b85decode(packed)
    return [str(UUID(bytes=raw[i : i + _ID])) for i in range(0, len(raw), _ID)]


def packed(known: Iterable[str]) -> str:
    """A ledger of ids. Raises ValueError for one that is no UUID."""
    return base64.b85encode(b"".join(UUID(one).bytes for one in known)).decode()


def with_more_prefixes(text: str, fresh: Iterable[str], count_max: int) -> str:
    """A ledger of the first four bytes of ids, with more of them: enough to find them again among ids that are known."""
    parts = {**dict.fromkeys(_prefixes(text)), **dict.fromkeys(UUID(one).bytes[:_PREFIX] for one in fresh)}
    return base64.b85encode(b"".join(list(parts)[:count_max])).decode()


def with_prefixes(known: Iterable[str], text: str) -> tuple[str, ...]:
    """The known ids that begin with one of these prefixes."""
    parts = set(_prefixes(text))
    return tuple(one for one in known if UUID(one).bytes[:_PREFIX] in parts)


def _prefixes(text: str) -> list[bytes]:
    raw = base64.b85decode(text)
    return [raw[i : i + _PREFIX] for i in range(0, len(raw), _PREFIX)]


def versions(text: str) -> dict[str, datetime]:
    """The version at which each dataset's examples were read."""
    raw = base64.b85decode(text)
    parts = (raw[i : i + _VERSION] for i in range(0, len(raw), _VERSION))
    return {str(UUID(bytes=part[:_ID])): EPOCH + int.from_bytes(part[_ID:], "big") * MICROSECOND for part in parts}


def with_version(text: str, dataset: str, version: datetime | None, bytes_max: int) -> str:
    """The same with one dataset's newest version, None to forget it; a dataset that has no room is read whole each time.

    So is one whose version is of a time before all versions.
    """
    found = {**versions(text), dataset: version if version and version >= EPOCH else None}
    kept = [(one, at) for one, at in found.items() if at is not None][: max(0, bytes_max) // _VERSION]
    return base64.b85encode(
        b"".join(UUID(one).bytes + ((at - EPOCH) // MICROSECOND).to_bytes(8, "big") for one, at in kept)
    ).decode()


def unfinished(text: str) -> list[Unfinished]:
    """The runs in a ledger, oldest first."""
    raw = base64.b85decode(text)
    return [_entry(raw[i : i + _ENTRY]) for i in range(0, len(raw), _ENTRY)]


def noted(text: str, found: Sequence[Row], until: datetime, since: datetime | None = None) -> tuple[str, datetime | None]:
    """The ledger once these runs were read, and the newest start of any run it could not hold.

    The oldest starts are kept: younger ones are within the 24 hours that are read again anyway. Their age is counted at the look
    before, `since`: what has ended after it, in time, is asked for once more however late this look is.
    """
    oldest = (since or until) - UNFINISHED_AGE
    entries = {one.run_id: one for one in unfinished(text) if one.start > oldest}
    for row in found:
        entries.pop(row["run_id"], None)
        entry = _unfinished(row, until, oldest)
        if entry:
            entries[entry.run_id] = entry
    ordered = sorted(entries.values())
    kept, dropped = ordered[:UNFINISHED_MAX], ordered[UNFINISHED_MAX:]
    return _written(kept), dropped[-1].start if dropped else None


def _unfinished(row: Row, until: datetime, oldest: datetime) -> Unfinished | None:
    if not row["start_time"] or not (is_id(row["run_id"]) and is_id(row["project_id"])):
        return None
    settled = row["end_time"] is not None and parse(row["end_time"]) < until - SETTLED
    start = parse(row["start_time"])
    return None if settled or not oldest < start < until + AHEAD else Unfinished(start, row["run_id"], row["project_id"])


CHARACTERS = {"known": 20, "missing": 20, "versions": 30, "unfinished": 45, "judged": 5}
"""What an entry of each kind of ledger takes."""
READ: dict[str, Callable[[str], Sized]] = {
    "known": ids,
    "missing": ids,
    "versions": versions,
    "unfinished": unfinished,
    "judged": _prefixes,
}
"""How each kind is read. Each raises ValueError or OverflowError for a text that is none."""


def fewer(text: str, kind: str, characters: int) -> str:
    """The ledger in at most so many characters: its first entries."""
    return text[: max(0, characters) // CHARACTERS[kind] * CHARACTERS[kind]]


def _written(entries: Iterable[Unfinished]) -> str:
    return base64.b85encode(b"".join(_bytes(one) for one in entries)).decode()


def _bytes(one: Unfinished) -> bytes:
    seconds = min(max(int(one.start.timestamp()), 0), 2**32 - 1)
    return seconds.to_bytes(4, "big") + UUID(one.run_id).bytes + UUID(one.project_id).bytes


def _entry(raw: bytes) -> Unfinished:
    start = datetime.fromtimestamp(int.from_bytes(raw[:4], "big"), UTC)
    return Unfinished(start, str(UUID(bytes=raw[4:20])), str(UUID(bytes=raw[20:])))
