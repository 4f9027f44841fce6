"""A workspace in use: a seeded plan of what people do in the next weeks, each action at its own time.

activity = Activity(sim.workspace, seed=1)     # then advance the clock; actions that are due run before the next request

The same seed and start give the same history, however often a client looks. Nothing happens after `days`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from simulator.actions import CoreActions
from simulator.resources import RESOURCES
from simulator.workspace import Workspace

# action: how often a day; each happens at least once
PER_DAY: dict[str, float] = {
    "run_ends_at_once": 6,
    "run_ends_late": 4,
    "run_never_ends": 1,
    "run_arrives_late": 4,
    "run_is_indexed_late": 3,
    "run_is_edited": 2,
    "run_is_deleted": 0.5,
    "feedback_is_given": 4,
    "feedback_is_edited": 1,
    "feedback_is_taken_back": 0.5,
    "example_is_added": 2,
    "example_is_edited": 1,
    "example_is_deleted": 0.5,
    "dataset_is_renamed": 0.2,
    "dataset_is_deleted": 0.1,
    "project_appears": 0.4,
    "project_is_renamed": 0.2,
    "project_is_deleted": 0.2,
}
RESOURCE_ACTIONS = {name: action for resource in RESOURCES for name, action in resource.actions.items()}
ALL_ACTIONS = (*PER_DAY, *RESOURCE_ACTIONS)
PROJECTS, DATASETS = 3, 3


class Activity(CoreActions):
    """One history of one workspace, from now on. `happened` counts the actions that changed something."""

    def __init__(self, workspace: Workspace, seed: int, days: float = 14.0) -> None:
        self._begin = workspace.clock.now()
        super().__init__(workspace, self._begin + timedelta(days=days))
        self.happened: Counter[str] = Counter()
        rng = Random(seed)
        for _ in range(PROJECTS):
            self.make_project()
        for _ in range(DATASETS):
            self.make_dataset(rng)
        for name, often in PER_DAY.items():
            self._plan(name, often * days, rng, getattr(self, name))
        for name, action in RESOURCE_ACTIONS.items():
            self._plan(name, action.per_day * days, Random(f"{seed} {name}"), partial(action.act, workspace))

    def _plan(self, name: str, times: float, rng: Random, act: Callable[[Random], object]) -> None:
        """Plan an action this many times, at least once, at random moments until the end."""
        for _ in range(max(1, round(times))):
            at = self._begin + (self.end - self._begin) * rng.random()
            self.workspace.schedule.add(at, partial(self._happens, name, act, Random(rng.random())))

    def _happens(self, name: str, act: Callable[[Random], object], rng: Random) -> None:
        before = {resource.table: set(resource.rows(self.workspace)) for resource in RESOURCES}
        self.happened[name] += bool(act(rng))
        for resource in RESOURCES:
            self.gone[resource.table] |= before[resource.table]
            self.gone[resource.table] -= resource.rows(self.workspace).keys()
