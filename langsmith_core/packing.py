"""Lists of ids within a state's JSON, packed: 20 characters an id instead of 39.

Pure: plain values in, plain values out. A list with anything but canonical UUIDs stays a list. Not here: the state's fields
(state), ledgers (which are packed already).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langsmith_core import ledger

FIELDS = frozenset({"parents", "ids", "pending", "late", "skip", "projects", "left_out"})
"""Fields that hold ids, wherever in the state they are."""


def packed(value: Any, field: str = "") -> Any:
    """The same with every list of ids under FIELDS as text."""
    if isinstance(value, dict):
        return {name: packed(inner, name) for name, inner in value.items()}
    if not isinstance(value, list | tuple):
        return value
    return _text(value) if field in FIELDS and value else [packed(inner) for inner in value]


def unpacked(value: Any, field: str = "") -> Any:
    """The inverse. Raises ValueError for a text that holds no ids."""
    if isinstance(value, dict):
        return {name: unpacked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [unpacked(inner) for inner in value]
    if field not in FIELDS or not isinstance(value, str):
        return value
    if len(value) % ledger.ID_CHARACTERS:
        raise ValueError(f"{field}: a text that holds no ids")
    return ledger.ids(value)


def _text(ids: Sequence[Any]) -> Any:
    try:
        text = ledger.packed(ids)
    except (ValueError, AttributeError):
        return ids
    return text if ledger.ids(text) == list(ids) else ids
