"""Names of projects and datasets by id: what rows are joined with.

A state never holds a name. So a call that continues with a parent of an earlier call asks for its name again.
Not here: listing parents for their own sake (streams), what PROJECTS means (project_names).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from langsmith_core.calls import Call, Fetch
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.settings.config import Settings
from langsmith_core.streams import registry
from langsmith_core.streams.limits import IDS_MAX, LIST_ROWS_MAX
from langsmith_core.streams.stream import by_id_call
from langsmith_core.sync.project_names import Allowed
from langsmith_core.sync.state import State

PARENTS = (registry.PROJECT, registry.DATASET)
"""Tables whose names rows are joined with."""


class Names:
    """Names by id of the parents seen in this pass, None for one that no longer exists. `allowed`: the projects it reads."""

    def __init__(self) -> None:
        self.by_id: dict[str, str | None] = {}
        self.allowed: Allowed | None = None

    def note(self, table: Table, found: Iterable[Row]) -> None:
        """Remember the parents on a page."""
        if table in PARENTS:
            self.by_id.update((row[table.key], row["name"]) for row in found)

    def learn(self, parents: str, ids: Sequence[str], waiting: Sequence[str], ask: Fetch) -> None:
        """Make sure that an item's parents `ids` are known. One request asks for the unknown ones, and for those `waiting`.

        `parents` is the parents' table. A request names at most 50.
        """
        if all(one in self.by_id for one in ids):
            return
        wanted = (*ids, *waiting[: max(0, IDS_MAX - len(ids))])
        unknown = tuple(dict.fromkeys(one for one in wanted if one not in self.by_id))
        found = records(ask, by_id_call(registry.listing(parents), unknown))
        self.by_id.update(dict.fromkeys(unknown))
        self.note(registry.TABLE_OF[parents], rows.readable(registry.TABLE_OF[parents], found))


class Remembered:
    """The names of this process's last pass, for a pass that continues the same look at the same workspace.

    A name that was listed before the look in hand began may have changed since, so it is forgotten. A call with another
    configuration gets none: its key may not read that name, or its privacy keys hide it.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, Names] = (None, Names())

    def of(self, settings: Settings, state: State) -> Names:
        """Give the names that a pass begins with."""
        look, names = self._kept
        return names if look == _look(settings, state) else Names()

    def keep(self, settings: Settings, state: State, names: Names) -> None:
        """Remember what a pass that ended with this state has learned."""
        if names.allowed:
            # A page may have shown one more that took an excluded name.
            left_out = names.allowed.left_out.with_more(state.left_out)
            names.allowed = replace(names.allowed, left_out=left_out)
        self._kept = (_look(settings, state), names)


def _look(settings: Settings, state: State) -> object:
    return settings, state.source, state.look.bounds.until if state.look else state.done_to


def records(ask: Fetch, call: Call) -> list[bytes]:
    """Ask for a list in one page, and give its records. Raises MalformedError for an answer that is no list."""
    return json_text.first(json_text.strict(ask(call).body, 2), LIST_ROWS_MAX)[0]
