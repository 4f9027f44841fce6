"""Plan a write to BigQuery: which rows to insert, replace or mark as deleted, given what the table holds.

Values in, values out. The sink asks BigQuery and carries the plan out.

    fresh      the table has no row of that key: insert it
    changed    the row has other content or is marked as deleted, and was not read later: replace it
    gone       the row is not marked as deleted, and was not read after the deletion was seen: mark it
    (else)     it is unchanged, or was read later than what comes: leave it alone, send nothing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.destinations.bigquery.check import Checked
from langsmith_core.destinations.bigquery.tables import DELETED, HASH, SYNCED
from langsmith_core.records.times import render
from langsmith_core.sync.batch import NEVER

OLDEST = datetime.min.replace(tzinfo=UTC)


class Found(Struct, frozen=True):
    """What the table holds of a row. Without a version or a hash somebody else wrote it, and it counts as old."""

    key: str
    at: datetime | None
    version: datetime | None
    deleted_at: datetime | None
    hash: int | None


class Plan(Struct, frozen=True):
    """The lines to load, and the times of rows by key: of those that are new, and of those there that get other values."""

    lines: list[bytes]
    fresh: Mapping[str, datetime | None]
    replaced: Mapping[str, datetime | None]

    @property
    def scanned(self) -> frozenset[datetime | None]:
        """The times whose partitions a merge looks into.

        An UPDATE is billed all columns of the partitions that it looks into: new rows are looked for where nothing is replaced.
        """
        return frozenset((self.replaced or self.fresh).values())


def doubled(found: Iterable[Found]) -> list[str]:
    """Return keys that the table holds more than once, because two passes inserted them at the same moment."""
    return [key for key, count in Counter(one.key for one in found).items() if count > 1]


def planned(
    key: str, rows: Iterable[Checked], gone: Mapping[str, datetime], found: Iterable[Found], trusted: datetime = NEVER
) -> Plan:
    """Plan these rows and deletions; `key` is the key column's name. `found` may hold no key twice.

    A version past `trusted` was written by a clock that ran ahead, and counts as old.
    """
    there = {one.key: _trusted(one, trusted) for one in found}
    written = [row for row in newest(rows) if _differs(row, there.get(row.key))]
    marked = {one: at for one, at in gone.items() if one in there and _lives(there[one], at)}
    lines = [_stamped(row) for row in written] + [_tombstone(key, one, at) for one, at in marked.items()]
    touched = {one: there[one].at for one in (*(row.key for row in written), *marked) if one in there}
    return Plan(lines, {row.key: row.at for row in written if row.key not in there}, touched)


def newest(rows: Iterable[Checked]) -> list[Checked]:
    """Return the newest reading of each key; of equal ones the last."""
    chosen: dict[str, Checked] = {}
    for row in rows:
        if row.key not in chosen or chosen[row.key].version <= row.version:
            chosen[row.key] = row
    return list(chosen.values())


def _trusted(found: Found, trusted: datetime) -> Found:
    return replace(found, version=None) if found.version and found.version > trusted else found


def _differs(row: Checked, there: Found | None) -> bool:
    if there is None:
        return True
    return (there.version or OLDEST) <= row.version and (there.hash != row.hash or there.deleted_at is not None)


def _lives(there: Found, at: datetime) -> bool:
    return there.deleted_at is None and (there.version or OLDEST) <= at


def _stamped(row: Checked) -> bytes:
    """Return the line with its hash as text, because a load takes integers past 53 bits only so."""
    return b'%b,"%b":"%d"}' % (row.line.rstrip()[:-1], HASH.encode(), row.hash)


def _tombstone(key: str, value: str, at: datetime) -> bytes:
    return msgspec.json.encode({key: value, SYNCED: render(at), DELETED: render(at)})
