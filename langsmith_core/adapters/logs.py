"""Log lines as Cloud Logging reads them: one JSON object a line on standard output.

Here: the form, and what every line of a call carries (target, trace, sync_id). Not here: what is worth a line, or how a secret is
known in it (masking).
Fields: https://cloud.google.com/logging/docs/structured-logging. No line holds a key or a payload: of an exception it tells the
class and the places it came by, and of another library's line the text without its values, since either may hold one.
No line raises, whatever it is given, and none is printed by logging's own error handler, which would show its values.
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

from langsmith_core.masking import fit, plain

NAMES = ("langsmith_core", "langsmith_sync")
SEVERITIES = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARNING", "ERROR": "ERROR", "CRITICAL": "CRITICAL"}
SYNC_ID_MAX = 64
CHAIN_MAX = 10
"""Errors behind an error that are told: a chain may be made to bite its tail."""
BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}
"""Characters that some readers take for the end of a line, and JSON leaves as they are."""
TRACE = re.compile(r"([0-9a-fA-F]{32})(?:[/;].*)?")
"""`X-Cloud-Trace-Context`: the trace's id, a span's behind a slash (https://cloud.google.com/trace/docs/trace-context)."""
_call: ContextVar[Mapping[str, Any]] = ContextVar("call", default={})  # noqa: B039  nobody changes it, each call sets its own


class JsonLines(logging.Formatter):
    """A record as one line: severity, message, the call's fields, the record's own `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        fields = plain(getattr(record, "fields", {}))
        message = _message(record) if _is_ours(record) else f"{fit(record.name)}: {_message(record)}"
        line = {"severity": SEVERITIES.get(record.levelname, "DEFAULT"), "message": message, **_call.get()}
        return msgspec.json.encode({**line, **(fields if isinstance(fields, dict) else {})}).decode().translate(BREAKS)


class Stdout(logging.Handler):
    """Standard output as it is when a line is written: servers and tests replace it.

    Handlers of others, such as a server's at the root, are left a record that has been made fit.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, at once; on standard error where standard output is closed."""
        line = self.format(record)
        record.msg, record.args, record.exc_info, record.exc_text = _message(record), None, None, None
        for stream in (sys.stdout, sys.stderr):
            if _printed(line, stream):
                return


def install() -> None:
    """Send the product's lines to standard output, and what other libraries warn of, once."""
    for name in NAMES:
        logging.getLogger(name).setLevel(logging.INFO)
    for logger in (*map(logging.getLogger, NAMES), logging.getLogger()):
        if not any(isinstance(handler, Stdout) for handler in logger.handlers):
            handler = Stdout()
            handler.setFormatter(JsonLines())
            if logger.name not in NAMES:
                handler.addFilter(lambda record: not _is_ours(record))
            # The first to be asked: whoever comes after it has a record that is fit.
            logger.handlers.insert(0, handler)


@contextmanager
def call(target: str, trace: str | None, project: str | None) -> Iterator[None]:
    """Give every line of a call its target, and its trace where Google has sent one (`X-Cloud-Trace-Context`)."""
    fields: dict[str, Any] = {"target": target}
    known = TRACE.fullmatch(trace or "")
    if known and project:
        fields["logging.googleapis.com/trace"] = f"projects/{fit(project)}/traces/{fit(known[1])}"
    token = _call.set(fields)
    try:
        yield
    finally:
        _call.reset(token)


def name_sync(sync_id: str) -> None:
    """Give every further line of this call the id of the sync that it belongs to, where there is one."""
    if sync_id:
        _call.set({**_call.get(), "sync_id": fit(sync_id, SYNC_ID_MAX)})


def event(name: str, **fields: Any) -> dict[str, Any]:
    """What `extra` of a log call takes for a line that metrics and alerts look for by its `event`."""
    return {"fields": {"event": name, **fields}}


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in NAMES


def _message(record: logging.LogRecord) -> str:
    """What a record says, and the places of its exception."""
    try:
        said = record.getMessage() if _is_ours(record) or not record.args else str(record.msg)
    except Exception as error:  # noqa: BLE001  a value may raise anything where it is written, and the line must come
        return fit("\n".join(["a fault of this program in writing a log line; report it", *_places(error)]))
    behind = _places(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ()
    return fit("\n".join([said, *behind]))


def _printed(line: str, stream: Any) -> bool:
    """Whether the stream took the line; one of few characters gets the others escaped."""
    try:
        print(line, file=stream, flush=True)
    except UnicodeEncodeError:
        return _printed(json.dumps(json.loads(line)), stream)
    except (OSError, ValueError):  # closed, or a pipe that nobody reads any more
        return False
    return stream is not None


def _places(error: BaseException) -> Iterator[str]:
    """The error and those behind it, the first one first, in the form that Google's error reporting knows: no text of theirs."""
    chain: list[BaseException] = []
    behind: BaseException | None = error
    while behind is not None and len(chain) < CHAIN_MAX:
        chain.append(behind)
        behind = behind.__cause__ or (None if behind.__suppress_context__ else behind.__context__)
    for one in reversed(chain):
        yield "Traceback (most recent call last):"
        for frame, line in traceback.walk_tb(one.__traceback__):
            yield f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
        yield f"{type(one).__module__}.{type(one).__qualname__}".removeprefix("builtins.")
