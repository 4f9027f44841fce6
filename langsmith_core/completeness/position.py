"""Where a check stands: a part of the state.

Values only. Not here: how a check moves on (check), or what a state may hold at all (sync.state_checks).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from langsmith_core.streams.bounds import Count, Id, Moment

Meaning: TypeAlias = Literal["all", "roots"]
"""Which runs LangSmith's `run_count` counts. The API does not say, so it is learnt."""
SHORT_MAX = 500
"""Shortfalls that one check reads again. The next check finds the others."""


class Short(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A place where the destination holds fewer rows than LangSmith counts. `day` is None for a whole project or dataset."""

    table: str
    parent_id: Id
    source: Count
    destination: Count
    day: Moment | None = None


class Position(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A check in progress, and what the last one found.

    `of` is the daily pass that is checked, or was. The check counts `day` from project `offset` on; None: it is not under way.
    `short` waits to be read again, and `rereading` says that this has begun: then both sides are counted again. `gaps` stayed
    short after that. `counted` and `unknown` count comparisons. `meaning` is what `run_count` was seen to mean.
    """

    of: Moment | None = None
    checked_at: Moment | None = None
    meaning: Meaning | None = None
    day: Moment | None = None
    offset: Count = 0
    short: tuple[Short, ...] = ()
    rereading: bool = False
    gaps: tuple[Short, ...] = ()
    counted: Count = 0
    unknown: Count = 0
