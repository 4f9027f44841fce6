"""Write log lines of one call to Fivetran's log, in place of standard output.

A line has the same text, cleaned of secrets and payloads, and the fields behind it as JSON. Outside a call nothing is written:
the SDK sets its level only when it starts, and a line before that would fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from langsmith_core import logs

LINES_MAX, PER = 1_000, timedelta(minutes=1)
"""Fivetran documents 1,500 lines a minute."""
LEFT_OUT = "Fivetran takes no more lines this minute: %d lines were left out"


class Log(Protocol):
    """What is used of the SDK's `Logging`."""

    def info(self, message: str) -> None:
        """Write a line of level INFO."""

    def warning(self, message: str) -> None:
        """Write a line of level WARNING."""

    def error(self, message: str) -> None:
        """Write a line of level ERROR."""


@contextmanager
def told_to(log: Log, now: Callable[[], datetime]) -> Iterator[None]:
    """Write all lines to Fivetran's log until the block ends: ours from INFO on, other libraries' from WARNING on."""
    loggers = [logging.getLogger(name) for name in (*logs.NAMES, None)]
    handler = _Told(log, now)
    handlers = {logger: handler if logger.name in logs.NAMES else _Foreign(handler) for logger in loggers}
    for logger, one in handlers.items():
        if one is handler:
            logger.setLevel(logging.INFO)
        logger.handlers.insert(0, one)  # first in the list: every later handler gets a cleaned record
    try:
        yield
    finally:
        handler.tell_left_out()
        for logger, one in handlers.items():
            logger.removeHandler(one)


class _Told(logs.Handler):
    """Writes each record as a line of the matching level, at most LINES_MAX in a minute."""

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setFormatter(_Text())
        self._log, self._now = log, now
        self._since, self._lines, self._left_out = now(), 0, 0

    def put(self, record: logging.LogRecord, line: str) -> None:
        """Write the line, or count it as left out."""
        if self._now() - self._since >= PER:
            self.tell_left_out()
        if self._lines >= LINES_MAX:
            self._left_out += 1
            return
        self._lines += 1
        self._write(record.levelno, line)

    def tell_left_out(self) -> None:
        """Begin a new minute, and say how many lines the last one has left out."""
        left_out, self._since, self._lines, self._left_out = self._left_out, self._now(), 0, 0
        if left_out:
            self._lines = 1
            self._write(logging.WARNING, LEFT_OUT % left_out)

    def _write(self, level: int, line: str) -> None:
        write = self._log.error if level >= logging.ERROR else self._log.warning if level >= logging.WARNING else self._log.info
        with suppress(OSError, ValueError):  # the SDK prints; nobody reads its output any more
            write(line)


class _Foreign(logging.Handler):
    """Passes on other libraries' records. Ours have their own handler."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self._handler = handler

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        if not logs.is_ours(record):
            self._handler.emit(record)


class _Text(logging.Formatter):
    """Formats a record as its message, then its fields as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = logs.fields(record)
        return logs.message(record) + (f" {msgspec.json.encode(fields).decode()}" if fields else "")
