"""States of layout 1, as the program before this one wrote them: the layout alone, read strictly.

Not here: what takes their place (migrations). Both can be deleted once nobody has such a state.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from langsmith_core.prepared import prepared
from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids, Prefixes
from langsmith_core.streams.bounds import Count, Id, Moment
from langsmith_core.streams.context import Api
from langsmith_core.streams.ledgers import OpenRuns, Versions
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.sync.state import Pass, Trouble

PROJECTS, UNFINISHED, ENDED, DATASETS, FEEDBACK, EDITED, OWED = range(7)
"""The stages of a cycle, in their order. See `migrations_look` for what each reads."""
StageNumber: TypeAlias = Annotated[int, Meta(ge=PROJECTS, le=OWED)]
IDS_MAX = 50
"""Ids or parents of one slice."""


class Slice(Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked for at one place, and how far it was read: one struct for every kind of question.

    `parents` are the projects or the dataset, `ids` a few records. A run query has the window `[lo, hi)`, whose `hi` moved down
    as rows were delivered, and `[floor, ceiling)`, the bounds of the query that `cursor` belongs to. Of examples, `hi` is the
    version that is read and `lo` the one before it; with a `ceiling`, `hi` is the one before, in which is looked for what that
    newer version no longer has; with a `floor`, the dataset is read whole in every sync. `offset` and `anchor` are the place in
    a list; in a slice of runs they say where its stage goes on.
    """

    table: str
    parents: Ids = NO_IDS
    ids: Ids = NO_IDS
    lo: Moment | None = None
    hi: Moment | None = None
    seen: Moment | None = None
    floor: Moment | None = None
    ceiling: Moment | None = None
    ended_since: Moment | None = None
    edited_since: Moment | None = None
    cursor: str | None = None
    offset: Count = 0
    anchor: Id | None = None
    trail: Trail | None = None
    limit: Count = 0
    refused: Count = 0
    unfilled_since: Moment | None = None


class Walk(Struct, frozen=True, forbid_unknown_fields=True):
    """A stage in progress: the list still to read, parents found but not begun, slices in hand.

    `late` are projects that no earlier list had. `missing` are parents that were known and are listed no more.
    """

    listing: Slice | None
    pending: Ids = NO_IDS
    late: Ids = NO_IDS
    missing: Ids = NO_IDS
    slices: tuple[Slice, ...] = ()
    stats_seen: bool = False


class Left(Struct, frozen=True, forbid_unknown_fields=True):
    """A stage whose list broke off, and where in it."""

    stage: StageNumber
    walk: Walk
    known: Ids = NO_IDS
    listed: Ids = NO_IDS


class Cycle(Struct, frozen=True, forbid_unknown_fields=True):
    """One look at the workspace. `known` parents have not been listed yet, `listed` ones have. `judged` have feedback."""

    until: Moment
    walk: Walk
    since: Moment | None = None
    feedback_since: Moment | None = None
    deep: bool = False
    light: bool = False
    calls: Count = 0
    stage: StageNumber = PROJECTS
    known: Ids = NO_IDS
    listed: Ids = NO_IDS
    judged: Prefixes = NO_PREFIXES
    left: Left | None = None
    returned: bool = False


class History(Struct, frozen=True, forbid_unknown_fields=True):
    """Runs of `[lo, hi)` still to read, of every project but `skip`."""

    lo: Moment
    hi: Moment
    walk: Walk
    skip: Ids = NO_IDS


class Scope(Struct, frozen=True, forbid_unknown_fields=True):
    """What the configuration asked for: the three streams that had a switch, and a fingerprint of PROJECTS."""

    start_time: Moment | None = None
    names: str = ""
    runs: bool = True
    examples: bool = True
    feedback: bool = True


class LookedUp(Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of the first names of PROJECTS and PROJECTS_EXCLUDE. Without `at`, nobody knows when they were looked up."""

    proof: str
    ids: Ids
    at: Moment | None = None


class State(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole position."""

    source: str
    version: Literal[1] = 1
    api: Api | None = None
    done_to: Moment | None = None
    begun: Moment | None = None
    scope: Scope | None = None
    projects: Ids | None = None
    left_out: Ids = NO_IDS
    looked_up: LookedUp | None = None
    meant: str = ""
    cycle: Cycle | None = None
    history: History | None = None
    known_projects: Ids = NO_IDS
    known_datasets: Ids = NO_IDS
    versions: Versions = Versions()
    unfinished: OpenRuns = OpenRuns()
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


_STATE = prepared(State)


def read(value: dict[str, Any]) -> State:
    """The state that a value holds. Raises ValueError and msgspec.ValidationError for what is not one."""
    try:
        return msgspec.convert(value, _STATE, strict=False, dec_hook=_unpacked)
    except OverflowError as error:
        raise ValueError("a time that no state holds") from error


def _unpacked(kind: type, value: Any) -> Any:
    """A packed list. Programs before packing wrote ids as a list of texts."""
    if isinstance(value, str) and issubclass(kind, (Ids, Prefixes, Versions, OpenRuns)):
        return kind.unpacked(value)
    if isinstance(value, list) and kind is Ids:
        return Ids(msgspec.convert(value, tuple[Id, ...]))
    raise ValueError(f"no {kind.__name__}")
