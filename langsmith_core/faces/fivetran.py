"""Fivetran's Function protocol: a request body into values, a batch into an answer.

Here: the wire format and nothing else. Source: docs of Fivetran's Google Cloud Functions connector (docs/DESIGN.md says which
facts are unverified). Not here: where the state comes from or what is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.errors import ConfigError
from langsmith_core.settings import config
from langsmith_core.streams.registry import SCHEMA, SOFT_DELETE, TABLE_OF
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state_json import dump

SETUP_STATE_MAX = 2_000
RESERVE_MAX = 70_000
"""Bytes of an answer kept for its state, schema and punctuation."""


class Request(Struct, frozen=True):
    """What Fivetran sends. All but the state is optional; unknown fields are passed over."""

    state: Any
    values: dict[str, Any]
    setup_test: bool
    sync_id: str


def parse(body: bytes) -> Request:
    """Read a request body. Raises ConfigError where it is no JSON object."""
    try:
        fields = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ConfigError('body: not JSON; send {"state": {}, "secrets": {...}} with Content-Type: application/json') from error
    if not isinstance(fields, dict):
        raise ConfigError('body: not a JSON object; send {"state": {}, "secrets": {...}}')
    values = {**config.flat(fields.get("customPayload")), **config.flat(fields.get("secrets"))}
    test = fields.get("setup_test") in (True, "true")
    return Request(fields.get("state"), values, test, str(fields.get("sync_id") or "")[:64])


def rows_bytes_max(bytes_max: int) -> int:
    """How much of an answer of `bytes_max` bytes is for rows."""
    return max(1, bytes_max - min(RESERVE_MAX, bytes_max // 4))


def answer(batch: Batch) -> bytes:
    """The answer: rows are placed as they were encoded, once, and copied once."""
    gone = {table: [{TABLE_OF[table].key: key} for key in keys] for table, keys in batch.deletes.items() if keys}
    end = b'},"delete":%b,"schema":%b,"hasMore":%b,"softDelete":%b}' % (
        msgspec.json.encode(gone),
        msgspec.json.encode(SCHEMA),
        b"true" if batch.has_more else b"false",
        msgspec.json.encode(SOFT_DELETE),
    )
    return b"".join([b'{"state":%b,"insert":{' % dump(batch.state), *_inserted(batch), end])


def _inserted(batch: Batch) -> Iterator[bytes]:
    """The tables that have rows, and their rows, between punctuation."""
    tables = ((table, lines) for table, lines in batch.lines.items() if lines)
    for place, (table, lines) in enumerate(tables):
        yield b'%b"%b":' % (b"," if place else b"", table.encode())
        for number, line in enumerate(lines.values()):
            yield b"," if number else b"["
            yield line
        yield b"]"


def setup_answer(state: Any) -> bytes:
    """The answer to a setup test: nothing moves. A state comes back where it is small; the whole answer is under 4 KB."""
    state = state if len(msgspec.json.encode(state)) < SETUP_STATE_MAX else {}
    return msgspec.json.encode(
        {
            "state": state if isinstance(state, dict) else {},
            "insert": {},
            "delete": {},
            "schema": SCHEMA,
            "hasMore": False,
            "softDelete": SOFT_DELETE,
        }
    )
