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

from langsmith_core import batch, config, endpoints, engine, faces, parents, parsers, state_json, status
from langsmith_core.adapters import fivetran as protocol
from langsmith_core.adapters import langsmith, logs
from langsmith_core.adapters.clock import Clock, SystemClock
from langsmith_core.errors import BusyError, ConfigError, MethodError, SyncError
from langsmith_core.state import Pass, State

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
NAMES = parents.Remembered()
SESSION: requests.Session = langsmith.session()
_log = logging.getLogger("langsmith_sync")
logs.install()


@functions_framework.http
def fivetran(request: flask.Request) -> Response:
    """One call of Fivetran's Function connector."""
    return _answered(request, "fivetran", lambda: _fivetran(request))


@functions_framework.http
def sync(request: flask.Request) -> Response:
    """POST: one bounded pass into the sink. GET: where it stands."""
    return _answered(request, "sync", lambda: _status() if request.method == "GET" else _sync(request))


def _fivetran(request: flask.Request) -> bytes:
    _allow(request, "POST")
    asked = protocol.parse(request.get_data())
    settings = config.load(os.environ, asked.values)
    if asked.setup_test:
        return _setup(settings, asked.state)
    state, begun = state_json.load(asked.state, settings.source), CLOCK.now()
    names, client = NAMES.of(state), _client(settings)
    limits = _limits(settings, protocol.rows_bytes_max(settings.bytes_max), stamped=False)
    answer = next(engine.Engine(settings, client, CLOCK.now, limits, names).batches(state))
    NAMES.keep(answer.state, names)
    done = _pass(begun, answer.counts(), client, has_more=answer.has_more)
    _tell(done, answer.state, answer.size, sync_id=asked.sync_id)
    return protocol.answer(answer)


def _setup(settings: config.Settings, state: Any) -> bytes:
    client = langsmith.LangSmith(settings, CLOCK, CLOCK.now() + timedelta(seconds=SETUP_SECONDS), SESSION, SETUP_READ_SECONDS)
    client.fetch(endpoints.CREDENTIALS)
    parents.resolved(settings, client.fetch, first=True)
    parents.left_out(settings, client.fetch)
    return protocol.setup_answer(state)


def _sync(request: flask.Request) -> bytes:
    _allow(request, "POST")
    settings = replace(config.standalone(os.environ), state_bytes_max=STATE_BYTES)
    begun, client = CLOCK.now(), _client(settings)
    least = SYNC_BATCH_BYTES if settings.sink == "duckdb" else BIGQUERY_BATCH_BYTES
    limits = _limits(settings, max(settings.bytes_max, least), stamped=True)
    with _standalone(settings) as (sink, store):
        driver = faces.Driver(state_json.load(store.load(), settings.source), sink, store, CLOCK.now)
        driver.run(engine.Engine(settings, client, CLOCK.now, limits).batches(driver.state))
        done = _pass(begun, driver.rows, client, has_more=driver.has_more, rejected=sink.rejected)
        driver.ended(done)
    _tell(done, driver.state, driver.bytes)
    answer = {"hasMore": done.has_more, "rows": done.rows, "requests": done.requests, "seconds": done.seconds}
    return msgspec.json.encode({**answer, **({"rejected": done.rejected} if done.rejected else {})})


def _status() -> bytes:
    settings = config.standalone(os.environ)
    if settings.sink == "duckdb":
        held = _adapter("duckdb").status(settings.local_db)
    else:
        held = {**_adapter("bigquery").status(settings), **_adapter("firestore").status(settings)}
    state = state_json.load(held["state"], settings.source) if held["state"] else None
    return msgspec.json.encode({**held, **status.of(state, held["rows"], CLOCK.now())})


@contextmanager
def _standalone(settings: config.Settings) -> Iterator[tuple[faces.Sink, faces.Store]]:
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
        return importlib.import_module(f"langsmith_core.adapters.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(f"SINK: {name} is not installed; run pip install -r requirements-local.txt") from error


def _client(settings: config.Settings) -> langsmith.LangSmith:
    return langsmith.LangSmith(settings, CLOCK, CLOCK.now() + timedelta(seconds=settings.seconds_max), SESSION)


def _limits(settings: config.Settings, bytes_max: int, *, stamped: bool) -> batch.Limits:
    deadline = CLOCK.now() + timedelta(seconds=settings.seconds_max)

    def seconds_left() -> float:
        return (deadline - CLOCK.now()).total_seconds()

    return batch.Limits(bytes_max, seconds_left, stamped)


def _pass(begun: Any, rows: dict[str, int], client: langsmith.LangSmith, *, has_more: bool, rejected: int = 0) -> Pass:
    ended = CLOCK.now()
    seconds = round((ended - begun).total_seconds(), 3)
    return Pass(ended, seconds, dict(rows), client.sent - client.retries, client.retries, rejected, has_more)


def _tell(done: Pass, state: State, size: int, *, sync_id: str | None = None) -> None:
    """The one line that sums up a call."""
    lag = status.lag_seconds(state, CLOCK.now())
    fields: dict[str, Any] = {"status": 200, "rows_total": sum(done.rows.values()), "bytes": size, "api": state.api}
    fields |= {name: getattr(done, name) for name in ("has_more", "rows", "rejected", "requests", "retries", "seconds")}
    fields |= {"lag_seconds": lag} if lag is not None else {}
    fields |= {"sync_id": sync_id} if sync_id else {}
    text = "%d rows by %d requests in %.1f s, more: %s"
    _log.info(text, fields["rows_total"], done.requests, done.seconds, done.has_more, extra=logs.event("pass", **fields))


def _allow(request: flask.Request, method: str) -> None:
    if request.method != method:
        raise MethodError(f"this target takes {method}, not {request.method}")


def _answered(request: flask.Request, target: str, work: Callable[[], bytes]) -> Response:
    """The work's JSON, or its failure as JSON with the failure's status."""
    with logs.call(target, request.headers.get("X-Cloud-Trace-Context"), os.environ.get("GOOGLE_CLOUD_PROJECT")):
        try:
            return Response(work(), 200, mimetype="application/json")
        except SyncError as error:
            level = logging.INFO if isinstance(error, BusyError) else logging.ERROR
            _log.log(level, "%s", error, extra=logs.event("failure", status=error.status))
            return _failure(str(error), error.status)
        except Exception as error:  # noqa: BLE001  the one place where a fault of our own becomes an answer
            _log.exception("a fault of this program", extra=logs.event("failure", status=500))
            return _failure(f"internal error ({type(error).__name__}); the log has the trace, the state has not moved", 500)


def _failure(message: str, code: int) -> Response:
    return Response(msgspec.json.encode({"errorMessage": message}), code, mimetype="application/json")
