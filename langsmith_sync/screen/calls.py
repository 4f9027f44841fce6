"""Watch a sync through its HTTP server: a line for each call, and the figures after it.

Here: what the answers and the file between two calls say. Not here: calling (server), or drawing (display).
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from msgspec.structs import replace

from langsmith_core.settings.config import Settings
from langsmith_sync import server
from langsmith_sync.screen import display, figures, held
from langsmith_sync.screen.figures import Expected, Figures


def drain(url: str, settings: Settings) -> Figures:
    """POST until hasMore is false, and show what each call has done. The server writes the file of these settings."""
    calls, screen = Calls(settings), display.screen()
    with screen.showing(calls.figures):
        for answer in server.answers(url):
            calls.add(answer)
            screen.note(calls.line(), lasting=True)
    return calls.figures()


class Calls:
    """What the calls so far have done. A row that is read again counts again."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._began = settings, time.monotonic()
        self._rows: Counter[str] = Counter()
        self._calls, self._requests, self._worked = 0, 0, 0.0
        before = held.held(settings)
        self._is_first, self._held = not figures.is_complete(before.state), dict(before.rows)
        self._expected, self._place = Expected(), ""

    def add(self, answer: dict[str, Any]) -> None:
        """Add a call's answer, and read what the file holds between this call and the next."""
        self._rows.update(answer["rows"])
        self._calls += 1
        self._requests += answer["requests"]
        self._worked += answer["seconds"]
        found = held.held(self._settings)
        self._expected = figures.expected(found.state, found.counts, self._settings) if self._is_first else Expected()
        self._held, self._place = dict(found.rows), figures.place(found.state)

    def figures(self) -> Figures:
        """Return the figures as they are now."""
        return Figures(
            self._calls,
            dict(self._rows),
            self._held,
            self._expected,
            self._place,
            self._requests,
            seconds=time.monotonic() - self._began,
        )

    def line(self) -> str:
        """Return the line of the call that has ended, with the seconds that the calls took."""
        return figures.call(replace(self.figures(), seconds=self._worked))
