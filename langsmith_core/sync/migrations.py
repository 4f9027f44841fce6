"""States of older layouts, carried over. This module may be deleted once nobody has one."""

from __future__ import annotations

from typing import Any


def from_version_1(value: dict[str, Any]) -> dict[str, Any]:
    """A state of layout 1 as one of layout 2. Raises ValueError for what layout 1 never held."""
    return value
