"""What streams remember from look to look: a part of the state, each stream's under its own name.

Here: the layout. Each stream's module changes its own part and no other.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids, Prefixes
from langsmith_core.streams.bounds import Count, Id, Moment
from langsmith_core.streams.ledgers import NO_VERSIONS, OpenRuns, Versions
from langsmith_core.streams.prompt_heads import Heads

QUEUE_ROOM = 4
"""The room that an annotation queue without items takes in a state, in ids."""


class Projects(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`stats_served` is false where LangSmith serves no statistics. Then every project is asked for runs."""

    stats_served: bool = True


class Examples(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`versions`: at which each dataset was read. `begun`: at which some of its examples were, before the list broke off."""

    versions: Versions = NO_VERSIONS
    begun: Versions = NO_VERSIONS


class Runs(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What run queries and unfinished runs leave behind.

    `unfinished` are runs to ask for again; `overflow` is the youngest start that the ledger had no room for. `plain`: LangSmith
    refused the full list of fields, so queries name only those that columns need. `own_usage`: v2 does not give parents the usage
    of their subtree. `v1_before`: the instance serves both run APIs, and v1 is asked for runs that began earlier, unless it is
    `v1_gone`. `page_rows`: the page size to which full and light pages have grown. `pages_fail`: LangSmith did not bear a larger
    one, and it grows no more until the daily pass.
    """

    unfinished: OpenRuns = OpenRuns()
    overflow: Moment | None = None
    plain: bool = False
    own_usage: Literal["refused", "ignored"] | None = None
    v1_before: Moment | None = None
    v1_gone: bool = False
    page_rows: Count = 0
    pages_fail: bool = False


class Feedback(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`judged` are projects whose feedback this look has seen. `edits_served` is false where LangSmith does not tell of edits."""

    judged: Prefixes = NO_PREFIXES
    edits_served: bool = True


class Prompts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The head up to which each prompt's commits were read. `commits_at`: where LangSmith serves commits, once that is known."""

    heads: Heads = Heads()
    commits_at: Literal["api", "root"] | None = None


class Usage(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The usage that was read: all days from `since` on, the last time by the look at `at`."""

    since: Moment | None = None
    at: Moment | None = None


class Queue(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An annotation queue whose items were read. `mark` stands for the counters it had then; empty while it is read.

    `items` are those that the reading has shown, `unseen` those that the reading before had and this one has not shown yet.
    """

    mark: str = ""
    items: Ids = NO_IDS
    unseen: Ids = NO_IDS

    @property
    def room(self) -> int:
        """Count the room that the queue takes, in ids."""
        return QUEUE_ROOM + len(self.items) + len(self.unseen)


class Memory(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that streams remember. `lists` holds, by table, the ids of the last whole listing; `queues` annotation queues by id."""

    lists: dict[str, Ids] = {}
    projects: Projects = Projects()
    examples: Examples = Examples()
    runs: Runs = Runs()
    feedback: Feedback = Feedback()
    queues: dict[Id, Queue] = {}
    prompts: Prompts = Prompts()
    usage: Usage = Usage()

    def known(self, table: str) -> Ids:
        """Return the ids of a table's last whole listing."""
        return self.lists.get(table, NO_IDS)

    def with_known(self, table: str, ids: Ids) -> Memory:
        """Return the memory with another listing of a table."""
        return replace(self, lists={name: known for name, known in {**self.lists, table: ids}.items() if known})

    def with_runs(self, runs: Runs) -> Memory:
        """Return the memory with the runs' part replaced."""
        return replace(self, runs=runs)

    def with_feedback(self, feedback: Feedback) -> Memory:
        """Return the memory with the feedback's part replaced."""
        return replace(self, feedback=feedback)

    def with_prompts(self, prompts: Prompts) -> Memory:
        """Return the memory with the prompts' part replaced."""
        return replace(self, prompts=prompts)

    def queue(self, ident: str) -> Queue:
        """Return what is remembered of an annotation queue."""
        return self.queues.get(ident, Queue())

    def with_queue(self, ident: str, queue: Queue) -> Memory:
        """Return the memory with another reading of an annotation queue. An empty one is forgotten."""
        return replace(self, queues={one: known for one, known in {**self.queues, ident: queue}.items() if known != Queue()})

    @property
    def listed_count(self) -> int:
        """Count the ids of all lists, and what queues take beside them."""
        return sum(map(len, self.lists.values())) + self.queues_room

    @property
    def queues_room(self) -> int:
        """Count the room that annotation queues take, in ids."""
        return sum(queue.room for queue in self.queues.values())
