"""Projects and datasets by name and id: what PROJECTS means, and the names that rows are joined with.

Names are read again where a call goes on with a parent that an earlier call listed, so that none is ever kept in the state.
Not here: listing parents for their own sake (plan).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core import endpoints, rows
from langsmith_core.calls import Call, Fetch
from langsmith_core.config import Settings
from langsmith_core.errors import ConfigError
from langsmith_core.parsers import as_id, is_id
from langsmith_core.rows import Row
from langsmith_core.state import LookedUp, State
from langsmith_core.streams import DATASET, EXAMPLE, PROJECT, RUN, Stream
from langsmith_core.times import render

NO_ID = str(UUID(int=0))
LOOKED_UP_AGE = timedelta(days=1)
"""A name may mean another project by now: whoever keeps a state could hand in an old one for ever."""
Found: TypeAlias = MutableMapping[str, list[str]]
"""The id of each name that was looked up so far; none where no project has it."""
OF = {RUN.table: PROJECT, EXAMPLE.table: DATASET}
_log = logging.getLogger(__name__)


class Allowed(Struct, frozen=True):
    """What PROJECTS and PROJECTS_EXCLUDE mean: ids, None for all; the texts that they were found for, and when."""

    projects: tuple[str, ...] | None
    left_out: tuple[str, ...]
    written: tuple[tuple[str, ...], tuple[str, ...]]
    at: datetime


class Names:
    """Names by id, of the parents seen in this pass; None for one that no longer exists. And which projects are read in it."""

    def __init__(self) -> None:
        self.by_id: dict[str, str | None] = {}
        self.allowed: Allowed | None = None

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

    A name that was listed before the cycle in hand began may have changed since: it is not remembered. Nor is it given to a call
    with another configuration: its key may not read that name, or its privacy keys hide it.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, Names] = (None, Names())

    def of(self, settings: Settings, state: State) -> Names:
        """The names to begin with."""
        look, names = self._kept
        return names if look == _look(settings, state) else Names()

    def keep(self, settings: Settings, state: State, names: Names) -> None:
        """Remember what a pass that ended with this state has learned."""
        if names.allowed:
            # A page may have shown one more that took an excluded name.
            left_out = tuple(dict.fromkeys((*names.allowed.left_out, *state.left_out)))
            names.allowed = replace(names.allowed, left_out=left_out)
        self._kept = (_look(settings, state), names)


def _look(settings: Settings, state: State) -> object:
    return settings, state.source, state.cycle.until if state.cycle else state.done_to


def found_before(settings: Settings, state: State, now: datetime) -> Found:
    """What earlier calls have looked up within the day, whose time ended before all names were."""
    names, before = _looked_up(settings), state.looked_up
    if before is None or before.at is None or not now - LOOKED_UP_AGE < before.at <= now:
        return {}
    if not hmac.compare_digest(before.proof.encode(), _proof(settings, before.ids, before.at).encode()):
        return {}
    return {name: [one] if one != NO_ID else [] for name, one in zip(names, before.ids, strict=False)}


def found_so_far(settings: Settings, state: State, known: Found, now: datetime) -> State:
    """The state with what was looked up, for the next call to go on with."""
    before = state.looked_up if found_before(settings, state, now) else None
    ids = tuple((known[name] or [NO_ID])[0] for name in _looked_up(settings) if name in known)
    at = (before and before.at) or now
    return replace(state, looked_up=LookedUp(_proof(settings, ids, at), ids, at)) if ids else state


def fewer_looked_up(settings: Settings, state: State, count: int) -> State:
    """The state without the last `count` ids that were looked up: they are asked for again."""
    before = state.looked_up
    if before is None or before.at is None or len(before.ids) <= count:
        return replace(state, looked_up=None)
    ids = before.ids[:-count]
    return replace(state, looked_up=LookedUp(_proof(settings, ids, before.at), ids, before.at))


def _proof(settings: Settings, ids: Sequence[str], at: datetime) -> str:
    """What only a holder of the key can write beside ids: a caller who edits them would read what the settings leave out."""
    text = json.dumps([_looked_up(settings), list(ids), render(at)])
    return hmac.new(settings.api_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _looked_up(settings: Settings) -> list[str]:
    """The names that are looked up, in the order in which they are."""
    return list(dict.fromkeys((*settings.projects, *(name for name in settings.projects_exclude if not as_id(name)))))


def resolved(settings: Settings, ask: Fetch, *, first: bool, known: Found | None = None) -> tuple[str, ...] | None:
    """The ids behind PROJECTS, None for all. Raises ConfigError for an unknown one at first, later it is a warning.

    A name in `known` is not asked for, one that is looked up comes into it.
    """
    if not settings.projects:
        return None
    ids: list[str] = []
    for name in settings.projects:
        found = _found(name, ask, known)
        ids += found
        if not found and first:
            raise ConfigError(f"PROJECTS: no project is named {name!r}; give names or ids as LangSmith shows them")
        if not found:
            _log.warning("PROJECTS: no project is named %r any more; correct it, or give its id", name)
    return tuple(dict.fromkeys(ids))


def left_out(settings: Settings, ask: Fetch, known: Found | None = None) -> tuple[str, ...]:
    """The ids behind PROJECTS_EXCLUDE. A name that no project has yet is a warning: it may come, or it is misspelt."""
    ids: list[str] = []
    for name in settings.projects_exclude:
        given = as_id(name)
        found = [given] if given else _found(name, ask, known)
        ids += found
        if not found:
            _log.warning(
                "PROJECTS_EXCLUDE: no project is named %r yet; check it, nothing is left out for it",
                name,
            )
    return tuple(dict.fromkeys(ids))


def meant(projects: Iterable[str], ask: Fetch, known: Found) -> tuple[str, ...]:
    """The ids behind a list in a call that goes on with a look: an id is itself, a name costs a request."""
    found = [[given] if (given := as_id(name)) else _found(name, ask, known) for name in projects]
    return tuple(dict.fromkeys(one for ids in found for one in ids))


def _found(name: str, ask: Fetch, known: Found | None) -> list[str]:
    """The id of the project of this name or id, if there is one. One of another name or id was not asked for."""
    known = {} if known is None else known
    if name not in known:
        given = as_id(name)
        records = _records(ask, endpoints.named(given or name, is_id=given is not None))
        rows_found = [rows.to_row(PROJECT, record, {}) for record in records]
        same = [row["project_id"] for row in rows_found if row["project_id" if given else "name"] == (given or name)]
        known[name] = [one for one in same if is_id(one)][:1]
    return known[name]


def _records(ask: Fetch, call: Call) -> list[bytes]:
    return endpoints.listed(ask(call).body)
