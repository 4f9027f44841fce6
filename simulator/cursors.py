"""Cursors: opaque text that holds a position and the query that it belongs to.

A 400 refuses a cursor of another query, of an older epoch (`Simulator.expire_cursors`) or of an unknown shape.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from simulator.jsontext import encode
from simulator.messages import ApiError
from simulator.timeline import Position
from simulator.times import parse_time


@dataclass(frozen=True)
class Cursor:
    """Where a page ended. `pinned` keeps the window that the first page resolved (v2), `turn` counts pages."""

    query: str
    epoch: int
    after: Position
    turn: int = 0
    pinned: tuple[str, str] | None = None

    def text(self, least: int = 0) -> str:
        """The opaque form, at least this many characters long."""
        fields = [self.query, self.epoch, self.after[0].isoformat(), self.after[1], self.turn, self.pinned]
        return base64.urlsafe_b64encode(encode(fields).ljust(least * 3 // 4)).decode()


def query_digest(body: dict[str, Any], *, besides: tuple[str, ...]) -> str:
    """A digest that identifies a query: its whole body except the members named in `besides`."""
    essence = {key: value for key, value in body.items() if key not in besides and value is not None}
    return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()[:16]


def read_cursor(text: str, query: str, epoch: int) -> Cursor:
    """Read a cursor's text. Raises ApiError 400 unless it belongs to this query and epoch."""
    try:
        own, born, at, ident, turn, pinned = json.loads(base64.urlsafe_b64decode(text.encode()))
        cursor = Cursor(own, born, (parse_time(at), ident), turn, tuple(pinned) if pinned else None)
    except (ValueError, TypeError):
        raise ApiError(400, "Invalid cursor") from None
    if cursor.query != query:
        raise ApiError(400, "Cursor does not belong to this query")
    if cursor.epoch != epoch:
        raise ApiError(400, "Cursor has expired")
    return cursor
