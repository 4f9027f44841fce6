"""The `sync` target: POST runs one pass into our own sink and store, GET shows the status.

Not here: the pass (one_pass), passes of several instances (sharded), what a status says (status).
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from langsmith_core import logs, masking
from langsmith_core.faces import callers, destination, one_pass, sharded, status
from langsmith_core.faces.account import Account
from langsmith_core.faces.process import Process
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.sync import state_json
from langsmith_core.sync.state import Pass

if TYPE_CHECKING:
    import flask

STATE_BYTES = 1_000_000_000
"""Our own stores take a state of any size."""
_log = logging.getLogger(__name__)


def run_pass(request: flask.Request, account: Account, process: Process) -> bytes:
    """Run one bounded pass; return JSON `{"hasMore", "rows": {table: n}, "requests", "seconds"}`, and "rejected" if any were.

    Raises BusyError where another pass is at work, and any other SyncError that stopped this one.
    """
    callers.allow(request, "GET", "HEAD", "POST")
    settings = replace(config.standalone(os.environ, process.clock.now()), state_bytes_max=STATE_BYTES)
    done = _done(settings, account, process, sharded.asked(request.get_data()))
    answer = {"hasMore": done.has_more, "rows": done.rows, "requests": done.requests, "seconds": done.seconds}
    return msgspec.json.encode({**answer, **({"rejected": done.rejected} if done.rejected else {})})


def _done(settings: Settings, account: Account, process: Process, turn: sharded.Turn | None) -> Pass:
    """Run the pass that is asked for: a turn of a shard, or the scheduled one, which gives a backfill out where SHARDS is set."""
    if turn:
        return sharded.turn(settings, account, process, turn) if settings.shards else account.closed(has_more=False)
    if settings.shards:
        return sharded.scheduled(settings, account, process).done
    with destination.opened(settings) as places:
        return one_pass.run(settings, account, process, places, one_pass.loaded(places[1], settings)).done


def show_status(_: flask.Request, account: Account, process: Process) -> bytes:
    """Return the status as JSON, without any change and also while a pass runs."""
    settings = config.standalone(os.environ)
    held = destination.status(settings)
    state = state_json.load(held["state"], settings.source, destination.place(settings)) if held["state"] else None
    _log.info("the status was read", extra=logs.event("status", status=200, **account.figures()))
    shown = {**held, **status.of(state, held["rows"], process.clock.now())}
    return msgspec.json.encode(masking.json_safe(shown, most=STATE_BYTES))
