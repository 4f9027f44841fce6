"""The engine's loop on canned answers. Not here: what it reads of a workspace (simulation)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from core.samples import NOW, settings
from core.walks import DAY, SOURCE, A, D, uid
from langsmith_core.sync.batch import Batch, Limits
from langsmith_core.calls import Call, Reply
from langsmith_core.sync.engine import Engine
from langsmith_core.sync.state import State
from langsmith_core.records.times import render

Answers = dict[str, Callable[[Call], Any]]


class Source:
    """Answers each path by its function, on a clock that the functions may turn."""

    def __init__(self, answers: Answers) -> None:
        self.now, self.asked = NOW, list[Call]()
        self._answers: Answers = {
            "/api/v1/info": lambda _: {},
            "/api/v1/sessions": lambda _: [],
            "/api/v1/datasets": lambda _: [],
            "/api/v1/feedback": lambda _: [],
            **answers,
        }

    def fetch(self, call: Call) -> Reply:
        """The answer to one call."""
        self.asked.append(call)
        return Reply(json.dumps(self._answers[call.path](call)).encode(), self.now)

    def download(self, address: str, bytes_max: int) -> bytes:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)


def read(source: Source, **configuration: str) -> list[Batch]:
    """Everything that one pass delivers."""
    limits = Limits(bytes_max=10**6, seconds_left=lambda: 1.0)
    return list(Engine(settings(**configuration), source, lambda: source.now, limits).batches(State(source=SOURCE)))


def test_an_empty_workspace_is_read_to_its_end() -> None:
    """Each list is asked for once or twice, and the sync is over."""
    (batch,) = read(source := Source({}))
    assert (batch.counts(), batch.has_more) == ({"langsmith_project": 0, "langsmith_dataset": 0, "langsmith_feedback": 0}, False)
    assert [call.path for call in source.asked].count("/api/v1/info") == 1


class Changing(Source):
    """A workspace whose history drains for hours, and whose dataset has a new version with a new example each hour."""

    def __init__(self) -> None:
        last_run = render(NOW - 300 * DAY)
        super().__init__(
            {
                "/api/v1/sessions": lambda _: [{"id": A, "name": "p", "last_run_start_time": last_run}],
                "/api/v1/runs/query": self.runs,
                "/api/v1/datasets": lambda _: [{"id": D, "name": "d"}],
                f"/api/v1/datasets/{D}/versions": lambda _: [{"as_of": render(self.now)}],
                f"/api/v1/datasets/{D}/versions/diff": self.difference,
                "/api/v1/examples": lambda call: [{"id": one, "dataset_id": D} for name, one in call.query if name == "id"],
            }
        )
        self.added: list[str] = []

    def runs(self, _: Call) -> Any:
        """A page an hour, four in all."""
        self.now += timedelta(minutes=61)
        number = (self.now - NOW) // timedelta(minutes=61)
        start = render(NOW - timedelta(days=300, hours=number))
        run = {"id": uid("e", number), "session_id": A, "start_time": start, "end_time": start}
        return {"runs": [run], "cursors": {"next": f"{number}" if number < 4 else None}}

    def difference(self, _: Call) -> Any:
        """One more example."""
        self.added.append(uid("f", len(self.added)))
        return {"examples_added": self.added[-1:], "examples_modified": [], "examples_removed": []}


def test_every_cycle_of_a_pass_reads_the_difference_of_its_own() -> None:
    """A pass of hours looks at the workspace hourly: each look reads what has changed since the one before."""
    source = Changing()
    delivered = {key for batch in read(source) for key in batch.lines.get("langsmith_example", {})}
    versions = [call for call in source.asked if call.path.endswith("/versions")]
    assert len(versions) > 2
    assert (len(source.added), delivered) == (len(versions) - 1, set(source.added))
