"""The two targets, `fivetran` and `sync`: wiring and rendering, nothing else.

functions-framework --source main.py --target fivetran|sync
"""

from __future__ import annotations

import importlib
import logging
import os
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import functions_framework
import msgspec
from flask import Response
from msgspec.structs import replace

from langsmith_core import logs
from langsmith_core.calls import CREDENTIALS
from langsmith_core.clock import Clock, SystemClock
from langsmith_core.errors import BusyError, ConfigError, MethodError, SyncError, told
from langsmith_core.faces import account, standalone, status
from langsmith_core.faces import fivetran as protocol
from langsmith_core.faces.account import Account
from langsmith_core.langsmith import client
from langsmith_core.settings import config, parsers
from langsmith_core.sync import batch, engine, names, state_json
from langsmith_core.sync.state import Pass, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import flask
    import requests

SETUP_SECONDS, SETUP_READ_SECONDS = 20, 10
SYNC_BATCH_BYTES = 8 * parsers.MEGABYTE
"""A batch that goes to DuckDB costs a commit, and one that goes to BigQuery a job: both are larger than a small answer may be."""
BIGQUERY_BATCH_BYTES = 32 * parsers.MEGABYTE
STATE_BYTES = 1_000_000_000
"""A cursor store of our own takes any state."""
CLOCK: Clock = SystemClock()
NAMES = names.Remembered()
SESSION: requests.Session = client.session()
_log = logging.getLogger("langsmith_sync")
logs.install()


@functions_framework.http
def fivetran(request: flask.Request) -> Response:
    """One call of Fivetran's Function connector."""
    return _answered(request, "fivetran", _fivetran)


@functions_framework.http
def sync(request: flask.Request) -> Response:
    """POST: one bounded pass into the sink. GET: where it stands."""
    return _answered(request, "sync", _status if request.method == "GET" else _sync)


def _fivetran(request: flask.Request, done: Account) -> bytes:
    _allow(request, "POST")
    asked = protocol.parse(request.get_data())
    logs.name_sync(asked.sync_id)
    settings = config.load(os.environ, asked.values)
    if asked.setup_test:
        return _setup(settings, asked.state, done)
    state = state_json.load(asked.state, settings.source)
    names, client = NAMES.of(state), _client(settings)
    done.client = client
    limits = _limits(settings, protocol.rows_bytes_max(settings.bytes_max), stamped=False)
    answer = next(engine.Engine(settings, client, CLOCK.now, limits, names).batches(state))
    NAMES.keep(answer.state, names)
    done.rows = answer.counts()
    _tell(done.closed(has_more=answer.has_more), answer.state, answer.size)
    return protocol.answer(answer)


def _setup(settings: config.Settings, state: Any, done: Account) -> bytes:
    client = client.LangSmith(settings, CLOCK, CLOCK.now() + timedelta(seconds=SETUP_SECONDS), SESSION, SETUP_READ_SECONDS)
    done.client = client
    client.fetch(CREDENTIALS)
    names.resolved(settings, client.fetch, first=True)
    names.left_out(settings, client.fetch)
    _log.info("the setup test passed", extra=logs.event("setup", status=200, **done.figures()))
    return protocol.setup_answer(state)


def _sync(request: flask.Request, done: Account) -> bytes:
    _allow(request, "POST")
    settings = replace(config.standalone(os.environ), state_bytes_max=STATE_BYTES)
    client = done.client = _client(settings)
    least = SYNC_BATCH_BYTES if settings.sink == "duckdb" else BIGQUERY_BATCH_BYTES
    limits = _limits(settings, max(settings.bytes_max, least), stamped=True)
    with _standalone(settings) as (sink, store):
        driver = standalone.Driver(state_json.load(store.load(), settings.source), sink, store, CLOCK.now)
        done.sink, done.rows = sink, driver.rows
        driver.run(engine.Engine(settings, client, CLOCK.now, limits).batches(driver.state))
        made = done.closed(has_more=driver.has_more)
        driver.ended(made)
    _tell(made, driver.state, driver.bytes)
    answer = {"hasMore": made.has_more, "rows": made.rows, "requests": made.requests, "seconds": made.seconds}
    return msgspec.json.encode({**answer, **({"rejected": made.rejected} if made.rejected else {})})


