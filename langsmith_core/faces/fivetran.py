"""Fivetran's Function protocol: read a request body into values, write a batch as an answer.

Here: the wire format and nothing else. Source: docs of Fivetran's Google Cloud Functions connector; docs/DESIGN.md names the
unverified facts. Not here: reading LangSmith for a call (fivetran_target).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.faces import body as request_body
from langsmith_core.masking import json_safe
from langsmith_core.settings import request_values
from langsmith_core.streams.registry import SCHEMA, SOFT_DELETE, TABLE_OF
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state_json import dump

SETUP_STATE_MAX = 2_000
RESERVE_MAX = 70_000
"""Bytes of an answer reserved for its state, schema and punctuation."""


class Request(Struct, frozen=True):
    """What Fivetran sends. All but the state is optional; unknown fields are ignored."""

    state: Any
    values: dict[str, Any]
    setup_test: bool
    sync_id: str


def parse(body: bytes) -> Request:
    """Read a request body. Raises ConfigError where it is no JSON object, or holds what no request needs."""
    fields = request_body.fields(body)
    values = request_values.merged(fields.get("customPayload"), fields.get("secrets"))
    test = fields.get("setup_test") in (True, "true")
    return Request(fields.get("state"), values, test, str(fields.get("sync_id") or "")[:64])


def rows_bytes_max(bytes_max: int) -> int:
    """Return how many bytes of an answer of `bytes_max` bytes rows may take."""
    return max(1, bytes_max - min(RESERVE_MAX, bytes_max // 4))


def answer(batch: Batch) -> bytes:
    """Return the answer to a sync. Rows were encoded once and are copied once."""
    gone = {table: [{TABLE_OF[table].key: key} for key in keys] for table, keys in batch.deletes.items() if keys}
    end = b'},"delete":%b,"schema":%b,"hasMore":%b,"softDelete":%b}' % (
        msgspec.json.encode(gone),
        msgspec.json.encode(SCHEMA),
        b"true" if batch.has_more else b"false",
        msgspec.json.encode(SOFT_DELETE),
    )
    return b"".join([b'{"state":%b,"insert":{' % dump(batch.state), *_inserted(batch), end])


def _inserted(batch: Batch) -> Iterator[bytes]:
    """Yield the tables that have rows, and their rows, between punctuation."""
    tables = ((table, lines) for table, lines in batch.lines.items() if lines)
    for place, (table, lines) in enumerate(tables):
        yield b'%b"%b":' % (b"," if place else b"", table.encode())
        for number, line in enumerate(lines.values()):
            yield b"," if number else b"["
            yield line
        yield b"]"


def setup_answer(state: Any) -> bytes:
    """Return the answer to a setup test, under 4 KB: nothing moves. It repeats the state where that is small and fit."""
    fit = json_safe(state) if isinstance(state, dict) else {}
    return msgspec.json.encode(
        {
            "state": fit if fit == state and len(msgspec.json.encode(fit)) < SETUP_STATE_MAX else {},
            "insert": {},
            "delete": {},
            "schema": SCHEMA,
            "hasMore": False,
            "softDelete": SOFT_DELETE,
        }
    )
