"""The check within the passes of `sync`: once after each daily pass, when nothing is left to read.

Here: when it is due, what it compares, and reading again what is short. Not here: the check (completeness), or a pass (one_pass).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.calls import Source
from langsmith_core.completeness import days
from langsmith_core.completeness.check import Asked, Check
from langsmith_core.completeness.values import Destination
from langsmith_core.errors import SyncError
from langsmith_core.records.json_text import MalformedError
from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.sync import rereading
from langsmith_core.sync.failing import malformed
from langsmith_core.sync.state import State

PATIENCE = timedelta(minutes=5)
"""A call that comes so soon after a sitting goes on with the check, and looks at nothing else first."""
_log = logging.getLogger(__name__)


def is_due(state: State, settings: Settings) -> bool:
    """Tell whether a check is to begin or to go on: nothing is left to read, and this daily pass is not checked yet."""
    here = state.completeness
    ready = state.drained and state.backfill is None and state.turn is None and state.reconciled is not None
    names_known = not settings.projects or state.projects is not None
    return ready and settings.check and names_known and (here.rereading or here.day is not None or here.of != state.reconciled)


def goes_on(state: State, settings: Settings, now: datetime) -> bool:
    """Tell whether a call comes so soon after another that it goes on with the check alone."""
    here, last = state.completeness, state.passes[-1].ended if state.passes else None
    under_way = here.day is not None or here.rereading
    return under_way and is_due(state, settings) and last is not None and now - last < PATIENCE


def asked(state: State, settings: Settings, now: datetime, since: datetime | None = None, ids: tuple[str, ...] = ()) -> Asked:
    """Return what a check compares: the last seven settled days, or all `since` then; of some projects (`ids`), or all."""
    oldest = bounds.oldest(settings.start_time, now)
    wanted, told = set(ids), _tells_feedback(settings)

    def is_read(table: str, parent: str) -> bool:
        of_datasets = table == EXAMPLE.name
        known = state.projects is None or parent in state.projects
        kept = of_datasets or (known and parent not in state.left_out)
        kept = kept and (told or table != FEEDBACK.name)
        return table not in settings.off and kept and (not wanted or parent in wanted)

    return Asked(
        of=state.reconciled,
        days=() if RUN.name in settings.off else days.settled(now, since, oldest),
        is_read=is_read,
        version_of=state.memory.examples.versions.of,
        ids=ids,
        cut=settings.start_time is not None,
    )


def _tells_feedback(settings: Settings) -> bool:
    """Tell whether the destination has LangSmith's statistics of feedback as they are. Hidden ones would look like none."""
    hiding = (*settings.exclude_columns, *settings.redact_paths, *settings.hash_paths)
    return not any(one.table in (PROJECT.name, "*") and one.column == "feedback_stats" for one in hiding)


def sat(state: State, settings: Settings, check: Check, now: datetime) -> State:
    """Hold one sitting. Where it ends the check with something short, open the look that reads that again."""
    after = replace(state, completeness=check.sit(state.completeness))
    return rereading.opened(after, settings, now)


def followed(
    state: State,
    settings: Settings,
    parts: tuple[Source, Destination],
    clock: Callable[[], datetime],
    seconds_left: Callable[[], float],
) -> State:
    """Hold sittings until the check is over, something is to be read again, or the time is up. The first takes what it needs.

    A failure ends it, and the next pass goes on: the rows and the position of the sync are safe already.
    """
    check, first = Check(asked(state, settings, clock()), *parts, clock(), seconds_left), True
    while is_due(state, settings) and (first or seconds_left() > 0):
        try:
            state, first = sat(state, settings, check, clock()), False
        except (SyncError, MalformedError) as error:
            _log.warning("completeness: the check stopped, and the next pass continues it: %s", malformed(error))
            return state
    return state
