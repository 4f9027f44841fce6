"""The vocabulary of work: an item, what it needs to know, the page it gets, and the outcome it gives.

A work item is a small immutable value: one kind of question to LangSmith, with its place in the answer. Each kind owns two
functions. `request(context)` says what to ask. `after(page, context)` says what comes next. Items know no clock, no client and
no configuration; the context brings what they depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.columns import Table
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.bounds import Bounds, Moment, Past
from langsmith_core.streams.memory import Memory

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

Api: TypeAlias = Literal["v1", "v2"]
Fields: TypeAlias = Callable[[str, Sequence[str]], list[str]]
"""Takes a table's name and the fields that an endpoint offers; gives those that may be asked for."""

IDS_MAX = 50
"""Ids in one request: what lists are known to take (langsmith-sdk #859)."""
PROJECTS_A_QUERY: Mapping[Api, int] = {"v1": 1, "v2": IDS_MAX}
"""Projects in one run query: v1 honours only the first."""
GATHERED = IDS_MAX
"""Parents that a list gathers before their children are read: a full query of v2."""


class Scope(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the configuration asks for. `names` is a fingerprint of PROJECTS as it was written, empty for all.

    `off` are the tables whose SYNC switch is off.
    """

    start_time: Moment | None = None
    names: str = ""
    off: tuple[str, ...] = ()


class Context(Struct, frozen=True):
    """What an item depends on beyond itself.

    `projects` are the ids that PROJECTS means, None for all; those of `left_out` are never read. `bounds` are those of the look,
    `past` those of the backfill: one of the two is None. `room` is how many ids a list may
    hold, `version_bytes` the room for versions of datasets. `retried`: the item had
    failed and is tried again.
    """

    api: Api
    scope: Scope
    memory: Memory
    fields: Fields
    streams: Mapping[str, Stream]
    bounds: Bounds | None = None
    past: Past | None = None
    projects: Ids | None = None
    left_out: Ids = NO_IDS
    room: int = 0
    version_bytes: int = 0
    retried: bool = False
    done_to: datetime | None = None

    def on(self, table: str) -> bool:
        """Whether a table is synced."""
        return table not in self.scope.off

    def reads(self, project: str) -> bool:
        """Whether the runs and feedback of a project are read."""
        return project not in self.left_out and (self.projects is None or project in self.projects)


class Page(Struct, frozen=True):
    """The rows of an answer in the order they came, the cursor to the next page, and when LangSmith answered.

    `limit` is how many rows were asked for; `knowledge` the answer to the item's earlier question, where it had one.
    """

    rows: list[Row]
    cursor: str | None
    at: datetime
    limit: int
    knowledge: bytes = b""


class Outcome(Struct, frozen=True):
    """What an item has come to: the work it leads to, the keys that are gone, and what its stream remembers now.

    `first` is read before anything else; `rest` takes the item's place.
    """

    first: tuple[Item, ...] = ()
    rest: tuple[Item, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    gone_at: datetime | None = None
    memory: Memory | None = None


class Listing(Struct, frozen=True):
    """An offset list of LangSmith: its path, what is always sent, and the parameter that takes record ids.

    A record's own path is the list's path and its id. `found` gives the work that listed rows lead to.
    """

    path: str
    fixed: tuple[tuple[str, str], ...] = ()
    of_record: tuple[tuple[str, str], ...] = ()
    ids: str = "id"
    found: Callable[[Sequence[Row], Context], tuple[Item, ...]] = lambda _rows, _context: ()


class Stream(Struct, frozen=True):
    """One stream: its table, how it begins, and what its users can do to its rows.

    `switch` is its configuration key, None where it is always on. A stream with a `listing` is read whole in every look; `opens`
    gives the work of any other. LangSmith's users delete rows of a `deleted` stream; `children` are rows that go with them.
    """

    table: Table
    switch: str | None = None
    listing: Listing | None = None
    opens: Callable[[Context], Outcome] | None = None
    deleted: bool = False
    children: Table | None = None


class Work(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind"):
    """A work item. Every kind is a struct of its own in its stream's module, with its own tag in a saved state."""

    is_list: ClassVar[bool] = False
    """Whether it lists parents: one that fails is broken off, and read on at the end of the look."""

    @property
    def table_name(self) -> str:
        """The table whose rows it asks for."""
        raise NotImplementedError

    @property
    def gathering(self) -> int:
        """Parents that wait for a full query while their list is still read; 0 where the item is under way."""
        return 0

    @property
    def named(self) -> tuple[str, ...]:
        """The parents whose names its rows are joined with, those in hand first."""
        return ()

    @property
    def given(self) -> Mapping[str, Any]:
        """Values of columns that the question knows and the record does not say."""
        return {}

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The ids that the question is about: what a message may name."""
        return ()

    @property
    def seen_at(self) -> datetime | None:
        """How old its rows are at the least; None: as old as the answer."""
        return None

    def silent(self, context: Context) -> bool:
        """Whether its rows are read only to find out what comes next, and not delivered."""
        return False

    def first_question(self) -> Call | None:
        """What must be known before `request` can be made: asked once in a pass, however many pages need it."""
        return None

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next question, for at most `limit` rows; or the outcome where there is nothing to ask."""
        raise NotImplementedError

    def records(self, body: bytes, api: Api) -> tuple[list[bytes], str | None]:
        """An answer cut into its records, and the cursor to the next page. Raises MalformedError for an unknown form."""
        return json_text.elements(json_text.strict(body, 2)), None

    def after(self, page: Page, context: Context) -> Outcome:
        """What comes after a page."""
        raise NotImplementedError

    def without(self, context: Context) -> Outcome | None:
        """What a 404 means; None where it has no meaning, and is a failure."""
        return None

    def begun(self, api: Api) -> Item:
        """The item ready to be asked."""
        return cast("Item", self)

    def restarted(self) -> Item:
        """The item from its window: a cursor may be what fails."""
        return cast("Item", self)

    def unanswered(self) -> Outcome | None:
        """What follows where LangSmith does not answer the first question; None: that is a failure."""
        return None

    def cut_before(self, rows: Sequence[tuple[str, str | None]], api: Api) -> Item | None:
        """The item from the last of `rows` (ids and start times) on; None where a page cannot be cut there."""
        return None

    def parted(self) -> tuple[Item, tuple[Item, ...]]:
        """The part that is being asked for, and the rest, which need not wait for it."""
        return cast("Item", self), ()

    def halves(self) -> tuple[Item, ...]:
        """The item in two parts, to find out which one fails; empty where it cannot be cut."""
        return ()

    def of_api(self, api: Api) -> tuple[Item, ...]:
        """The same work for the other run API."""
        return (cast("Item", self),)

    def joined(self, other: Work) -> Item | None:
        """One item for both; None where they are not of one window."""
        return None

    def of_scope(self, context: Context) -> Item | None:
        """What is left of an item that was put aside, under today's configuration; None where nothing is."""
        return cast("Item", self) if context.on(self.table_name) else None


def with_limit(item: Work, limit: int) -> Item:
    """The item, asked for in smaller or larger pages. Every item that has pages has the field."""
    return cast("Item", replace(item, limit=limit)) if hasattr(item, "limit") else item
