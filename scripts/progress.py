"""Call the function until it has nothing more, and print a line for each call: in place on a
terminal, below each other elsewhere.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import drive

sys.path.insert(0, str(Path(__file__).parents[1]))

from langsmith_core.streams import registry

TABLES = tuple(table.name for table in registry.TABLES)
SHOWN = 3  # tables in a line
CLEAR_LINE = "\r\x1b[K"


@dataclass
class Progress:
    """What the calls so far have done. A row that is read again counts again."""

    calls: int = 0
    requests: int = 0
    seconds: float = 0.0
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, answer: dict[str, Any]) -> None:
        """Add a call's answer."""
        self.calls += 1
        self.requests += answer["requests"]
        self.seconds += answer["seconds"]
        self.rows.update(answer["rows"])

    def __str__(self) -> str:
        rows = ", ".join(
            f"{table.removeprefix('langsmith_')} {count:,}" for table, count in self.rows.most_common(SHOWN) if count
        )
        others = sum(count for _, count in self.rows.most_common()[SHOWN:])
        rows += f", others {others:,}" if others else ""
        return f"  call {self.calls}: {rows or 'no row'}; {self.requests:,} requests, {self.seconds:.1f} s"


def drain(url: str) -> Progress:
    """POST until hasMore is false."""
    progress, more = Progress(), True
    while more:
        answer = drive.post(url)
        progress.add(answer)
        more = answer["hasMore"]
        _show(str(progress), last=not more)
    return progress


def _show(line: str, *, last: bool) -> None:
    if sys.stdout.isatty():
        width = None if last else shutil.get_terminal_size().columns - 1  # a line that wraps cannot be rewritten
        print(CLEAR_LINE + line[:width], end="\n" if last else "", flush=True)
    else:
        print(line, flush=True)
