"""Values around a work item: what it depends on, the page it gets, and the outcome it gives.

Items know no clock, no client and no configuration. The context brings what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from langsmith_core.calls import Only
from langsmith_core.records.columns import Table
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.bounds import Bounds, Moment, Past
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.memory import Memory

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item
    from langsmith_core.streams.stream import Stream

Api: TypeAlias = Literal["v1", "v2"]
Fields: TypeAlias = Callable[[str, Sequence[str]], list[str]]
"""Takes a table's name and the fields that an endpoint offers. Returns those that may be asked for."""


class Scope(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the configuration asks for.

    `names` is a fingerprint of PROJECTS as written, empty for all. `off` lists the tables whose SYNC switch is off.
    """

    start_time: Moment | None = None
    names: str = ""
    off: tuple[str, ...] = ()


class Context(Struct, frozen=True):
    """What an item depends on beyond itself.

    `api` is the newest run API of the instance. `projects` are the ids that PROJECTS means, None for all. Projects in
    `left_out` are never read, and tables in `not_offered` are not asked for. `bounds` belong to the look and `past` to the
    backfill; one of the two is None. `shown` holds, by table, the ids that a list had shown when it was broken off. `room` is
    how many ids a list may keep, `queue_room` how many annotation queues may, `item_room` how many of those may be items,
    `version_bytes` the bytes for versions, `head_bytes` those for heads of prompts. `workspace` is the id of the workspace that
    is read. `has_organisation`: the configuration names its organisation. `on_cloud`: LangChain's own cloud is read.
    `page_size` is the configured one; pages of runs have grown to `runs_grown_to`. `retried` marks an item that failed before.
    `parts`: how many parts a dense window of runs may be cut into, because so many more answers can be under way. A page of a
    part may have `part_rows` rows.
    """

    api: Api
    scope: Scope
    memory: Memory
    fields: Fields
    streams: Mapping[str, Stream]
    only: Only = Only.ALL
    bounds: Bounds | None = None
    past: Past | None = None
    done_to: datetime | None = None
    projects: Ids | None = None
    left_out: Ids = NO_IDS
    not_offered: tuple[str, ...] = ()
    shown: Mapping[str, Ids] = {}
    room: int = 0
    queue_room: int = 0
    item_room: int = 0
    version_bytes: int = 0
    head_bytes: int = 0
    workspace: str = ""
    has_organisation: bool = False
    on_cloud: bool = False
    page_size: int = LIST_ROWS_MAX
    runs_grown_to: int = 0
    retried: bool = False
    parts: int = 1
    part_rows: int = 0

    def on(self, table: str) -> bool:
        """Tell whether a table is synced: its switch is on, LangSmith offers it, and its organisation, if any, is named."""
        stream = self.streams.get(table)
        known = self.has_organisation or stream is None or not stream.of_organisation
        return known and table not in self.scope.off and table not in self.not_offered

    def reads(self, project: str) -> bool:
        """Tell whether the runs and feedback of a project are read."""
        return project not in self.left_out and (self.projects is None or project in self.projects)

    @property
    def reads_all(self) -> bool:
        """Tell whether every project is read."""
        return self.projects is None and not self.left_out

    def table(self, name: str) -> Table:
        """Return a stream's table."""
        return self.streams[name].table

    def known(self, table: str) -> Ids:
        """Return the ids of a list, also of one that was broken off."""
        return self.memory.known(table).with_more(self.shown.get(table, NO_IDS))


class Page(Struct, frozen=True):
    """The rows of an answer in their order, the cursor to the next page, and when LangSmith answered.

    `limit` is how many records were asked for. `longer` says that the answer had more, which were not taken. `marks` has one id
    per record, made up where the record has none; places in a list are counted by them. `whole` says that each record has an id.
    `knowledge` is the answer to the item's first question.
    """

    rows: Sequence[Row]
    cursor: str | None
    at: datetime
    limit: int
    longer: bool = False
    marks: Sequence[str] = ()
    whole: bool = True
    knowledge: bytes = b""

    @property
    def count(self) -> int:
        """Count the records of a full page. An answer that was too long counts as it was cut."""
        return len(self.marks) if self.longer else self.limit


class Outcome(Struct, frozen=True):
    """What an item leads to: further work, deleted keys, and what its stream remembers.

    The engine reads `first` before anything else. `rest` takes the item's place. `gone` are pairs of table and key, seen at
    `gone_at`.
    """

    first: tuple[Item, ...] = ()
    rest: tuple[Item, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    gone_at: datetime | None = None
    memory: Memory | None = None
