"""The state: where a sync stands, as values, and as the JSON that Fivetran or a database keeps.

Here: its exact layout, reading it back strictly, and nothing that changes it (plan does).
Not here: payloads, keys, project names; a state may be logged.

A cycle is one look at the whole workspace with frozen bounds. It walks the stages in order; a walk lists parents page by
page and reads their children's slices. A history is the same walk over runs, for what lies before the first cycle's window.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.errors import StateError

VERSION = 1
BYTES_MAX = 64_000
"""Fivetran's own limit is not documented; its test socket takes 65,536 bytes."""


REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"


class Slice(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One stream, one parent (or a batch of projects on v2), one window `[lo, hi)`, one position in it.

    Or a few records by `ids`. `ended_since`: only runs that have ended since then.

    Run queries answer newest first: `hi` moves down as rows are delivered, so that a slice restarts from its window when
    the provider's `cursor` dies. `[floor, ceiling)` are the bounds of the query that the cursor belongs to. Offset lists use
    `offset` and `anchor`, the id of the row before it: where another row stands there, the list has shifted.
    `limit` is the page size that failing pages have forced; 0 is the configured one.
    """

    table: str
    parents: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    lo: datetime | None = None
    hi: datetime | None = None
    floor: datetime | None = None
    ceiling: datetime | None = None
    ended_since: datetime | None = None
    cursor: str | None = None
    offset: int = 0
    anchor: str | None = None
    limit: int = 0


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


class Cycle(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The frozen bounds of one look: everything from `since` (None: the beginning) to `until`.

    `deep`: the daily pass that reads the recent past again. `known` and `listed` are ledgers of parents: those of the cycle
    before that this listing has not shown yet, and those that it has.
    """

    until: datetime
    walk: Walk
    since: datetime | None = None
    feedback_since: datetime | None = None
    deep: bool = False
    stage: int = 0
    known: str = ""
    listed: str = ""


class History(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Runs of `[lo, hi)` still to read, of every project but `skip`."""

    lo: datetime
    hi: datetime
    walk: Walk
    skip: tuple[str, ...] = ()


class Scope(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the configuration asks for; `names` is PROJECTS as it was written."""

    start_time: datetime | None = None
    names: tuple[str, ...] = ()
    runs: bool = True
    examples: bool = True
    feedback: bool = True


class State(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole position. `done_to` is the `until` of the last finished cycle; `projects` are the ids that
    `scope` means, None for all; `row_bytes` is the weight of a run by the pages so far;
    `empties` counts answers without rows.
    """

    source: str
    version: int = VERSION
    api: str | None = None
    done_to: datetime | None = None
    scope: Scope | None = None
    projects: tuple[str, ...] | None = None
    cycle: Cycle | None = None
    history: History | None = None
    known_projects: str = ""
    known_datasets: str = ""
    versions: str = ""
    unfinished: str = ""
    overflow: datetime | None = None
    reconciled: datetime | None = None
    stats_served: bool = True
    row_bytes: int = 0
    empties: int = 0


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
        state = msgspec.convert(value, State, strict=False)
    except msgspec.ValidationError as error:
        raise StateError(f"state: {error}. {REMEDY}") from error
    if state.source != source:
        raise StateError(f"state: of another host or workspace. Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or {REMEDY}")
    return state


def dump(state: State) -> bytes:
    """The state as JSON. It always names its version."""
    fields: dict[str, Any] = msgspec.to_builtins(state)
    return msgspec.json.encode({"version": state.version, **fields})
