"""The state: where a sync stands, as values, and as the JSON that Fivetran or a database keeps.

Here: its exact layout, reading it back strictly, and nothing that changes it (plan does).
Not here: payloads, keys, project names; a state may be logged.

A cycle is one look at the whole workspace with frozen bounds. It walks the stages in order; a walk lists parents page by
page and reads their children's slices. A history is the same walk over runs, for what lies before the first cycle's window.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from langsmith_core import packing
from langsmith_core.errors import StateError
from langsmith_core.streams import BY_TABLE, RUN

VERSION = 1
REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]
StageNumber: TypeAlias = Annotated[int, Meta(ge=0, le=6)]
Api: TypeAlias = Literal["v1", "v2"]


class Slice(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One stream, one parent (or a batch of projects on v2), one window `[lo, hi)`, one position in it.

    Or a few records by `ids`: of runs by theirs, of feedback by those of the runs. `ended_since`: only runs that have ended since
    then; `edited_since`: only those whose feedback was edited since then. Of examples, `hi` is the version that is read and `lo`
    the one before it; with a `ceiling`, `hi` is the one before, in which is looked for what that newer version no longer has.

    Run queries answer newest first: `hi` moves down as rows are delivered, so that a slice restarts from its window when
    the provider's `cursor` dies. `[floor, ceiling)` are the bounds of the query that the cursor belongs to. Offset lists use
    `offset` and `anchor`, the id of the row before it: where another row stands there, the list has shifted.
    `limit` is the page size that failing pages have forced; 0 is the configured one.
    """

    table: str
    parents: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    lo: Moment | None = None
    hi: Moment | None = None
    floor: Moment | None = None
    ceiling: Moment | None = None
    ended_since: Moment | None = None
    edited_since: Moment | None = None
    cursor: str | None = None
    offset: Count = 0
    anchor: str | None = None
    limit: Count = 0


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
    """The whole position. `done_to` is the `until` of the last finished cycle; `projects` are the ids that
    `scope` means, None for all; `owed` are slices that failed and were put aside, to be tried again once a cycle;
    `row_bytes` is the weight of a run by the pages so far; `empties` counts answers without rows; `newest` is the time of the
    newest row delivered of each table, `passes` and `trouble` are the standalone face's.
    """

    source: str
    version: int = VERSION
    api: Api | None = None
    done_to: Moment | None = None
    scope: Scope | None = None
    projects: tuple[str, ...] | None = None
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
    owed: tuple[Slice, ...] = ()
    row_bytes: Count = 0
    empties: Count = 0
    newest: dict[str, Moment] = {}
    passes: tuple[Pass, ...] = ()
    trouble: Trouble | None = None


def load(value: Any, source: str) -> State:
    """Read a state; `{}` and None begin anew.

    Raises StateError for anything this version did not write for this host and workspace.
    """
    if value is None or value == {}:
        return State(source=source)
    if not isinstance(value, dict):
        raise StateError(f"state: expected an object, got {type(value).__name__}. {REMEDY}")
    version = value.get("version", VERSION)
    if version != VERSION:
        raise StateError(
            f"state: of layout {version!s:.20}, this is layout {VERSION}. Deploy the version that wrote it, or {REMEDY}"
        )
    try:
        state = msgspec.convert(packing.unpacked(value), State, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise StateError(f"state: {error}. {REMEDY}") from error
    if not _usable(state):
        raise StateError(f"state: it holds what this program never writes. {REMEDY}")
    if state.source != source:
        raise StateError(f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}")
    return state


def _usable(state: State) -> bool:
    """Whether every slice names a table, and every slice of runs has its window."""
    walks = [part.walk for part in (state.cycle, state.history) if part]
    walks += [state.cycle.left.walk] if state.cycle and state.cycle.left else []
    slices = [piece for walk in walks for piece in (walk.listing, *walk.slices) if piece] + list(state.owed)
    windowed = all(piece.lo and piece.hi and piece.floor and piece.ceiling for piece in slices if piece.table == RUN.table)
    return windowed and all(piece.table in BY_TABLE for piece in slices)


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = packing.packed(msgspec.to_builtins(state))
    return msgspec.json.encode({"version": state.version, **fields})
