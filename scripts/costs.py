"""Count the requests that a sync costs, on the simulator, by kind, for docs/costs.md: `make costs`.

Every figure counts requests that the simulator served. Nothing is timed.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from langsmith_core.langsmith import client as langsmith  # noqa: E402
from langsmith_core.settings import config  # noqa: E402
from langsmith_core.sync import state_json  # noqa: E402  the path above comes first
from langsmith_core.sync.batch import Limits  # noqa: E402
from langsmith_core.sync.engine import Engine  # noqa: E402
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator, hub, queues  # noqa: E402
from simulator.settings import Mode  # noqa: E402

MODES: tuple[Mode, ...] = ("clickhouse", "smithdb")
API = {"clickhouse": "v1", "smithdb": "v2"}
KINDS = (
    *("info", "sessions", "runs", "datasets", "versions", "diff", "examples", "feedback", "feedback_configs"),
    *("annotation_queues", "annotation_queue_items", "prompts", "prompt_commits", "usage"),
)
SETTINGS = config.load(
    {"LANGSMITH_API_KEY": DEFAULT_API_KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "PAGE_SIZE": "1000", "LANGSMITH_ORG_ID": "0"}
)


class Workspace:
    """A simulated workspace and the state of its sync."""

    def __init__(self, mode: Mode) -> None:
        self.clock = Clock("2026-06-01T00:00:00Z")
        self.sim = Simulator(clock=self.clock, mode=mode, seed=1)
        self.sim.usage_readable = True
        self.state = state_json.load({}, SETTINGS.source)
        self.rows = 0

    def sync(self) -> Counter[str]:
        """Call until nothing is left; return the requests by kind."""
        self.sim.requests.clear()
        session = langsmith.session()
        session.mount("https://", self.sim.adapter())
        self.rows, more = 0, True
        while more:
            client = langsmith.LangSmith(SETTINGS, self.clock, self.clock.now() + timedelta(hours=1), session)
            batch = next(Engine(SETTINGS, client, self.clock.now, Limits(8_000_000, lambda: 3600.0)).batches(self.state))
            self.state, more = batch.state, batch.has_more
            self.rows += sum(batch.counts().values())
        return Counter(request.kind for request in self.sim.requests)


def first_sync(mode: Mode, projects: int, runs: int) -> tuple[str, Workspace, Counter[str]]:
    """Read all of a corpus."""
    w = Workspace(mode)
    w.sim.corpus(projects=projects, runs=runs, datasets=3, examples=100, days=60)
    return f"first sync, {runs:,} runs in {projects} projects", w, w.sync()


def idle(mode: Mode, projects: int, minutes: int = 15) -> tuple[str, Workspace, Counter[str]]:
    """Sync again so many minutes later: nothing is new, only the overlap of 20 active projects is read again."""
    w = Workspace(mode)
    made = [w.sim.workspace.add_project(f"p{number}") for number in range(projects)]
    for project in made:
        w.sim.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=3))
    w.sync()
    w.clock.advance(hours=25)
    w.sync()
    for project in made[:: projects // 20]:
        w.sim.workspace.add_run(project)
    w.clock.advance(minutes=30)
    w.sync()
    w.clock.advance(minutes=minutes)
    return f"idle sync after {minutes} minutes, {projects:,} projects, 20 active", w, w.sync()


def changed(mode: Mode) -> tuple[str, Workspace, Counter[str]]:
    """Sync after one run in twenty got feedback."""
    w = Workspace(mode)
    w.sim.corpus(projects=5, runs=5_000, datasets=3, examples=100, days=20)
    w.sync()
    w.clock.advance(hours=25)
    w.sync()
    for run in list(w.sim.workspace.truth()["langsmith_run"])[::20]:
        w.sim.workspace.add_feedback(run, "late", score=1.0)
    w.clock.advance(minutes=30)
    return "sync after feedback on 5 % of 5,000 runs", w, w.sync()


def finished(mode: Mode) -> tuple[str, Workspace, Counter[str]]:
    """Sync after one run in twenty ended."""
    w = Workspace(mode)
    w.sim.corpus(projects=5, runs=4_750, datasets=3, examples=100, days=20)
    projects = list(w.sim.workspace.truth()["langsmith_project"])
    starts = [w.clock.now() - timedelta(minutes=20 * number) for number in range(250)]
    pending = [w.sim.workspace.add_run(projects[n % 5], start_time=at, status="pending") for n, at in enumerate(starts)]
    w.sync()
    w.clock.advance(hours=25)
    w.sync()
    for run in pending:
        w.sim.workspace.finish_run(run)
    w.clock.advance(minutes=30)
    return "sync after the end of 5 % of 5,000 runs", w, w.sync()


def reviewed(mode: Mode) -> tuple[str, Workspace, Counter[str]]:
    """Sync after items were added to two of twenty annotation queues, and removed from one of the two."""
    w = Workspace(mode)
    work = w.sim.workspace
    project = work.add_project("p")
    runs = [work.add_run(project) for _ in range(150)]
    made = [queues.add_queue(work, f"queue {number}") for number in range(20)]
    items = [[queues.add_item(work, queue, run) for run in runs] for queue in made]
    w.sync()
    w.clock.advance(hours=25)
    w.sync()
    for queue in made[:2]:
        queues.add_item(work, queue, runs[0])
    queues.remove_item(work, made[0], items[0][0])
    queues.remove_item(work, made[0], items[0][1])
    w.clock.advance(minutes=30)
    return "sync after changes of 2 of 20 annotation queues of 150 items", w, w.sync()


def prompted(mode: Mode) -> tuple[str, Workspace, Counter[str]]:
    """Sync on the next day, after commits to 5 of 250 prompts: the daily pass, with the day's usage."""
    w = Workspace(mode)
    made = [hub.make_prompt(w.sim.workspace, f"prompt {number}") for number in range(250)]
    for prompt in made:
        hub.push_commit(w.sim.workspace, prompt, {"n": 1})
    w.sim.workspace.add_run(w.sim.workspace.add_project("p"))
    w.sync()
    for prompt in made[:5]:
        hub.push_commit(w.sim.workspace, prompt, {"n": 2})
    w.clock.advance(hours=25)
    return "sync on the next day, after commits to 5 of 250 prompts", w, w.sync()


