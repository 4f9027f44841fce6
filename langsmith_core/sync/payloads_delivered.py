"""Rows already delivered with payloads from object storage: an unchanged one is neither downloaded nor sent again.

v1 names the payloads that lie elsewhere, v2 fills them in itself. Every look reads the day before again, so without this each
look would download that day's payloads. A row is unchanged if everything but its payloads is, and if the record names the
storage's own key of each payload. Nobody documents that what lies under a key never changes: the daily pass reads all again.
Pure. Not here: downloading (payloads), or how marks are kept (records.packed_marks).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

from msgspec.structs import replace

from langsmith_core.records import json_text, plans, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.packed_marks import ENTRY_CHARACTERS, MARK_BYTES, NO_MARKS, Mark, Marks
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import INDEX_LAG, OVERLAP
from langsmith_core.streams.context import Context
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

KEY = "s3_url"
"""The storage's own key of a payload. It stands beside `presigned_url` (OpenAPI documents; fixture 09)."""
AGE = OVERLAP + INDEX_LAG + timedelta(hours=1)
"""Older runs are read again by the daily pass only."""
SHARE = 64
"""A state may have one mark for so many of its bytes: a third of it, at 20 characters each."""
MARKS_MAX = 12_000
"""The most marks of any state: their text is one document of Firestore's."""


def known(state: State, context: Context) -> Marks:
    """Return the marks by which this look knows a row again. The daily pass and a backfill know none."""
    return state.delivered if context.bounds and not context.bounds.deep else NO_MARKS


def salt_of(settings: Settings) -> bytes:
    """Return what else decides how a row looks: what is hidden of it, and how large it may be."""
    hidden = (settings.exclude_columns, settings.redact_paths, settings.hash_paths, settings.hash_key)
    return blake2b(repr((hidden, settings.bytes_max)).encode(), digest_size=16).digest()


def look_of(stream: Table, record: bytes, row: Row, wanted: Collection[str], salt: bytes) -> bytes | None:
    """Return the mark of a row's look without its payloads; None where the record does not name their keys in storage."""
    if not wanted or not row[stream.time] or not _are_named(stream, record, wanted):
        return None
    return blake2b(rows.encode(row), digest_size=MARK_BYTES, key=salt).digest()


def fewer(state: State, excess: int) -> State:
    """Return a state that is `excess` bytes smaller, as far as marks take them: payloads without one are downloaded again."""
    kept = len(state.delivered) - -(-excess // ENTRY_CHARACTERS)
    return replace(state, delivered=state.delivered.first(kept) if kept > 0 else NO_MARKS)


def needed(state: State) -> int:
    """Return the bytes of a state without its marks, which yield to all else."""
    return len(dump(replace(state, delivered=NO_MARKS)))


def marked(stream: Table, row: Row, look: bytes) -> Mark:
    """Return what is remembered of a row that goes out with its payloads."""
    return Mark(_second(parse(row[stream.time])), look)


def noted(state: State, settings: Settings, shown: Collection[str], delivered: Mapping[str, Mark], now: datetime) -> State:
    """Remember rows of a page that go out whole, while they are young, and forget how other rows that go out looked before."""
    if not delivered and not state.delivered:
        return state
    count = min(MARKS_MAX, settings.state_bytes_max // SHARE)
    return replace(state, delivered=state.delivered.noted(shown, delivered, _second(now - AGE), count))


def _are_named(stream: Table, record: bytes, wanted: Collection[str]) -> bool:
    """Whether a record names the storage's own key of each payload, beside the signed address."""
    addresses = [column.offloaded or "" for column in stream.columns if column.name in wanted]
    keys = [f"{path.rpartition('.')[0]}.{KEY}" for path in addresses]
    fields = json_text.picked(record, *dict.fromkeys(path.partition(".")[0] for path in keys))
    return all(bytes(plans.inside(path, fields) or b"").startswith(b'"') for path in keys)


def _second(moment: datetime) -> int:
    return min(max(int(moment.timestamp()), 0), 2**32 - 1)
