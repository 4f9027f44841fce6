"""The two targets, `fivetran` and `sync`: wiring and rendering, nothing else.

functions-framework --source main.py --target fivetran|sync
"""

from __future__ import annotations

import importlib
import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import functions_framework
import msgspec
from flask import Response
from msgspec.structs import replace

from langsmith_core import batch, config, endpoints, engine, faces, parents, parsers
from langsmith_core import state as states
from langsmith_core.adapters import fivetran as protocol
from langsmith_core.adapters import langsmith
from langsmith_core.adapters.clock import Clock, SystemClock
from langsmith_core.errors import ConfigError, MethodError, SyncError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import flask
    import requests

SETUP_SECONDS, SETUP_READ_SECONDS = 20, 10
SYNC_BATCH_BYTES = 32 * parsers.MEGABYTE
"""A batch that goes to a database is larger than an answer may be: each costs a commit."""
STATE_BYTES = 1_000_000_000
"""A cursor store of our own takes any state."""
CLOCK: Clock = SystemClock()
NAMES = parents.Remembered()
SESSION: requests.Session = langsmith.session()
_log = logging.getLogger("langsmith_sync")


@functions_framework.http
def fivetran(request: flask.Request) -> Response:
    """One call of Fivetran's Function connector."""
    return _answered(lambda: _fivetran(request))


@functions_framework.http
def sync(request: flask.Request) -> Response:
    """POST: one bounded pass into the sink. GET: where it stands."""
    return _answered(lambda: _status() if request.method == "GET" else _sync(request))


def _fivetran(request: flask.Request) -> bytes:
    _allow(request, "POST")
    asked = protocol.parse(request.get_data())
    settings = config.load(os.environ, asked.values)
    if asked.setup_test:
        return _setup(settings, asked.state)
    state = states.load(asked.state, settings.source)
    names = NAMES.of(state)
    reader = _engine(settings, protocol.rows_bytes_max(settings.bytes_max), names, stamped=False)
    answer = next(reader.batches(state))
    NAMES.keep(answer.state, names)
    _log.info("sync_id %s: %s rows, %d requests, more: %s", asked.sync_id, answer.counts(), answer.requests, answer.has_more)
    return protocol.answer(answer)


def _setup(settings: config.Settings, state: Any) -> bytes:
    client = langsmith.LangSmith(settings, CLOCK, CLOCK.now() + timedelta(seconds=SETUP_SECONDS), SESSION, SETUP_READ_SECONDS)
    client.fetch(endpoints.CREDENTIALS)
    parents.resolved(settings, client.fetch, first=True)
    return protocol.setup_answer(state)


def _sync(request: flask.Request) -> bytes:
    _allow(request, "POST")
    settings = config.load(os.environ)
    begun = CLOCK.now()
    settings = replace(settings, state_bytes_max=STATE_BYTES)
    reader = _engine(settings, max(settings.bytes_max, SYNC_BATCH_BYTES), parents.Names(), stamped=True)
    with _local().opened(settings.local_db) as file:
        state = states.load(file.load(), settings.source)
        summary = faces.drive(reader.batches(state), sink=file, store=file)
    seconds = round((CLOCK.now() - begun).total_seconds(), 3)
    _log.info("%s in %.1f s", summary, seconds)
    return msgspec.json.encode({**summary, "seconds": seconds})


def _status() -> bytes:
    settings = config.load(os.environ)
    return msgspec.json.encode(_local().status(settings.local_db))


def _engine(settings: config.Settings, bytes_max: int, names: parents.Names, *, stamped: bool) -> engine.Engine:
    deadline = CLOCK.now() + timedelta(seconds=settings.seconds_max)
    client = langsmith.LangSmith(settings, CLOCK, deadline, SESSION)

    def seconds_left() -> float:
        return (deadline - CLOCK.now()).total_seconds()

    limits = batch.Limits(bytes_max, seconds_left, stamped)
    return engine.Engine(settings, client, CLOCK.now, limits, names)


def _local() -> ModuleType:
    """The embedded face, loaded where it is used: a deployed function has no DuckDB."""
    if os.environ.get("K_SERVICE"):
        raise ConfigError("SINK: duckdb cannot be used on Cloud Run, whose disk is memory and is lost; choose another sink")
    try:
        return importlib.import_module("langsmith_core.adapters.duckdb")
    except ModuleNotFoundError as error:
        raise ConfigError("SINK: duckdb is not installed; run pip install -r requirements-local.txt") from error


def _allow(request: flask.Request, method: str) -> None:
    if request.method != method:
        raise MethodError(f"this target takes {method}, not {request.method}")


def _answered(work: Callable[[], bytes]) -> Response:
    """The work's JSON, or its failure as JSON with the failure's status."""
    try:
        return Response(work(), 200, mimetype="application/json")
    except SyncError as error:
        _log.error("%d: %s", error.status, error)
        return _failure(str(error), error.status)
    except Exception as error:  # noqa: BLE001  the one place where a fault of our own becomes an answer
        _log.exception("a fault of this program")
        return _failure(f"internal error ({type(error).__name__}); the log has the trace, the state has not moved", 500)


def _failure(message: str, status: int) -> Response:
    return Response(msgspec.json.encode({"errorMessage": message}), status, mimetype="application/json")
