"""The state as the JSON that Fivetran or a database keeps.

Here: writing it, and reading it back strictly. Not here: its layout (state), or reading older layouts (migrations).
"""

from __future__ import annotations

from typing import Any

import msgspec

from langsmith_core.errors import StateError
from langsmith_core.records.ids import Ids, Prefixes
from langsmith_core.streams.ledgers import OpenRuns, Versions
from langsmith_core.sync import migrations
from langsmith_core.sync.state import VERSION, State

REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"
PACKED = (Ids, Prefixes, Versions, OpenRuns)
"""Types that a state keeps as one text."""


def load(value: Any, source: str) -> State:
    """Read a state; `{}` and None begin anew.

    Raises StateError for anything this version did not write for this host and workspace.
    """
    if value is None or value == {}:
        return State(source=source)
    if not isinstance(value, dict):
        raise StateError(f"state: expected an object, got {type(value).__name__}. {REMEDY}")
    version = value.get("version", 1)
    if version not in (1, VERSION):
        raise StateError(
            f"state: of layout {version!s:.20}, this is layout {VERSION}. Deploy the version that wrote it, or {REMEDY}"
        )
    try:
        value = migrations.from_version_1(value) if version == 1 else value
        state = msgspec.convert(value, State, strict=False, dec_hook=_unpacked)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise StateError(f"state: {error}. {REMEDY}") from error
    if state.source != source:
        raise StateError(f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}")
    return state


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = msgspec.to_builtins(state, enc_hook=_packed)
    return msgspec.json.encode({"version": state.version, **_without_defaults(fields)})


def _packed(value: Any) -> str:
    if isinstance(value, PACKED):
        return value.packed()
    raise NotImplementedError(type(value).__name__)


def _unpacked(kind: type, value: Any) -> Any:
    if kind in PACKED and isinstance(value, str):
        return kind.unpacked(value)
    raise ValueError(f"no {kind.__name__}")


def _without_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields without empty parts: msgspec leaves out a default only where it is the very same object."""
    inner = {name: _without_defaults(one) if isinstance(one, dict) else one for name, one in fields.items()}
    return {name: one for name, one in inner.items() if one not in ("", {})}
