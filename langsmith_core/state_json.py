"""The state as the JSON that Fivetran or a database keeps.

Here: writing it, and reading it back strictly. Not here: its layout (state), what may stand in it (state_checks), or how ids are
packed (packing).
"""

from __future__ import annotations

from typing import Any

import msgspec

from langsmith_core import packing, state_checks
from langsmith_core.errors import StateError
from langsmith_core.state import VERSION, State

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
        state_checks.check(state)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise StateError(f"state: {error!s:.200}. {REMEDY}") from error
    if state.source != source:
        raise StateError(f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}")
    return state


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = packing.packed(msgspec.to_builtins(state))
    return msgspec.json.encode({"version": state.version, **fields})
