"""What PROJECTS and PROJECTS_EXCLUDE mean: every call makes ids of the names.

Not here: the names that rows are joined with (names), or cutting work to these projects (confine).
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

from langsmith_core.calls import Call, Fetch
from langsmith_core.errors import ConfigError
from langsmith_core.records import json_text, rows
from langsmith_core.records.ids import as_id, is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import render
from langsmith_core.settings.config import Settings
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.project_columns import PROJECT
from langsmith_core.streams.projects import LISTING
from langsmith_core.sync.state import LookedUp, State

NO_ID = str(UUID(int=0))
LOOKED_UP_AGE = timedelta(days=1)
"""After a day a name is looked up again: it may mean another project, and somebody may hand in an old state for ever."""
Found: TypeAlias = MutableMapping[str, list[str]]
"""The id of each name that was looked up so far; none where no project has it."""
_log = logging.getLogger(__name__)


class Allowed(Struct, frozen=True):
    """What PROJECTS (None for all) and PROJECTS_EXCLUDE mean, as ids. `written`: both as they were configured; `at`: when."""

    projects: Ids | None
    left_out: Ids
    written: tuple[tuple[str, ...], tuple[str, ...]]
    at: datetime


def found_before(settings: Settings, state: State, now: datetime) -> Found:
    """Find what earlier calls have looked up within the day: their time ended before all names were done."""
    names, before = _looked_up(settings), state.looked_up
    if before is None or not now - LOOKED_UP_AGE < before.at <= now:
        return {}
    if not hmac.compare_digest(before.proof.encode(), _proof(settings, before.ids, before.at).encode()):
        return {}
    return {name: [one] if one != NO_ID else [] for name, one in zip(names, before.ids, strict=False)}


def found_so_far(settings: Settings, state: State, known: Found, now: datetime) -> State:
    """Keep what was looked up in the state, for the next call to go on with."""
    before = state.looked_up if found_before(settings, state, now) else None
    ids = tuple((known[name] or [NO_ID])[0] for name in _looked_up(settings) if name in known)
    at = (before and before.at) or now
    return replace(state, looked_up=LookedUp(_proof(settings, ids, at), Ids(ids), at)) if ids else state


def fewer_looked_up(settings: Settings, state: State, count: int) -> State:
    """Drop the last `count` ids that were looked up: the next call asks for them again."""
    before = state.looked_up
    if before is None or len(before.ids) <= count:
        return replace(state, looked_up=None)
    ids = before.ids[:-count]
    return replace(state, looked_up=LookedUp(_proof(settings, ids, before.at), ids, before.at))


def _proof(settings: Settings, ids: Sequence[str], at: datetime) -> str:
    """Sign the ids with the API key. Else a caller who edits them would read what the settings leave out."""
    text = json.dumps([_looked_up(settings), list(ids), render(at)])
    return hmac.new(settings.api_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _looked_up(settings: Settings) -> list[str]:
    """List the names to look up, in their order."""
    return list(dict.fromkeys((*settings.projects, *(name for name in settings.projects_exclude if not as_id(name)))))


def resolved(settings: Settings, ask: Fetch, *, first: bool, known: Found | None = None) -> Ids | None:
    """Find the ids behind PROJECTS, None for all. Raises ConfigError for an unknown name at `first`; later it is a warning.

    A name in `known` is not asked for. One that is looked up comes into it.
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
    return Ids(dict.fromkeys(ids))


def left_out(settings: Settings, ask: Fetch, known: Found | None = None) -> Ids:
    """Find the ids behind PROJECTS_EXCLUDE. A name that no project has is a warning: it may come, or it is misspelt."""
    ids: list[str] = []
    for name in settings.projects_exclude:
        given = as_id(name)
        found = [given] if given else _found(name, ask, known)
        ids += found
        if not found:
            _log.warning(
                "PROJECTS_EXCLUDE: no project is named %r yet, so nothing is excluded for it; check the name",
                name,
            )
    return Ids(dict.fromkeys(ids))


def meant(projects: Iterable[str], ask: Fetch, known: Found) -> Ids:
    """Find the ids behind a list, in a call that continues a look. An id needs no request, a name needs one."""
    found = [[given] if (given := as_id(name)) else _found(name, ask, known) for name in projects]
    return Ids(dict.fromkeys(one for ids in found for one in ids))


def _found(name: str, ask: Fetch, known: Found | None) -> list[str]:
    """The id of the project of this name or id, if there is one. One of another name or id was not asked for."""
    known = {} if known is None else known
    if name not in known:
        given = as_id(name)
        records = _records(ask, given or name, is_id=given is not None)
        rows_found = [rows.to_row(PROJECT, record, {}) for record in records]
        same = [row["project_id"] for row in rows_found if row["project_id" if given else "name"] == (given or name)]
        known[name] = [one for one in same if is_id(one)][:1]
    return known[name]


def _records(ask: Fetch, name_or_id: str, *, is_id: bool) -> list[bytes]:
    """The project of exactly this name or id, if there is one."""
    query = (("id" if is_id else "name", name_or_id), ("include_stats", "false"), ("limit", "1"))
    return json_text.first(json_text.strict(ask(Call("GET", LISTING.path, query=query)).body, 2), LIST_ROWS_MAX)[0]
