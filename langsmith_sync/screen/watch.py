"""The figures of passes that run in this process, gathered while they run.

Here: what the parts of a pass tell. Not here: those parts (watched), or what is shown of the figures (figures, display).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import PROJECT
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from langsmith_sync.screen import figures, held
from langsmith_sync.screen.display import Screen
from langsmith_sync.screen.figures import Expected, Figures

TOLD_SECONDS = 1.0
"""A shorter wait is no event: keeping LangSmith's pace takes many of them."""


PACE = "LangSmith's rate limit lets no request through before that"


class _Project(Struct, frozen=True):
    """What the figures need of a project's row."""

    run_count: int | None = None


_project = msgspec.json.Decoder(_Project, strict=False)


class Watch:
    """The figures of this command's passes. Threads of a pass tell it what they do; the screen asks it for `figures`."""

    def __init__(self, settings: Settings, screen: Screen) -> None:
        self._settings, self.screen = settings, screen
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._rows: Counter[str] = Counter()
        self._held: Mapping[str, int] = {}
        self._counts: dict[str, int | None] = {}
        self._state = State(source="")
        self._calls = self._requests = self._in_flight = 0
        self._waits: dict[int, tuple[float, str]] = {}
        self._is_first = False
        self._reasons = threading.local()

    def figures(self) -> Figures:
        """Return the figures as they are now."""
        with self._lock:
            return Figures(
                calls=self._calls,
                rows=dict(self._rows),
                held=self._held,
                expected=self._expected(),
                place=figures.place(self._state),
                requests=self._requests,
                in_flight=self._in_flight,
                waiting=self._waiting(),
                seconds=time.monotonic() - self._began,
            )

    def _expected(self) -> Expected:
        if self._settings.sink != "duckdb":
            return Expected(why="BigQuery's rows are not counted meanwhile")
        return figures.expected(self._state, self._counts, self._settings) if self._is_first else Expected()

    @property
    def left_aside(self) -> tuple[str, ...]:
        """The tables of which a pass that has ended left a part aside, because LangSmith fails it."""
        with self._lock:
            if not self._calls:
                return ()
            return tuple(dict.fromkeys(task.work.table_name for task in self._state.waiting("failed")))

    def begins(self) -> None:
        """Take in what the destination holds before the first pass. Only a file tells it: elsewhere nothing is expected."""
        if self._settings.sink == "duckdb":
            found = held.held(self._settings)
            with self._lock:
                self._state, self._held, self._counts = found.state, found.rows, dict(found.counts)
                self._is_first = not figures.is_complete(found.state)

    def sends(self, step: int) -> None:
        """Note that a request begins (1) or ends (-1)."""
        with self._lock:
            self._in_flight += step
            self._requests += step > 0

    def waits(self, seconds: float) -> None:
        """Wait in this thread, and show why meanwhile."""
        why = getattr(self._reasons, "why", "") or PACE
        self._reasons.why = ""
        with self._lock:
            self._waits[threading.get_ident()] = (time.monotonic() + seconds, why)
        if seconds >= TOLD_SECONDS:
            self.screen.note(f"waits {seconds:.1f} s: {why}")
        time.sleep(seconds)
        with self._lock:
            del self._waits[threading.get_ident()]

    def wrote(self, batch: Batch) -> None:
        """Note that a batch's rows went to the sink."""
        with self._lock:
            self._rows.update(batch.counts())
            self._counts |= {key: _project.decode(line).run_count for key, line in batch.lines.get(PROJECT.name, {}).items()}
            for key in batch.deletes.get(PROJECT.name, {}):
                self._counts.pop(key, None)

    def saved(self, state: State, rows: Mapping[str, int]) -> None:
        """Note the position that is saved, and the destination's `rows` by table where it tells."""
        with self._lock:
            moved = state.passes == self._state.passes and state.trouble == self._state.trouble
            self._state, self._held = state, rows or self._held
        if moved:
            now = self.figures()
            self.screen.note("; ".join(part for part in (figures.runs(now), figures.speed(now), now.place) if part))

    def retries(self, why: str) -> None:
        """Note why this thread waits next."""
        self._reasons.why = why

    def ended(self) -> None:
        """Note that a pass has ended."""
        with self._lock:
            self._calls += 1
        self.screen.note(figures.call(self.figures()), lasting=True)

    def warns(self, text: str) -> None:
        """Show a warning of the core."""
        self.screen.note(text, lasting=True)

    def _waiting(self) -> str:
        """Describe the wait that ends first."""
        if not self._waits:
            return ""
        until, why = min(self._waits.values())
        return f"waits {max(0.0, until - time.monotonic()):.1f} s: {why}"
