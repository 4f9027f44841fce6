"""One sync of the Connector SDK's connector: passes of the engine until nothing is left.

A pass is one call of the engine, as Fivetran makes them of the function. All passes of a sync count as one call for the look.

Here: the loop and its bound. Not here: delivering a batch (connector_delivery), or the call around it (connector).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from langsmith_core import logs
from langsmith_core.errors import ConfigError, user_safe
from langsmith_core.faces.account import Account, log_pass
from langsmith_core.faces.connector_delivery import CHOICE, Delivery, Operations
from langsmith_core.faces.process import Process
from langsmith_core.settings.config import Settings
from langsmith_core.sync import engine, state_json

STATE_BYTES = 1_024_000
"""Fivetran documents 10 MB. This holds the ids of 50,000 projects and datasets, and a checkpoint writes all of it."""
LONGEST = timedelta(hours=12)
"""A sync ends after so long, whatever is left. While LangSmith answers late or fails in part, work would never end (law 3)."""
_log = logging.getLogger(__name__)


def run(settings: Settings, given: Any, op: Operations, process: Process) -> None:
    """Sync from the given state until nothing is left, and checkpoint at the end, also before a failure is raised.

    A failure that comes before anything was read leaves the state as it was: host and workspace may be misspelt.
    Raises SyncError where the last pass got nothing, and StateError or ConfigError where the state cannot be used.
    """
    settings = replace(settings, state_bytes_max=STATE_BYTES)
    held = _own(given, settings)
    begun = state_json.load(held, settings.source)
    delivery = Delivery(begun, settings.json_columns, op, process.clock.now)
    try:
        _passes(settings, delivery, process)
    except Exception:
        if delivery.state != begun and not delivery.is_broken:
            delivery.checkpoint()
        raise
    delivery.checkpoint()


def _own(given: Any, settings: Settings) -> Any:
    """Return the engine's part of a state. Raises ConfigError where JSON columns were declared otherwise before."""
    if not isinstance(given, dict):
        return given
    first = given.get(CHOICE, settings.json_columns)
    if first != settings.json_columns:
        raise ConfigError(
            f"JSON_COLUMNS: at this connection's first sync it was {first!s:.10}; put that back, or make another connection"
        )
    return {name: value for name, value in given.items() if name != CHOICE}


def _passes(settings: Settings, delivery: Delivery, process: Process) -> None:
    begun, further = process.clock.now(), False
    while _pass(settings, delivery, process, further=further):
        further = True
        if process.clock.now() - begun >= LONGEST:
            hours = LONGEST.seconds // 3600
            _log.warning("a sync ends after %d hours with more left to read; the next sync continues from here", hours)
            return


def _pass(settings: Settings, delivery: Delivery, process: Process, *, further: bool) -> bool:
    """Make one pass, and return whether there is more. One log line sums it up, whether it ends well or fails."""
    account = Account(process.clock.now)
    try:
        return _read(settings, delivery, process, account, further=further)
    except Exception as error:
        failure = user_safe(error)
        fields = logs.event("failure", status=failure.status, **account.figures())
        _log.error("%s", failure, extra=fields)
        raise
    finally:
        account.remarks.tell()


def _read(settings: Settings, delivery: Delivery, process: Process, account: Account, *, further: bool) -> bool:
    state, client, has_more = delivery.state, process.client(settings), False
    account.client, account.rows = client, delivery.begun()
    known_names = process.names.of(settings, state)
    limits = process.limits(settings, settings.bytes_max, exact=True)
    before = process.under_way.of(settings, state, process.clock.now())
    reader = engine.Engine(settings, client, client.clock.now, limits, known_names, account.remarks, before)
    account.matches = reader.matches
    for batch in reader.batches(state, further=further):
        delivery.take(batch)
        has_more = batch.has_more
    reader.matches.warn()
    process.names.keep(settings, delivery.state, known_names)
    process.under_way.keep(settings, delivery.state, process.clock.now(), reader.ahead)
    log_pass(account.closed(has_more=has_more), delivery.state, delivery.bytes, process.clock.now())
    return has_more
