"""The parts of a pass that runs in this process, wrapped so that each tells what it does.

The engine knows nothing of this. A pass takes a clock, an HTTP session, a sink and a store; here each of them also tells a watch.
Not here: what the watch makes of it (watch).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests

from langsmith_core import logs
from langsmith_core.clock import SystemClock
from langsmith_core.completeness.through import Through
from langsmith_core.faces.standalone import CountedSink, Store
from langsmith_core.langsmith import client, retries, under_way
from langsmith_core.masking import fit
from langsmith_core.sync.batch import NEVER, Batch
from langsmith_core.sync.state import State
from langsmith_sync.screen.watch import Watch


def session(watch: Watch) -> requests.Session:
    """Make the HTTP session of a pass. Each of its transports tells the watch."""
    made = client.session(under_way.THREADS_MAX)
    for scheme, adapter in list(made.adapters.items()):
        made.mount(scheme, WatchedAdapter(adapter, watch))
    return made


class WatchedClock(SystemClock):
    """The machine's clock. Whoever waits by it is seen."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        self._watch.waits(seconds)


class WatchedAdapter(requests.adapters.BaseAdapter):
    """A transport that tells when a request begins, and when its answer is read."""

    def __init__(self, inner: requests.adapters.BaseAdapter, watch: Watch) -> None:
        super().__init__()
        self._inner, self._watch = inner, watch

    def send(self, *values: Any, **named: Any) -> requests.Response:
        """Send a request by the transport within."""
        self._watch.sends(1)
        try:
            response = self._inner.send(*values, **named)
        except BaseException:
            self._watch.sends(-1)
            raise
        response.close = _Once(response.close, self._watch)  # type: ignore[method-assign]  # whoever reads an answer closes it
        return response

    def close(self) -> None:
        """Close the transport within."""
        self._inner.close()


class _Once:
    """Closes an answer, and tells so the first time."""

    def __init__(self, close: Callable[[], None], watch: Watch) -> None:
        self._close, self._watch, self._is_open = close, watch, True

    def __call__(self) -> None:
        if self._is_open:
            self._is_open = False
            self._watch.sends(-1)
        self._close()


class WatchedSink(Through):
    """A sink that tells what it has written. `rejected` counts the rows that it could not take."""

    def __init__(self, inner: CountedSink, watch: Watch) -> None:
        super().__init__(inner)
        self._inner, self._watch, self.rejected = inner, watch, inner.rejected

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Write a batch."""
        self._inner.write(batch, now)
        self.rejected = self._inner.rejected
        self._watch.wrote(batch)


class WatchedStore:
    """A store that tells what it has saved. `rows` counts the destination's rows, where that is cheap."""

    def __init__(self, inner: Store, watch: Watch, rows: Callable[[], Mapping[str, int]]) -> None:
        self._inner, self._watch, self._rows = inner, watch, rows

    def load(self) -> Any:
        """Load the state."""
        return self._inner.load()

    def save(self, state: State) -> None:
        """Save the state."""
        self._inner.save(state)
        self._watch.saved(state, self._rows())

    def drop(self) -> None:
        """Drop what is not saved."""
        self._inner.drop()


class Warnings(logging.Handler):
    """Shows the core's warnings, and keeps the reason of a retry for the wait that follows in the same thread."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        """Show one line, without any key."""
        if record.name == retries.__name__ and isinstance(record.args, tuple):
            self._watch.retries(fit(str(record.args[-1])))
        elif record.levelno >= logging.WARNING:
            self._watch.warns(f"{record.levelname.lower()}: {logs.message(record)}")
