"""One bounded pass of the `sync` target: from what a store holds to what it holds next, with an account of it.

Here: wiring of engine, client and driver. Not here: which store (destination), whose turn it is (sync_target, sharded).
"""

from __future__ import annotations

from msgspec import Struct

from langsmith_core.faces import completeness, destination, standalone
from langsmith_core.faces.account import Account, log_pass
from langsmith_core.faces.process import Process
from langsmith_core.faces.standalone import CountedSink, Store
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.langsmith.pacing import Part, whole
from langsmith_core.settings import parsers
from langsmith_core.settings.config import Settings
from langsmith_core.sync import engine, state_json
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.state import Pass, State

DUCKDB_BATCH_BYTES = 8 * parsers.MEGABYTE
BIGQUERY_BATCH_BYTES = 32 * parsers.MEGABYTE
"""Least bytes of a batch for each sink. A batch costs DuckDB a commit and BigQuery several jobs, so a small MAX_RESPONSE_MB does
not make batches smaller than this.
"""


class Ended(Struct, frozen=True):
    """What a pass has done, and the state that it has reached."""

    done: Pass
    state: State


def loaded(store: Store, settings: Settings) -> State:
    """Return the state that a store holds. Raises StateError where it is not ours."""
    return state_json.load(store.load(), settings.source, destination.place(settings))


def limits(settings: Settings, process: Process, *, instances: int = 0) -> Limits:
    """Return the limits of a pass that begins now. A backfill is given out to so many `instances`."""
    least = DUCKDB_BATCH_BYTES if settings.sink == "duckdb" else BIGQUERY_BATCH_BYTES
    return process.limits(settings, max(settings.bytes_max, least), stamped=True, exact=True, instances=instances)


def run(
    settings: Settings,
    account: Account,
    process: Process,
    places: tuple[CountedSink, Store],
    state: State,
    limits: Limits,
    *,
    part: Part = whole,
) -> Ended:
    """Go on from a state until the work is done or the time is over.

    `part` is the share of LangSmith's limits that this process may use. Raises the SyncError that stopped the pass.
    """
    client = account.client = process.client(settings, part)
    driver = standalone.Driver(state, *places, client.clock.now)
    known_names = process.names.of(settings, state)
    reader = engine.Engine(settings, client, client.clock.now, limits, known_names, account.remarks)
    account.sink, account.rows, account.matches = places[0], driver.rows, reader.matches
    if not completeness.goes_on(driver.state, settings, process.clock.now()):
        driver.run(reader.batches(driver.state))
    if not driver.has_more:
        _check(driver, reader, settings, (client, places[0]), limits)
    reader.matches.warn()
    process.names.keep(settings, driver.state, known_names)
    done = account.closed(has_more=driver.has_more)
    driver.ended(done)
    log_pass(done, driver.state, driver.bytes, process.clock.now())
    return Ended(done, driver.state)


def _check(
    driver: standalone.Driver,
    reader: engine.Engine,
    settings: Settings,
    parts: tuple[LangSmith, CountedSink],
    limits: Limits,
) -> None:
    """Compare both sides where that is due, read again what is short, and compare that. There is more while this moves on."""
    begun = driver.state
    while True:
        before = driver.state
        after = completeness.followed(before, settings, parts, parts[0].clock.now, limits.seconds_left)
        if after == before:
            break
        driver.settle(after)
        if after.drained or limits.seconds_left() <= 0:
            break
        driver.run(reader.batches(after, further=True))
    moved = driver.state != begun
    driver.has_more = moved and (driver.has_more or not driver.state.drained or completeness.is_due(driver.state, settings))
