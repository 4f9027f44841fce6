"""The state as the JSON that Fivetran or a database keeps.

Here: writing it, and reading it back strictly. Not here: its layout (state), or how ids are packed (packing).
"""

from __future__ import annotations

from typing import Any

import msgspec

from langsmith_core import packing
from langsmith_core.errors import StateError
from langsmith_core.state import VERSION, State
from langsmith_core.streams import BY_TABLE, RUN

REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"


def load(value: Any, source: str) -> State:
    """Read a state; `{}` and None begin anew.

    Raises StateError for anything this version did not write for this host and workspace.
    """
    if value is None or value == {}:
        return State(source=source)
    if not isinstance(value, dict):
        raise StateError(f"state: expected an object, got {type(value).__name__}. {REMEDY}")
    version = value.get("version", VERSION)
    if version != VERSION:
        raise StateError(
            f"state: of layout {version!s:.20}, this is layout {VERSION}. Deploy the version that wrote it, or {REMEDY}"
        )
    try:
        state = msgspec.convert(packing.unpacked(value), State, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise StateError(f"state: {error}. {REMEDY}") from error
    if not _usable(state):
        raise StateError(f"state: it holds what this program never writes. {REMEDY}")
    if state.source != source:
        raise StateError(f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}")
    return state


def _usable(state: State) -> bool:
    """Whether every slice names a table, and every slice of runs has its window."""
    walks = [part.walk for part in (state.cycle, state.history) if part]
    walks += [state.cycle.left.walk] if state.cycle and state.cycle.left else []
    slices = [piece for walk in walks for piece in (walk.listing, *walk.slices) if piece] + [*state.owed, *state.unfilled]
    windowed = all(piece.lo and piece.hi and piece.floor and piece.ceiling for piece in slices if piece.table == RUN.table)
    return windowed and all(piece.table in BY_TABLE for piece in slices)


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = packing.packed(msgspec.to_builtins(state))
    return msgspec.json.encode({"version": state.version, **fields})
