"""A past read by shards gives the same tables, whatever dies, is repeated, comes late or gets lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from simulation.shard_places import Deaths, Died, Documents, Kept, Sink, Tasks, only_turns

from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import destination, one_pass
from langsmith_core.langsmith.pacing import whole
from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID

RUNS, DAYS = 150, 30
TURNS_MAX = 3_000


class Several:
    """A world whose `sync` gives its past to shards."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch, seed: int = 0, instances: int = 2) -> None:
        self.world, self.deaths = world, Deaths()
        self.own = Kept(None, world.clock.now(), self.deaths)
        self.documents = Documents(world.clock.now, self.deaths)
        self.tasks = Tasks(self.deaths, seed)
        self.scheduled = b""
        world.configure(
            SINK="bigquery",
            SHARDS=str(instances),
            TASKS_QUEUE="projects/p/locations/l/queues/q",
            TASKS_URL="https://f",
            TASKS_ACCOUNT="a@b",
        )
        for name in ("opened", "sink", "shards", "queue", "share"):
            patch.setattr(destination, name, getattr(self, name))
        patch.setattr(one_pass, "BIGQUERY_BATCH_BYTES", 40_000)

    @contextmanager
    def sink(self, *_: object) -> Iterator[Sink]:
        """Open the database in memory."""
        with local.opened(self.world.database) as file:
            yield Sink(file, self.deaths)

    @contextmanager
    def opened(self, *_: object) -> Iterator[tuple[Sink, Kept]]:
        """Open the sink and the scheduled pass's own store."""
        self.own.now = self.world.clock.now
        with self.own.opened() as store, self.sink() as sink:
            yield sink, store

    @contextmanager
    def shards(self, _: object) -> Iterator[Documents]:
        """Give the shards' documents."""
        yield self.documents

    @contextmanager
    def queue(self, _: object) -> Iterator[Tasks]:
        """Give the queue."""
        yield self.tasks

    @contextmanager
    def share(self, *_: object, **__: object) -> Iterator[Callable[[], float]]:
        """Give all of the limits: sharing them is tested elsewhere."""
        yield whole

    def post(self, task: bytes = b"") -> tuple[int, dict[str, Any]]:
        """POST to `sync`, by default as the scheduler does. A process that dies answers 599."""
        try:
            answer = self.world.post("/sync", task or self.scheduled)
        except Died:
            return 599, {"hasMore": True}
        return answer.status_code, json.loads(answer.data)

    def turn(self, task: bytes) -> int:
        """Run a task."""
        return self.post(task)[0]

    def sync(self, each: Callable[[], None] = lambda: None) -> None:
        """Call the scheduled pass, and give out tasks between its calls, until nothing is left. `each` comes before each task."""
        for _ in range(TURNS_MAX):
            status, answer = self.post()
            assert status in (200, 599), answer
            for _ in range(4):
                each()
                if self.tasks.waiting:
                    self.tasks.dispatch(self.turn)
            self.world.clock.advance(minutes=1)
            if not answer["hasMore"]:
                return
        pytest.fail(f"{TURNS_MAX} scheduled passes, and still more")


@pytest.fixture
def several(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Several]:
    """Return a function that makes a workspace of some projects whose past lies in shards."""

    def make(mode: str = "smithdb", seed: int = 0) -> Several:
        w = world(mode, seed=seed)
        w.sim.corpus(projects=3, runs=RUNS, days=DAYS)
        w.configure(PAGE_SIZE="20")
        return Several(w, monkeypatch, seed)

    return make


def test_shards_read_the_whole_past(several: Callable[..., Several]) -> None:
    """The tables are those that LangSmith shows. The shards' documents are gone in the end, and so are their tasks."""
    one = several()
    assert one.post()[1]["hasMore"] is True
    given = one.own.plain["backfill"]["given"]
    assert len(one.documents.kept) == len(one.tasks.waiting) == given > 8
    one.sync()
    one.world.assert_complete("duckdb")
    assert (one.documents.kept, one.tasks.waiting) == ({}, {})
    assert "backfill" not in one.own.plain
    assert one.tasks.added < 3 * given


