"""A check on demand: count both sides now, and read again what is short where that is asked for.

It goes on from the saved position and saves it, as a pass does. Not here: the check within a pass (completeness), or showing it.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from langsmith_core.completeness.check import Check
from langsmith_core.completeness.position import Position
from langsmith_core.completeness.through import Through
from langsmith_core.completeness.values import Destination, Verdict, key
from langsmith_core.errors import ConfigError, StateError
from langsmith_core.faces import completeness, destination, one_pass, standalone
from langsmith_core.faces.process import Process
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import RUN
from langsmith_core.sync import engine
from langsmith_core.sync.state import State


class Heard(Through):
    """A destination that also keeps the verdicts of this check: the newest of each place."""

    def __init__(self, destination: Destination) -> None:
        super().__init__(destination)
        self.found: dict[str, Verdict] = {}

    def record(self, verdicts: list[Verdict]) -> None:
        """Keep the verdicts, and record them."""
        self.found |= {key(one): one for one in verdicts}
        super().record(verdicts)


def run(
    settings: Settings, process: Process, since: datetime | None = None, projects: tuple[str, ...] = (), *, fix: bool = False
) -> list[Verdict]:
    """Check the last seven settled days, or all days `since` then; return the verdicts.

    `projects` are names or ids; empty: all. `fix`: read again what is short, and count it again. Raises SyncError.
    """
    with destination.opened(settings, lambda: settings.seconds_max) as (sink, store):
        heard, state = Heard(sink), one_pass.loaded(store, settings)
        if state.done_to is None:
            raise StateError("nothing is synced yet, so there is nothing to compare; run a sync first")
        ids = _ids(projects, sink)
        driver = standalone.Driver(state, sink, store, process.clock.now)
        while fix and not driver.state.drained:
            _read(driver, settings, process)
        here = driver.state.completeness
        begun = Position(of=here.of, meaning=here.meaning, gaps=() if fix else here.gaps)
        driver.settle(replace(driver.state, completeness=begun))
        while _sat(driver, heard, settings, process, since, ids, fix=fix):
            while not driver.state.drained:
                _read(driver, settings, process)
    return sorted(heard.found.values(), key=lambda one: (one.table, one.name or "", one.parent_id, one.day is None, str(one.day)))


def _ids(projects: tuple[str, ...], destination: Destination) -> tuple[str, ...]:
    """Return the ids of projects, as the destination has them."""
    if not projects:
        return ()
    listed = [one for one in destination.totals() if one.table == RUN.name]
    found = {one: [total.parent_id for total in listed if one in (total.name, total.parent_id)] for one in projects}
    missing = [one for one, ids in found.items() if not ids]
    if missing:
        raise ConfigError(f"--project: no project is named {missing[0]}; give names or ids as LangSmith shows them")
    return tuple(sorted({ident for ids in found.values() for ident in ids}))


def _sat(
    driver: standalone.Driver,
    heard: Heard,
    settings: Settings,
    process: Process,
    since: datetime | None,
    ids: tuple[str, ...],
    *,
    fix: bool,
) -> bool:
    """Hold one sitting; return whether another one follows."""
    client, limits = process.client(settings), one_pass.limits(settings, process)
    now = client.clock.now()
    asked = completeness.asked(driver.state, settings, now, since, ids)
    asked = replace(asked, of=driver.state.completeness.of)  # the daily check stays due where it is
    check = Check(asked, client, heard, now, limits.seconds_left)
    if fix:
        driver.settle(completeness.sat(driver.state, settings, check, now))
    else:
        here = check.sit(driver.state.completeness)
        short = here.short if here.day else ()
        driver.settle(replace(driver.state, completeness=replace(here, short=short, rereading=False)))
    here = driver.state.completeness
    return here.day is not None or here.rereading


def _read(driver: standalone.Driver, settings: Settings, process: Process) -> State:
    client, limits = process.client(settings), one_pass.limits(settings, process)
    driver.run(engine.Engine(settings, client, client.clock.now, limits).batches(driver.state, further=True))
    return driver.state
