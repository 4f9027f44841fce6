"""A slice: what is asked for at one place, and how far it is read. The unit of work, as a value in the state.

Here: its exact layout. Not here: the state around it (state), or how it moves (windows, offsets).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**60)]


class Trail(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the reading of an offset list goes by, so that it finds its place when rows come and go (offsets).

    `ids` are the last ones delivered, in their order; the last of them stood at `home`, and `drift` rows more are expected before
    it. `probes` counts the other places where they were looked for, `repeats` the pages that brought nothing new, `pages` all.
    `loose`: some page was not proven to follow the one before; then `digest` stands for all ids of this reading, `before` for
    those of the reading before.
    """

    ids: tuple[str, ...] = ()
    home: Count = 0
    drift: Count = 0
    probes: Count = 0
    repeats: Count = 0
    pages: Count = 0
    loose: bool = False
    digest: str = ""
    before: str = ""


class Slice(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One stream, one parent (or a batch of projects on v2), one window `[lo, hi)`, one position in it.

    Or a few records by `ids`: of runs by theirs, of feedback by those of the runs. `ended_since`: only runs that have ended since
    then; `edited_since`: only those whose feedback was edited since then. Of examples, `hi` is the version that is read and `lo`
    the one before it, and `seen` is the time of the answer that showed it; with a `ceiling`, `hi` is the one before, in which is
    looked for what that newer version no longer has; with a `floor` there was no version, and it is read whole in every sync.

    Run queries answer newest first: `hi` moves down as rows are delivered, so that a slice restarts from its window when
    the provider's `cursor` dies. `[floor, ceiling)` are the bounds of the query that the cursor belongs to. Offset lists use
    `offset`, `anchor`, the id of the row that is expected there, and `trail`, which finds it where it has moved.
    `limit` is the page size that failing pages have forced; 0 is the configured one. `refused` counts the cursors that LangSmith
    has not taken since `hi` was last lowered. `unfilled_since`: it is read again for payloads that could not be had since then.
    """

    table: str
    parents: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    lo: Moment | None = None
    hi: Moment | None = None
    seen: Moment | None = None
    floor: Moment | None = None
    ceiling: Moment | None = None
    ended_since: Moment | None = None
    edited_since: Moment | None = None
    cursor: str | None = None
    offset: Count = 0
    anchor: str | None = None
    trail: Trail | None = None
    limit: Count = 0
    refused: Count = 0
    unfilled_since: Moment | None = None
