"""One configuration key as a value: its name, its meaning, and which faces take it.

Not here: the keys themselves (settings.keys, settings.sync_keys).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from msgspec import Struct


class Face(Enum):
    """What reads a configuration: the Function connector, the `sync` target, the Connector SDK's connector."""

    FUNCTION = "fivetran"
    SYNC = "sync"
    CONNECTOR = "connector"


class Key(Struct, frozen=True):
    """One configuration key.

    `field`: its name in Settings. `default`: as a user would write it. `parse`: raises ValueError for a text that it cannot use.
    `meaning`: for README. `secret`: masked in every log line, message and answer (masking). `taken_by`: the faces for which it
    means something. `options`: all texts that it takes, where they are few and not true or false.
    """

    name: str
    field: str
    default: str | None
    parse: Callable[[str], Any]
    meaning: str
    required: bool = False
    secret: bool = False
    taken_by: tuple[Face, ...] = tuple(Face)
    options: tuple[str, ...] = ()
