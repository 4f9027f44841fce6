"""The state: where a sync stands, as values.

Here: its exact layout, and nothing that changes it. Two modules move the position, agenda and look. Not here: its JSON
(state_json), payloads, keys, or names of projects; a state may be logged.

A look reads the whole workspace with frozen bounds. A backfill reads runs that lie before the first look's window.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.streams.bounds import Bounds, Count, Moment, Past
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.work import Api, Scope

VERSION = 2
Reason: TypeAlias = Literal["failed", "payload", "broken"]
"""Why work waits: LangSmith fails it, object storage did not give a payload, or a list of parents broke off."""


class Task(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One work item on the agenda. `reason` and `since` say why and from when on it was put aside, if it was."""

    work: Item
    reason: Reason | None = None
    since: Moment | None = None


class Look(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A look in progress: its bounds, the work in hand, and the streams that are not opened yet.

    `calls` have gone on with it. `retrying`: what was put aside is on the agenda, for the last time in this look. `returned`: it
    has come back to a list that broke off.
    """

    bounds: Bounds
    agenda: tuple[Task, ...] = ()
    to_open: tuple[str, ...] = ()
    calls: Count = 0
    retrying: bool = False
    returned: bool = False


class Backfill(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Runs of the past that are still to read, and the work in hand."""

    past: Past
    agenda: tuple[Task, ...] = ()


class Pass(Struct, frozen=True, forbid_unknown_fields=True):
    """What a standalone pass has done, for its status."""

    ended: Moment
    seconds: float
    rows: dict[str, int]
    requests: Count
    retries: Count
    rejected: Count
    has_more: bool


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the last standalone pass that failed did."""

    at: Moment
    status: int
    message: str


class State(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole position.

    `done_to` is the bound of the last finished look; `begun` that of the first that was ever opened, while none is finished.
    `projects` are the ids that PROJECTS means, None for all; `left_out` those that are never read. `later` is work that was put
    aside, tried again in every look; `answered` is the time of the last answer that left such. `overlapped_to` is the bound of
    the last look that re-read the 24 hours before it, `heavy` says that this took more than one call, and `reconciled` is the
    bound of the last daily pass. `empties` counts answers without rows. `newest` is the time of the newest row delivered of each
    table. `passes` and `trouble` are the standalone face's.
    """

    source: str
    version: int = VERSION
    api: Api | None = None
    done_to: Moment | None = None
    begun: Moment | None = None
    scope: Scope | None = None
    projects: Ids | None = None
    left_out: Ids = NO_IDS
    look: Look | None = None
    backfill: Backfill | None = None
    later: tuple[Task, ...] = ()
    memory: Memory = Memory()
    overlapped_to: Moment | None = None
    heavy: bool = False
    reconciled: Moment | None = None
    answered: Moment | None = None
    empties: Count = 0
    newest: dict[str, Moment] = {}
    passes: tuple[Pass, ...] = ()
    trouble: Trouble | None = None

    @property
    def agenda(self) -> tuple[Task, ...]:
        """The work in hand: the look's, else the backfill's."""
        part = self.look or self.backfill
        return part.agenda if part else ()

    @property
    def drained(self) -> bool:
        """Whether nothing is left to read in this sync but what was put aside."""
        return self.look is None and self.backfill is None
