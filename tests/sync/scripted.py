"""A source of canned answers, and what one pass of the engine makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sync.looks import SOURCE

from langsmith_core.calls import Call, Reply
from langsmith_core.langsmith.under_way import at_once
from langsmith_core.sync.batch import Batch, Limits
from langsmith_core.sync.engine import Engine
from langsmith_core.sync.state import State
from samples import NOW, settings

Answers = dict[str, Callable[[Call], Any]]


def empty(_: Call) -> list[Any]:
    """A list without a record."""
    return []


class Source:
    """Answers each path by its function, on a clock that the functions may turn. A function may raise what the client raises."""

    def __init__(self, answers: Answers) -> None:
        self.now, self.asked = NOW, list[Call]()
        paths = ("sessions", "datasets", "feedback", "feedback-configs", "annotation-queues")
        lists = [f"/api/v1/{path}" for path in paths]
        known: Answers = {"/api/v1/info": lambda _: {}, "/api/v1/repos": lambda _: {"repos": []}}
        self.answers: Answers = {**known, **dict.fromkeys(lists, empty), **answers}

    def begin(self, call: Call) -> Future[Reply]:
        """The answer to one call, or what it raises, at once."""
        return at_once(lambda: self._answer(call))

    def fetch(self, call: Call, begun: Future[Reply] | None = None) -> Reply:
        """The answer to one call, which counts as asked now, even if it was begun ahead."""
        self.asked.append(call)
        return begun.result() if begun else self._answer(call)

    def _answer(self, call: Call) -> Reply:
        return Reply(json.dumps(self.answers[call.path](call)).encode(), self.now)

    def begin_download(self, address: str, bytes_max: int) -> Future[bytes]:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)

    def download(self, address: str, bytes_max: int) -> bytes:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)

    def paths(self) -> list[str]:
        """The paths asked for, without what stands in front of each."""
        return [call.path.removeprefix("/api/v1/") for call in self.asked]


def read(source: Source, state: State | None = None, bytes_max: int = 10**6, /, **configuration: str) -> list[Batch]:
    """Everything that one pass delivers. Raises SyncError where it gained nothing."""
    limits = Limits(bytes_max=bytes_max, seconds_left=lambda: 1.0)
    engine = Engine(settings(**configuration), source, lambda: source.now, limits)
    return list(engine.batches(state or State(source=SOURCE)))


def records(found: list[dict[str, Any]]) -> Callable[[Call], list[dict[str, Any]]]:
    """An offset list of these records; those that are asked for by id or name, where any are."""

    def answer(call: Call) -> list[dict[str, Any]]:
        query = dict(call.query)
        wanted = {value for name, value in call.query if name in ("id", "name")}
        chosen = [one for one in found if not wanted or wanted & {one["id"], one["name"]}]
        begin = int(query.get("offset", 0))
        return chosen[begin : begin + int(query.get("limit", 100))]

    return answer
