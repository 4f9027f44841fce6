"""The contract between the benchmark and its programs: what a program receives, and what it returns.

Here: values and their JSON. Not here: starting a program (measure), or what one does (programs).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

PAGE_SIZE = {"v1": 100, "v2": 1000}
LATER = timedelta(minutes=61)
"""The time between a first sync and the idle one. After an hour ours reads the runs of so many projects again (docs/costs.md)."""


@dataclass(frozen=True)
class Work:
    """Where the runs are, by which API they are read, and a folder for the program's files.

    `full_pages`, `start_time`, `cloud` and `idle` as in `cases.Case`. The simulator's clock is `ahead` of the machine's by
    so many seconds.
    """

    url: str
    api_key: str
    tenant_id: str
    api: str
    projects: list[str]
    since: str
    folder: str
    full_pages: bool = True
    start_time: bool = False
    cloud: bool = False
    idle: bool = False
    ahead: float = 0.0

    @property
    def page_size(self) -> int:
        """The endpoint's own maximum."""
        return PAGE_SIZE[self.api]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that open the workspace."""
        return {"X-API-Key": self.api_key, "X-Tenant-Id": self.tenant_id}

    @property
    def start(self) -> datetime:
        """A time before the oldest run."""
        return datetime.fromisoformat(self.since)

    def text(self) -> str:
        """Return the work as one line of JSON."""
        return json.dumps(asdict(self))


def read_work(text: str) -> Work:
    """Parse what `text` returns."""
    return Work(**json.loads(text))


@dataclass(frozen=True)
class Drained:
    """What a program reports: how many different runs it had, seconds of reading them, its own CPU time and peak memory."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    def text(self) -> str:
        """Return the report as one line of JSON."""
        return json.dumps(asdict(self))


def read_drained(text: str) -> Drained:
    """Parse what `text` returns."""
    return Drained(**json.loads(text))
