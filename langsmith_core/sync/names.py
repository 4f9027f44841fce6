"""Projects and datasets by name and id: what PROJECTS means, and the names that rows are joined with.

Names are read again where a call goes on with a parent that an earlier call listed, so that none is ever kept in the state.
Not here: listing parents for their own sake (plan).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from langsmith_core.calls import Call, Fetch
from langsmith_core.errors import ConfigError
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.settings.config import Settings
from langsmith_core.settings.parsers import as_id
from langsmith_core.streams import registry
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.listing import LIST_ROWS_MAX
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.sync.state import State

OF = {RUN.name: PROJECT, EXAMPLE.name: DATASET}
_log = logging.getLogger(__name__)


class Names:
    """Names by id, of the parents seen in this pass; None for one that no longer exists."""

    def __init__(self) -> None:
        self.by_id: dict[str, str | None] = {}

    def note(self, stream: Table, found: Iterable[Row]) -> None:
        """Remember the parents on a page."""
        if stream in OF.values():
            self.by_id.update((row[stream.key], row["name"]) for row in found)

    def learn(self, stream: Table, ids: tuple[str, ...], waiting: tuple[str, ...], ask: Fetch) -> None:
        """Make sure that the parents `ids` of a slice are known: one request where any is not, for those `waiting` too."""
        if not stream.parent or all(one in self.by_id for one in ids):
            return
        unknown = tuple(dict.fromkeys(one for one in (*ids, *waiting) if one not in self.by_id))
        parents = OF[stream.name]
        records = _records(ask, _by_ids(parents.name, unknown))
        self.by_id.update(dict.fromkeys(unknown))
        self.note(parents, [rows.to_row(parents, record, {}) for record in records])


class Remembered:
    """The names of the last pass of this process, for one that goes on after the same look at the same workspace.

    A name that was listed before the cycle in hand began may have changed since: it is not remembered.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, Names] = (None, Names())

    def of(self, state: State) -> Names:
        """The names to begin with."""
        look, names = self._kept
        return names if look == _look(state) else Names()

    def keep(self, state: State, names: Names) -> None:
        """Remember what a pass that ended with this state has learned."""
        self._kept = (_look(state), names)


def _look(state: State) -> object:
    return state.source, state.look.bounds.until if state.look else state.done_to


def resolved(settings: Settings, ask: Fetch, *, first: bool) -> Ids | None:
    """The ids behind PROJECTS, None for all. Raises ConfigError for an unknown one at first, later it is a warning."""
    if not settings.projects:
        return None
    ids: list[str] = []
    for name in settings.projects:
        found = _found(name, ask)
        ids += found
        if not found and first:
            raise ConfigError(f"PROJECTS: no project is named {name!r}; give names or ids as LangSmith shows them")
        if not found:
            _log.warning("PROJECTS: no project is named %r any more", name)
    return NO_IDS.with_more(ids)


def left_out(settings: Settings, ask: Fetch) -> Ids:
    """The ids behind PROJECTS_EXCLUDE. A name that no project has yet is a warning: it may come, or it is misspelt."""
    ids: list[str] = []
    for name in settings.projects_exclude:
        given = as_id(name)
        found = [given] if given else _found(name, ask)
        ids += found
        if not found:
            _log.warning("PROJECTS_EXCLUDE: no project is named %r yet; until one is, nothing is left out for it", name)
    return NO_IDS.with_more(ids)


def _found(name: str, ask: Fetch) -> list[str]:
    """The id of the project of this name or id, if there is one."""
    given = as_id(name)
    records = _records(ask, _named(given or name, is_id=given is not None))
    return [rows.to_row(PROJECT, record, {})["project_id"] for record in records]


def _named(name_or_id: str, *, is_id: bool) -> Call:
    """The project of exactly this name or id, if there is one."""
    asked = (("id" if is_id else "name", name_or_id), ("include_stats", "false"), ("limit", "1"))
    return Call("GET", registry.listing(PROJECT.name).path, query=asked)


def _by_ids(table: str, ids: tuple[str, ...]) -> Call:
    """Projects or datasets by id: at most 50, more are known to fail (langsmith-sdk #859)."""
    listing = registry.listing(table)
    return Call("GET", listing.path, query=(*((listing.ids, one) for one in ids), ("limit", str(LIST_ROWS_MAX))))


def _records(ask: Fetch, call: Call) -> list[bytes]:
    return json_text.elements(json_text.strict(ask(call).body, 2))
