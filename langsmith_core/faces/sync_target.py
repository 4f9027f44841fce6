"""The `sync` target: POST runs one pass of one workspace into our own sink and store, GET shows the status.

Not here: the pass (one_pass), passes of several instances (sharded), what a status says (status).
"""

from __future__ import annotations

import logging
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response
from msgspec.structs import replace

from langsmith_core import logs, masking
from langsmith_core.errors import SyncError
from langsmith_core.faces import callers, destination, one_pass, sharded, status, status_chart, status_page, workspace
from langsmith_core.faces.account import Account
from langsmith_core.faces.process import Process
from langsmith_core.settings import workspaces
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
    asked = sharded.asked(request.get_data())
    name = asked.workspace if asked else workspace.named(request.get_data())
    done = _done(_settings(name, process), account, process, asked, name)
    answer = {"hasMore": done.has_more, "rows": done.rows, "requests": done.requests, "seconds": done.seconds}
    return msgspec.json.encode({**answer, **({"rejected": done.rejected} if done.rejected else {})})


def _done(settings: Settings, account: Account, process: Process, turn: sharded.Turn | None, name: str | None) -> Pass:
    """Run the pass that is asked for: a turn of a shard, or the scheduled one, which gives a backfill out where SHARDS is set."""
    if turn:
        return sharded.turn(settings, account, process, turn) if settings.shards else account.closed(has_more=False)
    if settings.shards:
        return sharded.scheduled(settings, account, process, name).done
    limits = one_pass.limits(settings, process)
    with destination.opened(settings, limits.seconds_left) as places:
        return one_pass.run(settings, account, process, places, one_pass.loaded(places[1], settings), limits).done


def show_status(request: flask.Request, account: Account, process: Process) -> Response:
    """Return the status as JSON, or as a page for a browser, without any change and also while a pass runs.

    It is that of the workspace behind `?workspace=`. Where none is named, and there are several, it is a short one of all.
    `?state=1` adds the state, `?costs=1` what each day's traces have cost, which a page always has.
    """
    name, now, asked = request.args.get("workspace"), process.clock.now(), _asked(request)
    several = name is None and workspaces.names(os.environ)
    shown = workspace.all_in_short(now) if several else _status(name, now, asked)
    _log.info("the status was read", extra=logs.event("status", status=200, **account.figures()))
    safe = masking.json_safe(shown, most=STATE_BYTES)
    if "page" in asked:
        return status_page.answer(safe, now)
    return Response(msgspec.json.encode(safe), 200, status_page.HEADERS, mimetype="application/json")


def _asked(request: flask.Request) -> set[str]:
    """Return what a caller wants of the status: `page`, `state`, `costs`."""
    more = {name for name in ("state", "costs") if request.args.get(name) == "1"}
    return {"page", "costs"} if status_page.is_wanted(request) else more


def _status(name: str | None, now: datetime, asked: set[str]) -> dict[str, Any]:
    settings = _settings(name)
    held = destination.status(settings)
    saved = held.pop("state")
    state = state_json.load(saved, settings.source, destination.place(settings)) if saved else None
    shared = {"shared_dataset": True} if settings.workspace_column else {}  # and then the counts are of all its workspaces
    more = ({"state": saved} if "state" in asked else {}) | (_costs(settings, now) if "costs" in asked else {})
    told = status.of(state, held["rows"], now, settings.without_organisation, busy=held["busy"])
    return {**held, "readable": saved is not None or not held["busy"], **shared, **told, **more}


def _costs(settings: Settings, now: datetime) -> dict[str, Any]:
    """Return what each day's traces have cost, or why the rows cannot be read; the rest of the status stands without them."""
    try:
        return {"cost_by_day": destination.costs(settings, status_chart.since(now)), "cost_error": None}
    except SyncError as error:
        return {"cost_by_day": None, "cost_error": str(error)}


def _settings(name: str | None, process: Process | None = None) -> Settings:
    """Return a workspace's settings, and have each further log line of the call name it. `process` has the clock of a pass."""
    if name in workspaces.names(os.environ):  # what a caller made up names no line
        logs.name_workspace(name)
    settings = workspaces.settings(os.environ, name, process.clock.now() if process else None)
    return replace(settings, state_bytes_max=STATE_BYTES)
