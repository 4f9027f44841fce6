"""The `sync` target: POST runs one pass into our own sink and store, GET shows the status.

Not here: the loop that writes batches (standalone), what a status says (status), or which sink and store (destination).
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from langsmith_core import logs, masking
from langsmith_core.faces import callers, destination, standalone, status
from langsmith_core.faces.account import Account, log_pass
from langsmith_core.faces.process import Process
from langsmith_core.settings import config, parsers
from langsmith_core.sync import engine, state_json

if TYPE_CHECKING:
    import flask

DUCKDB_BATCH_BYTES = 8 * parsers.MEGABYTE
BIGQUERY_BATCH_BYTES = 32 * parsers.MEGABYTE
"""Least bytes of a batch for each sink. A batch costs DuckDB a commit and BigQuery several jobs, so a small MAX_RESPONSE_MB does
not make batches smaller than this.
"""
STATE_BYTES = 1_000_000_000
"""Our own stores take a state of any size."""
_log = logging.getLogger(__name__)


def run_pass(request: flask.Request, account: Account, process: Process) -> bytes:
    """Run one bounded pass; return JSON `{"hasMore", "rows": {table: n}, "requests", "seconds"}`, and "rejected" if any were.

    Raises BusyError where another pass is at work, and any other SyncError that stopped this one.
    """
    callers.allow(request, "GET", "HEAD", "POST")
    settings = replace(config.standalone(os.environ, process.clock.now()), state_bytes_max=STATE_BYTES)
    client = account.client = process.client(settings)
    least = DUCKDB_BATCH_BYTES if settings.sink == "duckdb" else BIGQUERY_BATCH_BYTES
    limits = process.limits(settings, max(settings.bytes_max, least), stamped=True)
    with destination.opened(settings, limits.seconds_left) as (sink, store):
        state = state_json.load(store.load(), settings.source, destination.place(settings))
        driver = standalone.Driver(state, sink, store, client.clock.now)
        known_names = process.names.of(settings, state)
        reader = engine.Engine(settings, client, client.clock.now, limits, known_names, account.remarks)
        account.sink, account.rows, account.matches = sink, driver.rows, reader.matches
        driver.run(reader.batches(driver.state))
        reader.matches.warn()
        process.names.keep(settings, driver.state, known_names)
        done = account.closed(has_more=driver.has_more)
        driver.ended(done)
    log_pass(done, driver.state, driver.bytes, process.clock.now())
    answer = {"hasMore": done.has_more, "rows": done.rows, "requests": done.requests, "seconds": done.seconds}
    return msgspec.json.encode({**answer, **({"rejected": done.rejected} if done.rejected else {})})


def show_status(_: flask.Request, account: Account, process: Process) -> bytes:
    """Return the status as JSON, without any change and also while a pass runs."""
    settings = config.standalone(os.environ)
    held = destination.status(settings)
    state = state_json.load(held["state"], settings.source, destination.place(settings)) if held["state"] else None
    _log.info("the status was read", extra=logs.event("status", status=200, **account.figures()))
    shown = {**held, **status.of(state, held["rows"], process.clock.now())}
    return msgspec.json.encode(masking.json_safe(shown, most=STATE_BYTES))
