"""What shards need of Google, in memory: their documents with leases, and a queue that repeats, loses and shuffles tasks.

The documents themselves are tested on Firestore's emulator, the queue on one of Cloud Tasks (tests/emulators).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any

from langsmith_core.completeness.through import Through
from langsmith_core.destinations.duckdb.file import LocalFile
from langsmith_core.errors import BusyError
from langsmith_core.sync.batch import NEVER, Batch
from langsmith_core.sync.shards import Standing
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump


class Died(BaseException):
    """Raised where the process is killed."""


class Deaths:
    """Kills the process at the steps chosen. `steps` counts those that came."""

    def __init__(self) -> None:
        self.steps = 0
        self.at: set[int] = set()

    def step(self) -> None:
        """Die here, if it was chosen."""
        self.steps += 1
        if self.steps in self.at:
            raise Died(self.steps)


class Sink(Through):
    """DuckDB in memory, which several passes write, each batch for itself."""

    def __init__(self, file: LocalFile, deaths: Deaths) -> None:
        super().__init__(file)
        self._file, self._deaths, self.rejected = file, deaths, 0

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Write and commit a batch's rows."""
        self._deaths.step()
        self._file.write(batch, now)
        self._file.save(batch.state)
        self._deaths.step()


class Kept:
    """A store that holds one state, under a lease."""

    def __init__(self, plain: Any, now: datetime, deaths: Deaths) -> None:
        self.plain, self.changed, self.held, self._deaths = plain, now, False, deaths
        self.now: Callable[[], datetime] = lambda: now

    def load(self) -> Any:
        """Return what was saved."""
        return self.plain

    def save(self, state: State) -> None:
        """Save, or die before or after it."""
        self._deaths.step()
        self.plain, self.changed = json.loads(dump(state)), self.now()
        self._deaths.step()

    def drop(self) -> None:
        """Do nothing, because this store writes no rows."""

    @contextmanager
    def opened(self) -> Iterator[Kept]:
        """Hold it. A process that dies gives it back at once: waiting for its lease is tested on the emulator."""
        if self.held:
            raise BusyError("held")
        self.held = True
        try:
            yield self
        finally:
            self.held = False


class Documents:
    """The shards' documents."""

    def __init__(self, now: Callable[[], datetime], deaths: Deaths) -> None:
        self.kept: dict[str, Kept] = {}
        self._now, self._deaths = now, deaths

    def standing(self) -> dict[str, Standing]:
        """Return where each stands."""
        return {
            name: Standing(one.plain["turn"], "backfill" not in one.plain, (self._now() - one.changed).total_seconds())
            for name, one in self.kept.items()
        }

    def state(self, shard: str) -> Any:
        """Return a shard's state."""
        return self.kept[shard].plain

    def create(self, shard: str, state: State) -> None:
        """Make a document, unless it exists."""
        self._deaths.step()
        made = Kept(json.loads(dump(state)), self._now(), self._deaths)
        made.now = self._now
        self.kept.setdefault(shard, made)
        self._deaths.step()

    def remove(self, shard: str) -> None:
        """Remove a document."""
        self._deaths.step()
        del self.kept[shard]

    @contextmanager
    def opened(self, shard: str) -> Iterator[Kept | None]:
        """Hold a shard, or None where it does not exist."""
        if shard not in self.kept:
            yield None
            return
        with self.kept[shard].opened() as one:
            yield one


class Tasks:
    """A queue: a name is taken once, a task stays until it is answered 2xx. It may be given out twice, late, or get lost."""

    def __init__(self, deaths: Deaths, seed: int) -> None:
        self.waiting: dict[str, bytes] = {}
        self.names: set[str] = set()
        self.added = 0
        self._deaths, self._random = deaths, Random(seed)  # noqa: S311  chooses an order, no secrets

    def add(self, name: str, task: bytes) -> None:
        """Add a task, unless its name was taken before."""
        self._deaths.step()
        self.added += 1
        if name not in self.names:
            self.names.add(name)
            self.waiting[name] = task
        self._deaths.step()

    def lose(self) -> None:
        """Lose one of the waiting tasks. Its name stays taken."""
        self.waiting.pop(self._random.choice(sorted(self.waiting)))

    def dispatch(self, post: Callable[[bytes], int]) -> None:
        """Give out any task, perhaps twice. One that is not answered 2xx stays."""
        name = self._random.choice(sorted(self.waiting))
        task = self.waiting[name]
        for _ in range(self._random.choice((1, 1, 2))):
            if 200 <= post(task) < 300:
                self.waiting.pop(name, None)


def only_turns(waiting: Mapping[str, bytes]) -> list[Any]:
    """Return what waiting tasks ask for."""
    return [json.loads(task) for task in waiting.values()]
