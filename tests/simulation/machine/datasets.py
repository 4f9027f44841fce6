"""Steps that change the datasets of the simulated workspace. Each records the change and the looks that must see it.

Here too: helpers of all such steps. source.py changes projects, runs and feedback.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from leaks import marked_payload
from simulation.machine.expectations import DATASET, EXAMPLE, Change, Expectations, judged

from product import World

DATASETS_MAX, EXAMPLES_MAX = 4, 40
picks = st.integers(0, 199)
few = st.integers(1, 6)
Item = TypeVar("Item")


def one(items: Sequence[Item], pick: int) -> Item:
    """Pick an item by a number. The same number picks the same item."""
    return items[pick % len(items)]


class Datasets(RuleBasedStateMachine):
    """A workspace in which people edit datasets."""

    world: World
    expectations: Expectations

    @property
    def now(self) -> datetime:
        """The time of the simulated clock."""
        return self.world.clock.now()

    def changes_end(self) -> None:
        """Record the truth after a step."""
        self.expectations.record_truth(judged(self.world.truth()))

    def new_dataset(self, examples: int) -> None:
        """Add a dataset with examples."""
        workspace = self.world.workspace
        dataset = workspace.add_dataset(f"dataset {self.expectations.count(DATASET)}")
        for _ in range(examples):
            self._new_example(dataset)
        self.expectations.changed(DATASET, dataset, Change(self.now))

    def _new_example(self, dataset: str) -> None:
        text = marked_payload(f"asked at {self.now}")
        example = self.world.workspace.add_example(dataset, {"q": text}, {"a": text}, metadata={"m": text})
        self.expectations.changed(EXAMPLE, example, Change(self.now))

    @precondition(lambda self: len(self.world.workspace.datasets) < DATASETS_MAX)
    @rule(examples=st.integers(0, 5))
    def a_dataset_appears(self, examples: int) -> None:
        """Add a dataset."""
        self.new_dataset(examples)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.datasets)
    @rule(pick=picks, what=st.sampled_from(["rename", "describe", "delete"]))
    def a_dataset_changes(self, pick: int, what: str) -> None:
        """Rename, describe or delete a dataset. Its examples are deleted with it."""
        workspace, now = self.world.workspace, self.now
        dataset = one(list(workspace.datasets), pick)
        self.expectations.changed(DATASET, dataset, Change(now))
        if what == "rename":
            workspace.rename_dataset(dataset, f"renamed {uuid.UUID(dataset).hex[:4]} {now:%j%H%M%S}")
        elif what == "describe":
            workspace.edit_dataset(dataset, description=f"described at {now}")
        else:
            for example in workspace.datasets[dataset].examples:
                self.expectations.changed(EXAMPLE, example, Change(now))
            workspace.delete_dataset(dataset)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.datasets)
    @rule(pick=picks, what=st.sampled_from(["add", "edit", "delete"]), count=few)
    def examples_change(self, pick: int, what: str, count: int) -> None:
        """Add, edit or delete examples of one dataset."""
        workspace = self.world.workspace
        dataset = workspace.datasets[one(list(workspace.datasets), pick)]
        living = [one.id for one in dataset.examples.values() if not one.revisions[-1].deleted]
        for number in range(count):
            if what == "add" and len(living) < EXAMPLES_MAX:
                self._new_example(dataset.id)
            elif what != "add" and number < len(living):
                self.expectations.changed(EXAMPLE, living[number], Change(self.now))
                workspace.delete_example(living[number]) if what == "delete" else workspace.edit_example(
                    living[number], outputs={"edited": marked_payload(str(self.now))}
                )
        self.expectations.changed(DATASET, dataset.id, Change(self.now))
        self.changes_end()
