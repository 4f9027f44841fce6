"""What streams remember from look to look: a part of the state, each stream's under its own name.

Here: the layout. Each stream's module changes its own part and no other.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids, Prefixes
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.ledgers import OpenRuns, Versions


class Projects(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`stats_served` is false where LangSmith serves no statistics. Then every project is asked for runs."""

    stats_served: bool = True


class Examples(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`versions`: at which each dataset was read. `begun`: at which some of its examples were, before the list broke off."""

    versions: Versions = Versions()
    begun: Versions = Versions()


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


class Memory(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that streams remember. `lists` holds, by table, the ids of the last whole listing."""

    lists: dict[str, Ids] = {}
    projects: Projects = Projects()
    examples: Examples = Examples()
    runs: Runs = Runs()
    feedback: Feedback = Feedback()

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

    @property
    def listed_count(self) -> int:
        """Count the ids of all lists."""
        return sum(map(len, self.lists.values()))
