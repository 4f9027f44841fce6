"""The state: where a sync stands, as values.

Here: its exact layout, and nothing that changes it. Two modules move the position, agenda and look. Its JSON is in state_json.
A state may be logged: it holds no payload, no key and no name of a project, except what a failure's message repeats of PROJECTS.

A look reads the whole workspace with frozen bounds. A backfill reads runs that lie before the first look's window.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from langsmith_core.completeness.position import Position
from langsmith_core.privacy.matches import Matched
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.packed_marks import NO_MARKS, Marks
from langsmith_core.streams.bounds import Bounds, Count, Moment, Past
from langsmith_core.streams.context import Api, Scope
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.memory import Memory

VERSION = 2
SHARDS_MAX = 200
"""Windows of one backfill at most: two days of 400. Runs of one month are then fifteen windows, enough for several instances."""
Reason: TypeAlias = Literal["failed", "payload", "broken"]
"""Why work waits: LangSmith fails it, object storage did not give a payload, or a list of parents broke off."""


class Task(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One work item on the agenda. `reason` says why it was put aside, if it was.

    `since`: it reads runs again whose payloads are missing since then, whatever failed meanwhile.
    """

    work: Item
    reason: Reason | None = None
    since: Moment | None = None


class Look(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A look in progress: its bounds, the work in hand, and the streams that are not opened yet.

    `calls` counts the calls that have gone on with it, of the connector its syncs. `retrying`: what was put aside is on the
    agenda, for the last time in this look. `returned`: it has come back to a list that broke off.
    """

    bounds: Bounds
    agenda: tuple[Task, ...] = ()
    to_open: tuple[str, ...] = ()
    calls: Count = 0
    retrying: bool = False
    returned: bool = False


class Backfill(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Runs of the past that are still to read, and the work in hand. `given`: so many shards read them (sync.shards)."""

    past: Past
    agenda: tuple[Task, ...] = ()
    given: Count = 0


class LookedUp(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ids of the first names of PROJECTS and PROJECTS_EXCLUDE, zeros for none, looked up since `at`; `proof` says by whom."""

    proof: str
    ids: Ids
    at: Moment


class Pass(Struct, frozen=True, forbid_unknown_fields=True):
    """What a standalone pass has done, for its status. `skew_seconds`: how far this machine's clock is ahead of LangSmith's.

    `rules` are those of REDACT_PATHS and HASH_PATHS, as they are written, where there are any. `rate_limited`: answers of 429.
    """

    ended: Moment
    seconds: float
    rows: dict[str, int]
    requests: Count
    retries: Count
    rejected: Count
    has_more: bool
    skew_seconds: int = 0
    rules: dict[str, Matched] | UnsetType = UNSET
    rate_limited: Count = 0


class Running(Struct, frozen=True, forbid_unknown_fields=True):
    """What a standalone pass under way has delivered until `at`. It outlives a pass that died: the next one replaces it."""

    begun: Moment
    at: Moment
    rows: dict[str, Count]
    requests: Count


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the last standalone pass that failed did."""

    at: Moment
    status: int
    message: str


class State(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole position.

    `done_to` is the bound of the last finished look. `begun` is that of the first one ever opened, while none is finished.
    `projects` are the ids that PROJECTS means, None for all, and `left_out` are never read; every call finds both anew
    (confine). `looked_up` are the first ids of both while not all are known. `meant` is a fingerprint of both where the state
    has no room for them. `not_offered` are optional tables whose endpoint LangSmith refused; the daily pass asks for them again.
    `later` is work that was put aside; every look tries it again. `answered` is the time of the last
    answer that left failed work. `overlapped_to` is the bound of the last look that re-read the 24 hours before it; `heavy`
    says that this look took more than one call. `reconciled` is the bound of the last daily pass. `weights` are the bytes of a
    table's row by the pages so far. `empties` counts answers without rows. `newest` is the time of the newest row delivered of
    each table. `delivered` are marks of the last day's rows that went out with payloads of object storage. `passes`,
    `trouble`, `running` and `completeness` belong to the standalone face. `turn` counts a shard's passes; None elsewhere.
    """

    source: str
    version: int = VERSION
    api: Api | None = None
    done_to: Moment | None = None
    begun: Moment | None = None
    scope: Scope | None = None
    projects: Ids | None = None
    left_out: Ids = NO_IDS
    looked_up: LookedUp | None = None
    meant: str = ""
    not_offered: tuple[str, ...] = ()
    look: Look | None = None
    backfill: Backfill | None = None
    later: tuple[Task, ...] = ()
    memory: Memory = Memory()
    overlapped_to: Moment | None = None
    heavy: bool = False
    reconciled: Moment | None = None
    answered: Moment | None = None
    weights: dict[str, Count] = {}
    empties: Count = 0
    newest: dict[str, Moment] = {}
    delivered: Marks = NO_MARKS
    passes: tuple[Pass, ...] = ()
    trouble: Trouble | None = None
    running: Running | None = None
    turn: Count | None = None
    completeness: Position = Position()

    @property
    def agenda(self) -> tuple[Task, ...]:
        """The work in hand: the look's, else the backfill's."""
        part = self.look or self.backfill
        return part.agenda if part else ()

    @property
    def drained(self) -> bool:
        """Whether nothing is left to read for this state's own passes but what was put aside."""
        return self.look is None and (self.backfill is None or self.backfill.given > 0)

    @property
    def named(self) -> int:
        """How many ids the configuration has put into the state."""
        return len(self.projects or ()) + len(self.left_out)

    def waiting(self, reason: Reason) -> tuple[Task, ...]:
        """The work put aside for this reason."""
        return tuple(task for task in self.later if task.reason == reason)