def _status(_: flask.Request, done: Account) -> bytes:
    settings = config.standalone(os.environ)
    if settings.sink == "duckdb":
        held = _adapter("duckdb").status(settings.local_db)
    else:
        held = {**_adapter("bigquery").status(settings), **_adapter("firestore").status(settings)}
    state = state_json.load(held["state"], settings.source) if held["state"] else None
    _log.info("the status was read", extra=logs.event("status", status=200, **done.figures()))
    return msgspec.json.encode({**held, **status.of(state, held["rows"], CLOCK.now())})


@contextmanager
def _standalone(settings: config.Settings) -> Iterator[tuple[standalone.Sink, standalone.Store]]:
    """The sink and the store of a pass, both open until it ends; the store is held by this pass alone."""
    if settings.sink == "duckdb":
        with _adapter("duckdb").opened(settings.local_db) as file:
            yield file, file
        return
    with _adapter("firestore").opened(settings) as store, _adapter("bigquery").opened(settings) as sink:
        yield sink, store


def _adapter(name: str) -> ModuleType:
    """A sink or store, loaded where it is used: a deployed function has no DuckDB, and an import of Google's takes a second."""
    if name == "duckdb" and os.environ.get("K_SERVICE"):
        raise ConfigError("SINK: duckdb cannot be used on Cloud Run, whose disk is memory and is lost; write bigquery")
    try:
        return importlib.import_module(f"langsmith_core.destinations.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(f"SINK: {name} is not installed; run pip install -r requirements-local.txt") from error


def _client(settings: config.Settings) -> client.LangSmith:
    return client.LangSmith(settings, CLOCK, CLOCK.now() + timedelta(seconds=settings.seconds_max), SESSION)


def _limits(settings: config.Settings, bytes_max: int, *, stamped: bool) -> batch.Limits:
    deadline = CLOCK.now() + timedelta(seconds=settings.seconds_max)

    def seconds_left() -> float:
        return (deadline - CLOCK.now()).total_seconds()

    return batch.Limits(bytes_max, seconds_left, stamped)


def _tell(done: Pass, state: State, size: int) -> None:
    """The one line that sums up a call."""
    lag = status.lag_seconds(state, CLOCK.now())
    fields = {"status": 200, "bytes": size, "api": state.api, "has_more": done.has_more, **account.figures(done)}
    fields |= {"lag_seconds": lag} if lag is not None else {}
    text = "%d rows by %d requests in %.1f s, more: %s"
    _log.info(text, fields["rows_total"], done.requests, done.seconds, done.has_more, extra=logs.event("pass", **fields))


def _allow(request: flask.Request, method: str) -> None:
    if request.method != method:
        raise MethodError(f"this target takes {method}, not {request.method}")


def _answered(request: flask.Request, target: str, work: Callable[[flask.Request, Account], bytes]) -> Response:
    """The work's JSON, or its failure as JSON with the failure's status. Either way one line says what was done."""
    done = Account(CLOCK.now)
    with logs.call(target, request.headers.get("X-Cloud-Trace-Context"), os.environ.get("GOOGLE_CLOUD_PROJECT")):
        try:
            return Response(work(request, done), 200, mimetype="application/json")
        except SyncError as error:
            level = logging.INFO if isinstance(error, BusyError) else logging.ERROR
            _log.log(level, "%s", error, extra=logs.event("failure", status=error.status, **done.figures()))
            return _failure(error)
        except Exception as error:  # noqa: BLE001  the one place where a fault of our own becomes an answer
            failure = told(error)
            _log.exception("a fault of this program", extra=logs.event("failure", status=failure.status, **done.figures()))
            return _failure(failure)


def _failure(error: SyncError) -> Response:
    return Response(msgspec.json.encode({"errorMessage": str(error)}), error.status, mimetype="application/json")
