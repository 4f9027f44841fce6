"""Steps that change the datasets of the simulated workspace, each with what announces the change.

Here too: what every such step needs. Not here: projects, runs and feedback (source).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from silence import secret
from simulation.machine.promises import DATASET, EXAMPLE, Change, Promises

from product import World

DATASETS_MAX, EXAMPLES_MAX = 4, 40
picks = st.integers(0, 199)
few = st.integers(1, 6)
Item = TypeVar("Item")


def one(items: Sequence[Item], pick: int) -> Item:
    """One of the items, the same for the same pick."""
    return items[pick % len(items)]


class Datasets(RuleBasedStateMachine):
    """A workspace in which people make examples."""

    world: World
    promises: Promises

    @property
    def now(self) -> datetime:
        """The present."""
        return self.world.clock.now()

    def changes_end(self) -> None:
        """Note the truth as the step has left it."""
        self.promises.noted(self.world.workspace.truth())

    def new_dataset(self, examples: int) -> None:
        """A dataset with examples."""
        workspace = self.world.workspace
        dataset = workspace.add_dataset(f"dataset {self.promises.count(DATASET)}")
        for _ in range(examples):
            self._new_example(dataset)
        self.promises.changed(DATASET, dataset, Change(self.now))

    def _new_example(self, dataset: str) -> None:
        told = secret(f"asked at {self.now}")
        example = self.world.workspace.add_example(dataset, {"q": told}, {"a": told}, metadata={"m": told})
        self.promises.changed(EXAMPLE, example, Change(self.now))

    @precondition(lambda self: len(self.world.workspace.datasets) < DATASETS_MAX)
    @rule(examples=st.integers(0, 5))
    def a_dataset_appears(self, examples: int) -> None:
        """A new dataset."""
        self.new_dataset(examples)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.datasets)
    @rule(pick=picks, what=st.sampled_from(["rename", "describe", "delete"]))
    def a_dataset_changes(self, pick: int, what: str) -> None:
        """A dataset is renamed, described, or deleted with its examples."""
        workspace, now = self.world.workspace, self.now
        dataset = one(list(workspace.datasets), pick)
        self.promises.changed(DATASET, dataset, Change(now))
        if what == "rename":
            workspace.rename_dataset(dataset, f"renamed {uuid.UUID(dataset).hex[:4]} {now:%j%H%M%S}")
        elif what == "describe":
            workspace.edit_dataset(dataset, description=f"described at {now}")
        else:
            for example in workspace.datasets[dataset].examples:
                self.promises.changed(EXAMPLE, example, Change(now))
            workspace.delete_dataset(dataset)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.datasets)
    @rule(pick=picks, what=st.sampled_from(["add", "edit", "delete"]), count=few)
    def examples_change(self, pick: int, what: str, count: int) -> None:
        """Examples of one dataset are added, edited or deleted."""
        workspace = self.world.workspace
        dataset = workspace.datasets[one(list(workspace.datasets), pick)]
        living = [one.id for one in dataset.examples.values() if not one.revisions[-1].deleted]
        for number in range(count):
            if what == "add" and len(living) < EXAMPLES_MAX:
                self._new_example(dataset.id)
            elif what != "add" and number < len(living):
                self.promises.changed(EXAMPLE, living[number], Change(self.now))
                workspace.delete_example(living[number]) if what == "delete" else workspace.edit_example(
                    living[number], outputs={"edited": secret(str(self.now))}
                )
        self.promises.changed(DATASET, dataset.id, Change(self.now))
        self.changes_end()
