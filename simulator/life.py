"""A workspace that goes on being used: what its people do in the next weeks, planned by a seed, each deed at its time.

life = Life(sim.workspace, seed=1)     # then turn the clock; what is due has happened before the next request

The same seed and beginning give the same history, however often anybody looks. All is over after `days`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

from simulator.deeds import Deeds
from simulator.workspace import Workspace

# deed: how often a day; each at least once
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
PROJECTS, DATASETS = 3, 3


class Life(Deeds):
    """One history of one workspace, from now on."""

    def __init__(self, workspace: Workspace, seed: int, days: float = 14.0) -> None:
        now = workspace.clock.now()
        super().__init__(workspace, now + timedelta(days=days))
        self.happened: Counter[str] = Counter()
        dice = Random(seed)
        for _ in range(PROJECTS):
            self.make_project()
        for _ in range(DATASETS):
            self.make_dataset(dice)
        for deed, often in PER_DAY.items():
            for _ in range(max(1, round(often * days))):
                workspace.schedule.add(now + (self.end - now) * dice.random(), self._planned(deed, Random(dice.random())))

    def _planned(self, deed: str, dice: Random) -> Callable[[], object]:
        def happens() -> None:
            self.happened[deed] += bool(getattr(self, deed)(dice))

        return happens
