"""What streams remember from look to look: a part of the state, each stream's under its own name.

Here: the layout. Not here: who changes it; every stream's module changes its own part and no other.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.records.ids import NO_IDS, NO_PREFIXES, Ids, Prefixes
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.ledgers import OpenRuns, Versions

VERSION_IDS = 3 / 2
"""A dataset's version takes the room of one and a half ids."""


class Projects(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`stats_served`: false where LangSmith serves no statistics; then every project is asked for runs."""

    stats_served: bool = True


class Examples(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The version at which each dataset was read."""

    versions: Versions = Versions()


class Runs(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`unfinished` runs, and the youngest start that the ledger had no room for (`overflow`).

    `row_bytes` is the weight of a run by the pages so far. `plain`: LangSmith refused the full list of fields, so runs are asked
    for those that columns are made of; the daily pass tries the full list again.
    """

    unfinished: OpenRuns = OpenRuns()
    overflow: Moment | None = None
    row_bytes: Count = 0
    plain: bool = False


class Feedback(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Projects with feedback that this look has `judged`; `edits_served`: false where LangSmith does not tell of edits."""

    judged: Prefixes = NO_PREFIXES
    edits_served: bool = True


class Memory(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that streams remember. `lists` holds, by table, the ids that the last whole listing had."""

    lists: dict[str, Ids] = {}
    projects: Projects = Projects()
    examples: Examples = Examples()
    runs: Runs = Runs()
    feedback: Feedback = Feedback()

    def known(self, table: str) -> Ids:
        """The ids that the last whole listing of a table had."""
        return self.lists.get(table, NO_IDS)

    def with_known(self, table: str, ids: Ids) -> Memory:
        """The memory with the ids that a listing has."""
        lists = {name: known for name, known in {**self.lists, table: ids}.items() if known}
        return replace(self, lists=lists)

    def with_runs(self, runs: Runs) -> Memory:
        """The memory with the runs' part replaced."""
        return replace(self, runs=runs)

    @property
    def ids_held(self) -> int:
        """The room that ids and versions take, counted in ids of 20 characters."""
        return sum(map(len, self.lists.values())) + int(len(self.examples.versions) * VERSION_IDS)
