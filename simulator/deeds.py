"""What people and programs do in a workspace, one thing at a time; which of their things, the dice say.

Each deed answers something true if it could be done. Not here: when it is done (life).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from simulator.records import Feedback, Run
from simulator.workspace import Workspace

BACK_DATED = timedelta(hours=24)  # ingestion takes no older runs
INDEXING = timedelta(minutes=5)
RUNNING = timedelta(days=10)  # the longest that a run takes which ends at all
IMPORTED = timedelta(days=20)  # the past with which a project may appear
EDITED = timedelta(days=5)  # people correct what is recent: runs of these days, and feedback on them
JUDGED = timedelta(days=10)  # feedback is thought over for longer
EXAMPLES = 5  # of a new dataset
Item = TypeVar("Item")


class Deeds:
    """All that may be done, and what is left of it that the workspace itself forgets."""

    def __init__(self, workspace: Workspace, end: datetime) -> None:
        self.workspace = workspace
        self.end = end  # what runs has ended by then, if it ends at all
        self.gone: defaultdict[str, set[str]] = defaultdict(set)  # by table: runs, feedback and examples that once were
        self.names: defaultdict[str, set[str]] = defaultdict(set)  # all names that a project or dataset has had, by its id

    @property
    def _now(self) -> datetime:
        return self.workspace.clock.now()

    def run_ends_at_once(self, dice: Random) -> object:
        """A trace of two runs, both ended."""
        root = self._run(dice, self._now)
        return self.workspace.add_run(self.workspace.runs[root].project_id, parent_run_id=root, start_time=self._now)

    def run_ends_late(self, dice: Random) -> object:
        """A run that is seen unfinished first."""
        return self._pending(dice, self._now)

    def run_never_ends(self, dice: Random) -> object:
        """A run whose end was lost."""
        return self._run(dice, self._now, status="pending")

    def run_arrives_late(self, dice: Random) -> object:
        """A run of up to a day ago, ended or not."""
        start = self._now - BACK_DATED * dice.random()
        return self._pending(dice, start) if dice.random() < 0.3 else self._run(dice, start)

    def run_is_indexed_late(self, dice: Random) -> object:
        """A run that queries do not find yet."""
        run = self._run(dice, self._now)
        return self.workspace.update_run(run, visible_at=self._now + INDEXING * dice.random())

    def run_is_edited(self, dice: Random) -> object:
        """Other tags on a recent run."""
        run = _one(dice, self._recent_runs())
        return run and self.workspace.update_run(run.id, tags=[f"edited at {self._now}"])

    def run_is_deleted(self, dice: Random) -> object:
        """A recent run and its feedback go."""
        run = _one(dice, self._recent_runs())
        return run and self._forget_runs([run]) and self.workspace.delete_run(run.id)

    def feedback_is_given(self, dice: Random) -> object:
        """A judgement on a run of any age."""
        run = _one(dice, self.workspace.runs.values())
        return run and self.workspace.add_feedback(run.id, dice.choice(("good", "kind")), score=dice.random())

    def feedback_is_edited(self, dice: Random) -> object:
        """A judgement is changed."""
        given = [item for item in self.workspace.feedback.values() if item.created_at > self._now - JUDGED]
        feedback = _one(dice, given)
        return feedback and self.workspace.edit_feedback(feedback.id, score=dice.random(), comment=f"at {self._now}")

    def feedback_is_taken_back(self, dice: Random) -> object:
        """A judgement on a recent run goes."""
        feedback = _one(dice, [item for run in self._recent_runs() for item in self.workspace.run_feedback[run.id]])
        return feedback and self._forget_feedback([feedback]) and self.workspace.delete_feedback(feedback.id)

    def example_is_added(self, dice: Random) -> object:
        """A new example."""
        dataset = _one(dice, self.workspace.datasets.values())
        return dataset and self._example(dataset.id, dice)

    def example_is_edited(self, dice: Random) -> object:
        """Other outputs of an example."""
        example = self._living_example(dice)
        return example and self.workspace.edit_example(example, outputs={"corrected": str(self._now)})

    def example_is_deleted(self, dice: Random) -> object:
        """An example goes from the newest version."""
        example = self._living_example(dice)
        return example and self.workspace.delete_example(example)

    def dataset_is_renamed(self, dice: Random) -> object:
        """Another name of a dataset."""
        dataset = _one(dice, self.workspace.datasets.values())
        return dataset and self._named(self.workspace.rename_dataset(dataset.id, f"renamed at {self._now}"))

    def dataset_is_deleted(self, dice: Random) -> object:
        """A dataset goes with its examples."""
        dataset = _one(dice, list(self.workspace.datasets.values())[1:])
        if dataset:
            self.gone["langsmith_example"] |= dataset.examples.keys()
        return dataset and self.workspace.delete_dataset(dataset.id)

    def project_appears(self, dice: Random) -> object:
        """A project with an old past, as an import makes one."""
        project = self.make_project()
        for _ in range(dice.randint(1, 6)):
            self.workspace.add_run(project, start_time=self._now - IMPORTED * dice.random())
        return project

    def project_is_renamed(self, dice: Random) -> object:
        """Another name of a project."""
        project = _one(dice, self.workspace.projects.values())
        return project and self._named(self.workspace.rename_project(project.id, f"renamed at {self._now}"))

    def project_is_deleted(self, dice: Random) -> object:
        """A project goes with its runs and their feedback."""
        project = _one(dice, list(self.workspace.projects.values())[1:])
        if project:
            self._forget_runs(self.workspace.project_runs[project.id])
        return project and self.workspace.delete_project(project.id)

    # What they are made of

    def make_project(self) -> str:
        """An empty project."""
        return self._named(self.workspace.add_project(f"project made at {self._now}, of {len(self.names)}"))

    def make_dataset(self, dice: Random) -> None:
        """A dataset with a few examples."""
        dataset = self._named(self.workspace.add_dataset(f"dataset made at {self._now}, of {len(self.names)}"))
        for _ in range(EXAMPLES):
            self._example(dataset, dice)

    def _example(self, dataset: str, dice: Random) -> str:
        return self.workspace.add_example(dataset, {"question": dice.randint(1, 999)}, {"answer": dice.randint(1, 999)})

    def _run(self, dice: Random, start: datetime, status: str | None = None) -> str:
        project = dice.choice(list(self.workspace.projects))
        inputs = {"question": dice.randint(1, 999_999)}
        if status:
            return self.workspace.add_run(project, start_time=start, inputs=inputs, status=status)
        return self.workspace.add_run(project, start_time=start, inputs=inputs)

    def _pending(self, dice: Random, start: datetime) -> str:
        """A run that ends after minutes or days, if it is still there."""
        run = self._run(dice, start, status="pending")
        took = RUNNING * dice.random() ** 3

        def ends() -> None:
            if run in self.workspace.runs:
                self.workspace.finish_run(run, outputs={"took": str(took)})

        self.workspace.schedule.add(min(self._now + took, self.end), ends)
        return run

    def _recent_runs(self) -> list[Run]:
        return [run for run in self.workspace.runs.values() if run.start_time > self._now - EDITED]

    def _living_example(self, dice: Random) -> str | None:
        all_of_them = [one for dataset in self.workspace.datasets.values() for one in dataset.examples.values()]
        example = _one(dice, [one for one in all_of_them if not one.revisions[-1].deleted])
        return example.id if example else None

    def _named(self, parent: str) -> str:
        known = self.workspace.projects.get(parent) or self.workspace.datasets[parent]
        self.names[parent].add(known.name)
        return parent

    def _forget_runs(self, runs: Iterable[Run]) -> bool:
        for run in runs:
            self.gone["langsmith_run"].add(run.id)
            self._forget_feedback(self.workspace.run_feedback[run.id])
        return True

    def _forget_feedback(self, feedback: Iterable[Feedback]) -> bool:
        self.gone["langsmith_feedback"] |= {item.id for item in feedback}
        return True


def _one(dice: Random, items: Iterable[Item]) -> Item | None:
    """One of the items, None of none; the dice are thrown either way."""
    found, share = list(items), dice.random()
    return found[int(share * len(found))] if found else None
