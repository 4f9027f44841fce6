"""The state as the JSON that Fivetran or a database keeps.

Here: writing it, and reading it back strictly. Not here: its layout (state), what may stand in it (state_checks), or reading the
layout before this one (migrations).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from langsmith_core.errors import StateError
from langsmith_core.prepared import prepared
from langsmith_core.records.packed_ids import Ids, Prefixes
from langsmith_core.records.packed_marks import Marks
from langsmith_core.streams.ledgers import OpenRuns, Versions
from langsmith_core.streams.prompt_heads import Heads
from langsmith_core.sync import migrations, state_checks
from langsmith_core.sync.state import VERSION, State

REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"
UNBOUND = ""
"""The source of a state that no success has bound to a host and a workspace yet."""
_STATE = prepared(State)
PACKED = (Ids, Prefixes, Versions, Heads, OpenRuns, Marks)
"""Types that a state keeps as one text."""


def load(value: Any, source: str, place: str = "") -> State:
    """Read a state; `{}` and None begin anew. `place` is what holds it, where that is not Fivetran.

    Raises StateError for anything this program did not write for this host and workspace.
    """
    if value is None or value == {}:
        return State(source=source)
    where = f": delete {place}" if place else ""
    if not isinstance(value, dict):
        raise StateError(f"state: expected an object, got {type(value).__name__}; {REMEDY}{where}")
    version = value.get("version", 1)
    if version not in (1, VERSION):
        told = version if isinstance(version, int | str) else type(version).__name__
        raise StateError(
            f"state: it has layout {told!s:.20}, and this program has layout {VERSION}. "
            f"Deploy the version that wrote it, or {REMEDY}{where}"
        )
    state = _read(value, version, where)
    if state == State(source=UNBOUND, trouble=state.trouble):
        return replace(state, source=source)
    if state.source != source:
        raise StateError(
            "state: it belongs to another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or "
            f"{REMEDY}{where}"
        )
    return state


def _read(value: dict[str, Any], version: int, where: str) -> State:
    try:
        if version == 1:
            state = migrations.from_version_1(value)
        else:
            state = msgspec.convert(value, _STATE, strict=False, dec_hook=_unpacked)
        state_checks.check(state)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise StateError(f"state: {error!s:.200}; {REMEDY}{where}") from error
    return state


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = msgspec.to_builtins(state, enc_hook=_packed)
    memory = {name: part for name, part in fields.pop("memory", {}).items() if part}
    return msgspec.json.encode({"version": state.version, **fields, **({"memory": memory} if memory else {})})


def _packed(value: Any) -> str:
    if isinstance(value, PACKED):
        return value.packed()
    raise NotImplementedError(type(value).__name__)


def _unpacked(kind: type, value: Any) -> Any:
    if issubclass(kind, PACKED) and isinstance(value, str):
        return kind.unpacked(value)
    raise ValueError(f"no {kind.__name__}")
