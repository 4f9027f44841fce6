"""Write log lines as Cloud Logging reads them: one JSON object per line on standard output.

Fields: https://cloud.google.com/logging/docs/structured-logging. Every line of a call carries its target, trace and sync_id.
No line holds an API key or a payload. An exception is logged by class and by the code lines it passed, without its text.
A line of another library is logged without its values, since they may hold a payload.
Logging never raises. It never falls back to Python's own error handler either, which would print the values.
Not here: finding secrets in a text (masking).
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from langsmith_core.masking import fit, json_safe

NAMES = ("langsmith_core", "langsmith_sync")
SEVERITIES = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARNING", "ERROR": "ERROR", "CRITICAL": "CRITICAL"}
SYNC_ID_MAX = 64
CHAIN_MAX = 10
"""Chained errors that one line shows at most: a chain may be made to loop."""
LINE_BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}
"""Characters that JSON leaves unescaped, but some readers take for the end of a line."""
TRACE = re.compile(r"([0-9a-fA-F]{32})(?:[/;].*)?")
"""`X-Cloud-Trace-Context`: trace id, slash, span id (https://cloud.google.com/trace/docs/trace-context)."""
_call: ContextVar[Mapping[str, Any]] = ContextVar("call", default={})  # noqa: B039  never mutated: each call sets its own


class JsonLines(logging.Formatter):
    """Formats a log record as one line of JSON: severity, message, the call's fields, then the record's own `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its newline."""
        line = {"severity": SEVERITIES.get(record.levelname, "DEFAULT"), "message": message(record), **_call.get()}
        return msgspec.json.encode({**line, **fields(record)}).decode().translate(LINE_BREAKS)


def message(record: logging.LogRecord) -> str:
    """Return a record's text, made fit; another library's names the library first."""
    return _message(record) if is_ours(record) else f"{fit(record.name)}: {_message(record)}"


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return a record's own `fields`, made fit."""
    found = json_safe(getattr(record, "fields", {}))
    return found if isinstance(found, dict) else {}


class Handler(logging.Handler):
    """Writes a line of each record, somewhere. It also cleans the record, so that later handlers see no secret or payload."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        line = self.format(record)
        record.msg, record.args, record.exc_info, record.exc_text = _message(record), None, None, None
        self.put(record, line)

    def put(self, record: logging.LogRecord, line: str) -> None:
        """Write the line of a record."""
        raise NotImplementedError


class Stdout(Handler):
    """Writes to the current `sys.stdout`, which servers and tests may replace at any time."""

    def put(self, record: logging.LogRecord, line: str) -> None:  # noqa: ARG002  the line says it all
        """Write and flush one line; use standard error if standard output is closed."""
        for stream in (sys.stdout, sys.stderr):
            if _print(line, stream):
                return


def install() -> None:
    """Send our log lines and other libraries' warnings to standard output. Installs each handler once."""
    for name in NAMES:
        logging.getLogger(name).setLevel(logging.INFO)
    for logger in (*map(logging.getLogger, NAMES), logging.getLogger()):
        if not any(isinstance(handler, Stdout) for handler in logger.handlers):
            handler = Stdout()
            handler.setFormatter(JsonLines())
            if logger.name not in NAMES:
                handler.addFilter(lambda record: not is_ours(record))
            # First in the list: every later handler gets a cleaned record.
            logger.handlers.insert(0, handler)


@contextmanager
def call(target: str, trace: str | None, project: str | None) -> Iterator[None]:
    """Add the target to every log line of a call, and the trace if Google sent one (`X-Cloud-Trace-Context`)."""
    fields: dict[str, Any] = {"target": target}
    match = TRACE.fullmatch(trace or "")
    if match and project:
        fields["logging.googleapis.com/trace"] = f"projects/{fit(project)}/traces/{fit(match[1])}"
    token = _call.set(fields)
    try:
        yield
    finally:
        _call.reset(token)


def name_sync(sync_id: str) -> None:
    """Add Fivetran's sync id, if there is one, to every further line of this call; 64 characters at most."""
    if sync_id:
        _call.set({**_call.get(), "sync_id": fit(sync_id, SYNC_ID_MAX)})


def name_workspace(name: str | None) -> None:
    """Add the name of the workspace, where there are several, to every further line of this call."""
    if name:
        _call.set({**_call.get(), "workspace": name})


def event(name: str, **fields: Any) -> dict[str, Any]:
    """Return the `extra` of a log call whose line metrics and alerts find by its `event`."""
    return {"fields": {"event": name, **fields}}


def is_ours(record: logging.LogRecord) -> bool:
    """Return whether a record comes from this program."""
    return record.name.partition(".")[0] in NAMES


def _message(record: logging.LogRecord) -> str:
    """Return the record's text, then its exception's traceback lines."""
    try:
        text = record.getMessage() if is_ours(record) or not record.args else str(record.msg)
    except Exception as error:  # noqa: BLE001  formatting a value may raise anything, and the line must appear
        return fit("\n".join(["a fault of this program in writing a log line; report it", *_traceback_lines(error)]))
    trace = _traceback_lines(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ()
    return fit("\n".join([text, *trace]))


def _print(line: str, stream: Any) -> bool:
    """Print the line and return whether the stream took it. Escapes characters that the stream's encoding lacks."""
    try:
        print(line, file=stream, flush=True)
    except UnicodeEncodeError:
        return _print(json.dumps(json.loads(line)), stream)
    except (OSError, ValueError):  # closed, or a pipe without a reader
        return False
    return stream is not None


def _traceback_lines(error: BaseException) -> Iterator[str]:
    """Yield the traceback of the error and its causes, oldest first, in the form that Google's Error Reporting parses.

    Leaves out the errors' texts and all values.
    """
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(chain) < CHAIN_MAX:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    for one in reversed(chain):
        yield "Traceback (most recent call last):"
        for frame, line in traceback.walk_tb(one.__traceback__):
            yield f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
        yield f"{type(one).__module__}.{type(one).__qualname__}".removeprefix("builtins.")