CASES: tuple[Callable[[Mode], tuple[str, Workspace, Counter[str]]], ...] = (
    lambda mode: first_sync(mode, 5, 5_000),
    lambda mode: first_sync(mode, 20, 20_000),
    lambda mode: idle(mode, 100),
    lambda mode: idle(mode, 2_000),
    lambda mode: idle(mode, 10_000),
    lambda mode: idle(mode, 10_000, 61),
    finished,
    changed,
    reviewed,
    prompted,
)
HEAD = """# What a sync costs in requests

Written by `make costs`: counts of what the simulator served, PAGE_SIZE=1000 (v1 caps it at 100). Nothing is timed.
Every sync reads the whole list of projects. At 10,000 projects that is more than one answer holds. A sync then reads the
24 hours before it again at most hourly (docs/DESIGN.md): not after 15 minutes, but after 61.

| | API | rows | requests | {kinds} |
|---|---|---|---|{rules}
"""


def main() -> None:
    """Count every case by each API and write the table."""
    logging.disable(logging.CRITICAL)
    text = HEAD.format(kinds=" | ".join(KINDS), rules="---|" * len(KINDS))
    for case in CASES:
        for mode in MODES:
            name, w, counts = case(mode)
            figures = " | ".join(str(counts[kind]) for kind in KINDS)
            text += f"| {name} | {API[mode]} | {w.rows:,} | {counts.total()} | {figures} |\n"
    (ROOT / "docs" / "costs.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
