"""What has to be written, given what is there. Values in, values out; the sink asks BigQuery and does it.

fresh      no row of that key: inserted
changed    a row of another content or marked as deleted, not read later: replaced
gone       a living row, not read later than the deletion was seen: marked as deleted
(else)     unchanged, or read later than what comes: left alone, nothing is sent
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from langsmith_core.destinations.bigquery.checks import Checked
from langsmith_core.destinations.bigquery.tables import DELETED, HASH, SYNCED
from langsmith_core.records.times import render

OLDEST = datetime.min.replace(tzinfo=UTC)


class Found(Struct, frozen=True):
    """What is there of a row. Without a version or a hash it was put there by somebody else, and counts as old."""

    key: str
    at: datetime | None
    version: datetime | None
    deleted_at: datetime | None
    hash: int | None


class Plan(Struct, frozen=True):
    """The lines to load, how many of them are new, and the moments whose partitions hold, or will hold, their rows."""

    lines: list[bytes]
    fresh: int
    moments: frozenset[datetime | None]

    @property
    def replaced(self) -> int:
        """How many rows that are there get other values."""
        return len(self.lines) - self.fresh


def doubled(found: Iterable[Found]) -> list[str]:
    """Keys that stand in the table more than once: two passes inserted them at the same moment."""
    return [key for key, count in Counter(one.key for one in found).items() if count > 1]


def planned(key: str, rows: Iterable[Checked], gone: Mapping[str, datetime], found: Iterable[Found]) -> Plan:
    """What to write of these rows and deletions; `key` is the key column's name. Nothing found twice may be handed in."""
    there = {one.key: one for one in found}
    written = [row for row in newest(rows) if _differs(row, there.get(row.key))]
    marked = {one: at for one, at in gone.items() if one in there and _lives(there[one], at)}
    lines = [_stamped(row) for row in written] + [_tombstone(key, one, at) for one, at in marked.items()]
    touched = [there[one].at for one in (*(row.key for row in written), *marked) if one in there]
    return Plan(lines, sum(row.key not in there for row in written), frozenset([*touched, *(row.at for row in written)]))


def newest(rows: Iterable[Checked]) -> list[Checked]:
    """The newest reading of each key; of equal ones the last."""
    chosen: dict[str, Checked] = {}
    for row in rows:
        if row.key not in chosen or chosen[row.key].version <= row.version:
            chosen[row.key] = row
    return list(chosen.values())


def _differs(row: Checked, there: Found | None) -> bool:
    if there is None:
        return True
    return (there.version or OLDEST) <= row.version and (there.hash != row.hash or there.deleted_at is not None)


def _lives(there: Found, at: datetime) -> bool:
    return there.deleted_at is None and (there.version or OLDEST) <= at


def _stamped(row: Checked) -> bytes:
    """The line with its hash, as text: a load takes integers past 53 bits only so."""
    return b'%b,"%b":"%d"}' % (row.line.rstrip()[:-1], HASH.encode(), row.hash)


def _tombstone(key: str, value: str, at: datetime) -> bytes:
    return msgspec.json.encode({key: value, SYNCED: render(at), DELETED: render(at)})
