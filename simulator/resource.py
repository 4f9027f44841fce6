"""The declaration by which one file adds a listed resource to the simulator; see `simulator.resources`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.messages import Response
    from simulator.workspace import Workspace

Record = dict[str, Any]
Handler = Callable[["Call"], "Response"]
Operation = tuple[str, str, str, Handler]
"""Method, path without its prefix, the kind under which requests are recorded (`write` for changes), and handler."""


@dataclass(frozen=True)
class Action:
    """One thing that people do in a workspace: how often a day, and how.

    `act` returns something true if it changed the workspace, else something false.
    """

    per_day: float
    act: Callable[[Workspace, Random], object]


@dataclass(frozen=True)
class Resource:
    """Everything that the simulator has to know of one resource."""

    table: str
    """The destination's table."""
    operations: tuple[Operation, ...]
    rows: Callable[[Workspace], dict[str, Record]]
    """The truth: the rows that a complete destination has now, by key, under its column names, without `raw`.

    Timestamps are aware datetimes, JSON columns are plain values."""
    seed: Callable[[Workspace, Random, datetime], None]
    """Puts seeded data of the time since a moment into a workspace (`Simulator.corpus`)."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """What happens to it in a workspace in use (`Activity`), by name."""
    unimplemented: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Documented parameters that are not implemented, by operation (`GET /path`). A request with one is a 501."""
