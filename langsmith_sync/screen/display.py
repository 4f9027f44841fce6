"""Draw the figures: a panel that is drawn anew four times a second in a terminal, and one plain line for each event elsewhere.

Not here: the figures (figures), or who gathers them (watch, calls).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from langsmith_sync.screen import figures
from langsmith_sync.screen.figures import Figures

BAR_WIDTH = 40
REDRAWN = 4
"""Times a second."""


class Screen(Protocol):
    """Where events are shown."""

    def note(self, line: str, *, lasting: bool = False) -> None:
        """Show an event. One that is not `lasting` is left out where the figures show it anyway."""

    def showing(self, of: Callable[[], Figures]) -> AbstractContextManager[None]:
        """Show the figures, where this screen has a place for them, until the block ends."""


def screen() -> Screen:
    """Return a panel where standard output is a terminal, else lines."""
    console = Console(highlight=False)
    return Panel(console) if console.is_terminal and not console.is_dumb_terminal else Lines()


class Lines:
    """One plain line for each event, for files, pipes and logs."""

    def note(self, line: str, *, lasting: bool = False) -> None:  # noqa: ARG002  every event is a line here
        """Print the event."""
        print(f"  {line}", flush=True)

    @contextmanager
    def showing(self, of: Callable[[], Figures]) -> Iterator[None]:  # noqa: ARG002  lines tell of events only
        """Show nothing but events."""
        yield


class Panel:
    """Figures that stay in place at the foot of a terminal. Lasting events scroll by above them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._figures: Callable[[], Figures] = Figures

    def note(self, line: str, *, lasting: bool = False) -> None:
        """Print a lasting event above the panel."""
        if lasting:
            self._console.print(Text(f"  {line}"))

    @contextmanager
    def showing(self, of: Callable[[], Figures]) -> Iterator[None]:
        """Show the figures until the block ends."""
        self._figures = of
        with Live(get_renderable=self._drawn, console=self._console, refresh_per_second=REDRAWN, transient=True):
            yield

    def _drawn(self) -> Group:
        return drawn(self._figures())


def drawn(now: Figures) -> Group:
    """Return the panel: runs and their bar, all rows, the place, the speed, and a wait."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row("  runs", _bar(now), figures.runs(now))
    lines = [f"rows   {figures.rows(now.rows)}", now.place, f"{figures.speed(now)}, {now.seconds:,.0f} s", now.waiting]
    return Group(grid, *(Text(f"  {line}", no_wrap=True, overflow="ellipsis") for line in lines if line))


def _bar(now: Figures) -> ProgressBar | str:
    part = figures.share(now)
    return "" if part is None else ProgressBar(total=1.0, completed=part, width=BAR_WIDTH)
