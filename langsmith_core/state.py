"""The state: where a sync stands, as values.

Here: its exact layout, and nothing that changes it (plan does), nor its JSON (state_json).
Not here: payloads, keys, or names of projects (but what a failure's message repeats of PROJECTS); a state may be logged.
A cycle is one look at the whole workspace with frozen bounds. It walks the stages in order; a walk lists parents page by
page and reads their children's slices. A history is the same walk over runs, for what lies before the first cycle's window.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from langsmith_core.slices import Count as Count  # noqa: PLC0414  part of this module's face
from langsmith_core.slices import Moment as Moment  # noqa: PLC0414  as above
from langsmith_core.slices import Slice as Slice  # noqa: PLC0414  as above
from langsmith_core.slices import Trail as Trail  # noqa: PLC0414  as above
from langsmith_core.streams import RUN

VERSION = 1

StageNumber: TypeAlias = Annotated[int, Meta(ge=0, le=6)]
Api: TypeAlias = Literal["v1", "v2"]


class Walk(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A place in the walk over parents: the listing still to read, parents found but not begun, slices in progress.

    `late` are parents that no earlier listing had: all of their past is read. `missing` were known and are listed no more
    (a ledger): each is asked for by its id, and a 404 deletes it.
    """

    listing: Slice | None
    pending: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    missing: str = ""
    slices: tuple[Slice, ...] = ()
    stats_seen: bool = False


class Left(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A stage whose list of parents could not be read further, and where in it: the cycle comes back to it at its end."""

    stage: StageNumber
    walk: Walk
    known: str = ""
    listed: str = ""


class Cycle(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The frozen bounds of one look: everything from `since` (None: the beginning) to `until`.

    `deep`: the daily pass that reads the recent past again. `light`: without the 24 hours before, which are more than a call
    can hold and were read within the hour. `calls` have gone on with it. `known` and `listed` are ledgers of parents: those of
    the cycle before that this listing has not shown yet, and those that it has; `judged` are projects with feedback, by the
    first bytes of their ids. `left` is a stage to come back to; `returned`: the cycle has come back to it.
    """

    until: Moment
    walk: Walk
    since: Moment | None = None
    feedback_since: Moment | None = None
    deep: bool = False
    light: bool = False
    calls: Count = 0
    stage: StageNumber = 0
    known: str = ""
    listed: str = ""
    judged: str = ""
    left: Left | None = None
    returned: bool = False


class History(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Runs of `[lo, hi)` still to read, of every project but `skip`."""

    lo: Moment
    hi: Moment
    walk: Walk
    skip: tuple[str, ...] = ()


class Scope(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the configuration asks for; `names` is a fingerprint of PROJECTS as it was written, empty for all."""

    start_time: Moment | None = None
    names: str = ""
    runs: bool = True
    examples: bool = True
    feedback: bool = True


class LookedUp(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ids of the first names of PROJECTS and PROJECTS_EXCLUDE, zeros for none, looked up since `at`; `proof` says by whom."""

    proof: str
    ids: tuple[str, ...]
    at: Moment | None = None


class Matched(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of privacy in one pass: rows with its place, and rows of its tables."""

    found: Count
    rows: Count


class Pass(Struct, frozen=True, forbid_unknown_fields=True):
    """What a standalone pass has done, for its status. `skew_seconds`: how far this machine's clock is ahead of LangSmith's.

    `rules` are those of REDACT_PATHS and HASH_PATHS, as they are written, where there are any.
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


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the last standalone pass that failed did."""

    at: Moment
    status: int
    message: str


class State(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole position.

    `done_to` is the `until` of the last finished cycle; `begun` that of the first that was ever opened, while none is finished;
    `projects` are the ids that `scope` means, None for all, `left_out` those never read, both as every call finds them anew
    (confine); `looked_up` the first of both while not all are known, `meant` a fingerprint of both where they have no room;
    `owed` are slices that failed and were put aside, to be tried again once a cycle, and `answered` is the time of
    the last answer that left such; `row_bytes` is a run's weight by the pages so far, `weights` other rows'; `empties` counts
    answers without rows; `plain`: runs are asked for only the fields that columns are made of; `own_usage`: v2 does not give
    parents the usage of their subtree; `v1_before`: the instance serves both run APIs, and v1 is asked for runs that began
    earlier, unless it is `v1_gone`; `unfilled` are runs whose payloads could not be had; `newest` is the time of each table's
    newest row delivered; `passes` and `trouble` are the standalone face's.
    """

    source: str
    version: int = VERSION
    api: Api | None = None
    done_to: Moment | None = None
    begun: Moment | None = None
    scope: Scope | None = None
    projects: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()
    looked_up: LookedUp | None = None
    meant: str = ""
    cycle: Cycle | None = None
    history: History | None = None
    known_projects: str = ""
    known_datasets: str = ""
    versions: str = ""
    unfinished: str = ""
    overflow: Moment | None = None
    overlapped_to: Moment | None = None
    heavy: bool = False
    reconciled: Moment | None = None
    stats_served: bool = True
    edits_served: bool = True
    plain: bool = False
    own_usage: Literal["refused", "ignored"] | None = None
    owed: tuple[Slice, ...] = ()
    unfilled: tuple[Slice, ...] = ()
    answered: Moment | None = None
    v1_before: Moment | None = None
    v1_gone: bool = False
    row_bytes: Count = 0
    weights: dict[str, Count] = {}
    empties: Count = 0
    newest: dict[str, Moment] = {}
    passes: tuple[Pass, ...] = ()
    trouble: Trouble | None = None

    @property
    def named(self) -> int:
        """How many ids the configuration has put into the state."""
        return len(self.projects or ()) + len(self.left_out)

    def weight(self, table: str) -> int:
        """The weight of a table's row in bytes, by the pages so far; 0 before the first."""
        return self.row_bytes if table == RUN.table else self.weights.get(table, 0)

    def reads(self, project: str) -> bool:
        """Whether runs and feedback of a project are read."""
        return project not in self.left_out and (self.projects is None or project in self.projects)
