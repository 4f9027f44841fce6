"""Log lines as Cloud Logging reads them: one JSON object a line on standard output.

Here: the form, and what every line of a call carries (target, trace, sync_id). Not here: what is worth a line.
Fields: https://cloud.google.com/logging/docs/structured-logging. No line holds a key or a payload: nothing here looks for them,
each message is written without; of an exception it tells the class and the places it came by, since its text may hold a value.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

NAMES = ("langsmith_core", "langsmith_sync")
SEVERITIES = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARNING", "ERROR": "ERROR", "CRITICAL": "CRITICAL"}
_call: ContextVar[Mapping[str, Any]] = ContextVar("call", default={})  # noqa: B039  nobody changes it, each call sets its own


class JsonLines(logging.Formatter):
    """A record as one line: severity, message, the call's fields, the record's own `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        message = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            message = "\n".join([message, *_places(record.exc_info[1])])
        fields = getattr(record, "fields", {})
        line = {"severity": SEVERITIES.get(record.levelname, "DEFAULT"), "message": message, **_call.get(), **fields}
        return msgspec.json.encode(line).decode()


class Stdout(logging.Handler):
    """Standard output as it is when a line is written: servers and tests replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, at once."""
        print(self.format(record), file=sys.stdout, flush=True)  # noqa: T201  this is where lines are printed


def install() -> None:
    """Send the product's lines to standard output, once."""
    for name in NAMES:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, Stdout) for handler in logger.handlers):
            handler = Stdout()
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)


@contextmanager
def call(target: str, trace: str | None, project: str | None) -> Iterator[None]:
    """Give every line of a call its target, and its trace where Google has sent one (`X-Cloud-Trace-Context`)."""
    fields: dict[str, Any] = {"target": target}
    if trace and project:
        fields["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace.split('/')[0]}"
    token = _call.set(fields)
    try:
        yield
    finally:
        _call.reset(token)


def name_sync(sync_id: str) -> None:
    """Give every further line of this call the id of the sync that it belongs to, where there is one."""
    if sync_id:
        _call.set({**_call.get(), "sync_id": sync_id})


def event(name: str, **fields: Any) -> dict[str, Any]:
    """What `extra` of a log call takes for a line that metrics and alerts look for by its `event`."""
    return {"fields": {"event": name, **fields}}


def _places(error: BaseException) -> Iterator[str]:
    """The error and those behind it, the first one first, in the form that Google's error reporting knows: no text of theirs."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before:
        yield from _places(before)
    yield "Traceback (most recent call last):"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
    yield f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