def test_the_tasks_of_a_workspace_name_it(several: Callable[..., Several]) -> None:
    """Where there are several, a task reads the workspace whose scheduled pass gave it out, and so does its successor."""
    one = several()
    entry = {"LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "BIGQUERY_DATASET": "mine"}
    one.world.configure(WORKSPACES=json.dumps({"mine": entry}), LANGSMITH_API_KEY__MINE=DEFAULT_API_KEY)
    one.world.configure(LANGSMITH_TENANT_ID="", LANGSMITH_API_KEY="")
    one.scheduled = b'{"workspace":"mine"}'
    names = set[str]()
    one.sync(lambda: names.update(json.loads(task)["workspace"] for task in one.tasks.waiting.values()))
    one.world.assert_complete("duckdb")
    assert (names, one.documents.kept) == ({"mine"}, {})


@pytest.mark.parametrize("seed", range(4))
def test_deaths_repeats_and_losses_change_nothing(several: Callable[..., Several], seed: int) -> None:
    """Processes die at any step: before and after rows, positions, documents and tasks. Tasks come twice, in any order, or
    never. The tables are the same, and each document and task has gone in the end.
    """
    one, random = several(seed=seed), Random(seed)  # noqa: S311  chooses steps, no secrets
    one.deaths.at = {step for step in range(1, 600) if random.random() < 0.08}
    lost = list[str]()

    def trouble() -> None:
        if one.tasks.waiting and random.random() < 0.05:
            one.tasks.lose()
            lost.append("a task")
        if not one.tasks.waiting:
            one.world.clock.advance(minutes=30)

    one.sync(trouble)
    one.deaths.at = set()
    one.sync()
    one.world.assert_complete("duckdb")
    assert (one.documents.kept, one.tasks.waiting) == ({}, {})
    assert one.deaths.steps > 300
    assert lost


def test_a_run_that_ends_late_is_found_though_a_shard_has_read_it(several: Callable[..., Several]) -> None:
    """A run of nine days ago lies in a shard's window, without an end. It ends three days later: the next sync brings it."""
    one = several()
    start = one.world.clock.now() - timedelta(days=9)
    run = one.world.workspace.add_run(one.world.workspace.add_project("slow"), start_time=start, end_time=None)
    one.sync()
    assert one.world.in_duckdb("langsmith_run")[run]["end_time"] is None
    one.world.clock.advance(days=3)
    one.world.workspace.update_run(run, end_time=one.world.clock.now())
    one.world.clock.advance(hours=1)
    one.sync()
    one.world.assert_complete("duckdb")


def test_a_turn_that_a_repeated_task_finds_made_is_not_made_again(several: Callable[..., Several]) -> None:
    """The repeat asks LangSmith for nothing, and adds the next turn's task under the name that it has already."""
    one = several()
    one.post()
    shard = max(one.documents.kept, key=lambda name: int(name.rpartition("-")[2]))
    (name, task) = next((name, task) for name, task in one.tasks.waiting.items() if json.loads(task)["shard"] == shard)
    del one.tasks.waiting[name]
    one.world.configure(MAX_SECONDS="0.001")
    assert one.turn(task) == 200
    before, added = dict(one.tasks.waiting), one.tasks.added
    assert {"shard": shard, "turn": 1} in only_turns(before)
    one.world.sim.requests.clear()
    assert one.turn(task) == 200
    assert (one.tasks.waiting, one.tasks.added, one.world.sim.requests) == (before, added + 1, [])


def test_a_changed_configuration_takes_the_shards_with_it(several: Callable[..., Several]) -> None:
    """Tasks of the old configuration read nothing. The scheduled pass removes their documents, and gives the new past out."""
    one = several()
    one.post()
    old = set(one.documents.kept)
    one.world.configure(START_TIME="2026-05-10")
    task = next(iter(one.tasks.waiting.values()))
    one.world.sim.requests.clear()
    assert one.post(task) == (200, {"hasMore": False, "rows": {}, "requests": 0, "seconds": 0.0})
    assert not one.world.sim.requests
    one.post()
    assert one.documents.kept
    assert not old & one.documents.kept.keys()
    one.sync()
    assert (one.documents.kept, one.own.plain.get("backfill")) == ({}, None)


@pytest.mark.parametrize("change", [{"SHARDS": "0"}, {"mode": "clickhouse"}])
def test_the_past_is_taken_back_where_shards_may_not_read_it(several: Callable[..., Several], change: dict[str, Any]) -> None:
    """SHARDS is set back, or LangSmith serves v1 alone from now on. The scheduled pass reads the past itself."""
    one = several()
    one.post()
    one.tasks.dispatch(one.turn)
    if "mode" in change:
        one.world.sim.mode = change["mode"]
    else:
        one.world.configure(**change)
    one.world.clock.advance(hours=2)
    one.sync()
    one.world.assert_complete("duckdb")
    assert "backfill" not in one.own.plain


def test_v1_is_not_read_by_shards(several: Callable[..., Several]) -> None:
    """One instance uses up v1's limit, so the scheduled pass reads the past alone."""
    one = several("clickhouse")
    one.sync()
    one.world.assert_complete("duckdb")
    assert one.tasks.added == 0
