"""Projects and datasets by name and id: what PROJECTS means, and the names that rows are joined with.

Names are read again where a call goes on with a parent that an earlier call listed, so that none is ever kept in the state.
Not here: listing parents for their own sake (plan).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from langsmith_core import endpoints, jsontext, ledger, rows
from langsmith_core.calls import Call, Fetch
from langsmith_core.config import Settings
from langsmith_core.errors import ConfigError
from langsmith_core.parsers import as_id
from langsmith_core.rows import Row
from langsmith_core.state import State
from langsmith_core.streams import DATASET, EXAMPLE, PROJECT, RUN, Stream

OF = {RUN.table: PROJECT, EXAMPLE.table: DATASET}
_log = logging.getLogger(__name__)


class Names:
    """Names by id, of the parents seen in this pass; None for one that no longer exists."""

    def __init__(self) -> None:
        self.by_id: dict[str, str | None] = {}

    def note(self, stream: Stream, found: Iterable[Row]) -> None:
        """Remember the parents on a page."""
        if stream in OF.values():
            self.by_id.update((row[stream.key], row["name"]) for row in found)

    def learn(self, stream: Stream, ids: tuple[str, ...], waiting: tuple[str, ...], ask: Fetch) -> None:
        """Make sure that the parents `ids` of a slice are known: one request where any is not, for those `waiting` too."""
        if not stream.parent or all(one in self.by_id for one in ids):
            return
        unknown = tuple(dict.fromkeys(one for one in (*ids, *waiting) if one not in self.by_id))
        parents = OF[stream.table]
        records = _records(ask, endpoints.by_ids(parents.table, unknown))
        self.by_id.update(dict.fromkeys(unknown))
        self.note(parents, rows.readable(parents, records))


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
    return state.source, state.cycle.until if state.cycle else state.done_to


def resolved(settings: Settings, ask: Fetch, *, first: bool) -> tuple[str, ...] | None:
    """The ids behind PROJECTS, None for all. Raises ConfigError for an unknown one at first, later it is a warning."""
    if not settings.projects:
        return None
    ids: list[str] = []
    for name in settings.projects:
        found = list(filter(ledger.is_id, _found(name, ask)))
        ids += found
        if not found and first:
            raise ConfigError(f"PROJECTS: no project is named {name!r}; give names or ids as LangSmith shows them")
        if not found:
            _log.warning("PROJECTS: no project is named %r any more", name)
    return tuple(dict.fromkeys(ids))


def left_out(settings: Settings, ask: Fetch) -> tuple[str, ...]:
    """The ids behind PROJECTS_EXCLUDE. A name that no project has yet is a warning: it may come, or it is misspelt."""
    ids: list[str] = []
    for name in settings.projects_exclude:
        given = as_id(name)
        found = [given] if given else _found(name, ask)
        ids += found
        if not found:
            _log.warning("PROJECTS_EXCLUDE: no project is named %r yet; until one is, nothing is left out for it", name)
    return tuple(dict.fromkeys(ids))


def _found(name: str, ask: Fetch) -> list[str]:
    """The id of the project of this name or id, if there is one.

    Raises MalformedError for a record without an id: what must be left out would else be read.
    """
    given = as_id(name)
    records = _records(ask, endpoints.named(given or name, is_id=given is not None))
    return [rows.to_row(PROJECT, record, {})["project_id"] for record in records]


def _records(ask: Fetch, call: Call) -> list[bytes]:
    return jsontext.elements(jsontext.strict(ask(call).body, 2))
