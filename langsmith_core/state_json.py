"""The state as the JSON that Fivetran or a database keeps.

Here: writing it, and reading it back strictly. Not here: its layout (state), what may stand in it (state_checks), or how ids are
packed (packing).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from langsmith_core import packing, state_checks
from langsmith_core.errors import StateError
from langsmith_core.state import VERSION, State

REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"
UNBOUND = ""
"""The source of a state that no success has bound to a host and a workspace yet."""


def load(value: Any, source: str, place: str = "") -> State:
    """Read a state; `{}` and None begin anew. `place` is what holds it, where that is not Fivetran.

    Raises StateError for anything this version did not write for this host and workspace.
    """
    if value is None or value == {}:
        return State(source=source)
    where = f": delete {place}" if place else ""
    if not isinstance(value, dict):
        raise StateError(f"state: expected an object, got {type(value).__name__}. {REMEDY}{where}")
    version = value.get("version", VERSION)
    if version != VERSION:
        raise StateError(
            f"state: of layout {version!s:.20}, this is layout {VERSION}. Deploy the version that wrote it, or {REMEDY}{where}"
        )
    try:
        state = msgspec.convert(packing.unpacked(value), State, strict=False)
        state_checks.check(state)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise StateError(f"state: {error!s:.200}. {REMEDY}{where}") from error
    if state == State(source=UNBOUND, trouble=state.trouble):
        return replace(state, source=source)
    if state.source != source:
        raise StateError(
            f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}{where}"
        )
    return state


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = packing.packed(msgspec.to_builtins(state))
    return msgspec.json.encode({"version": state.version, **fields})
