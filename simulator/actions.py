"""What people and programs do in a workspace, one action at a time. A random generator picks the objects of an action.

Each action returns something true if it changed the workspace. activity.py decides when actions happen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from simulator.records import Feedback, Run
from simulator.workspace import Workspace

BACK_DATED = timedelta(hours=24)  # ingestion refuses older runs
INDEXING = timedelta(minutes=5)
RUNNING = timedelta(days=10)  # the longest time that a run takes, if it ends at all
IMPORTED = timedelta(days=20)  # how old the runs of a new project may be
EDITED = timedelta(days=5)  # people correct recent runs, and the feedback on them
JUDGED = timedelta(days=10)  # people change feedback for longer
EXAMPLES = 5  # of a new dataset
Item = TypeVar("Item")


class CoreActions:
    """All actions, and a record of what the workspace itself no longer knows."""

    def __init__(self, workspace: Workspace, end: datetime) -> None:
        self.workspace = workspace
        self.end = end  # every run that ends at all has ended by then
        self.gone: defaultdict[str, set[str]] = defaultdict(set)  # ids of deleted records, by table
        self.names: defaultdict[str, set[str]] = defaultdict(set)  # every name that a project or dataset has had, by its id

    @property
    def _now(self) -> datetime:
        return self.workspace.clock.now()

    def run_ends_at_once(self, rng: Random) -> object:
        """Add a trace of two finished runs."""
        root = self._run(rng, self._now)
        return self.workspace.add_run(self.workspace.runs[root].project_id, parent_run_id=root, start_time=self._now)

    def run_ends_late(self, rng: Random) -> object:
        """Add a run that stays unfinished for some time."""
        return self._pending(rng, self._now)

    def run_never_ends(self, rng: Random) -> object:
        """Add a run that stays unfinished for ever."""
        return self._run(rng, self._now, status="pending")

    def run_arrives_late(self, rng: Random) -> object:
        """Add a run that started up to a day ago, finished or not."""
        start = self._now - BACK_DATED * rng.random()
        return self._pending(rng, start) if rng.random() < 0.3 else self._run(rng, start)

    def run_is_indexed_late(self, rng: Random) -> object:
        """Add a run that queries do not find yet."""
        run = self._run(rng, self._now)
        return self.workspace.update_run(run, visible_at=self._now + INDEXING * rng.random())

    def run_is_edited(self, rng: Random) -> object:
        """Change the tags of a recent run."""
        run = _one(rng, self._recent_runs())
        return run and self.workspace.update_run(run.id, tags=[f"edited at {self._now}"])

    def run_is_deleted(self, rng: Random) -> object:
        """Delete a recent run with its feedback."""
        run = _one(rng, self._recent_runs())
        return run and self._forget_runs([run]) and self.workspace.delete_run(run.id)

    def feedback_is_given(self, rng: Random) -> object:
        """Give feedback to a run of any age."""
        run = _one(rng, self.workspace.runs.values())
        return run and self.workspace.add_feedback(run.id, rng.choice(("good", "kind")), score=rng.random())

    def feedback_is_edited(self, rng: Random) -> object:
        """Change feedback that is not too old."""
        given = [item for item in self.workspace.feedback.values() if item.created_at > self._now - JUDGED]
        feedback = _one(rng, given)
        return feedback and self.workspace.edit_feedback(feedback.id, score=rng.random(), comment=f"at {self._now}")

    def feedback_is_taken_back(self, rng: Random) -> object:
        """Delete feedback on a recent run."""
        feedback = _one(rng, [item for run in self._recent_runs() for item in self.workspace.run_feedback[run.id]])
        return feedback and self._forget_feedback([feedback]) and self.workspace.delete_feedback(feedback.id)

    def example_is_added(self, rng: Random) -> object:
        """Add an example to a dataset."""
        dataset = _one(rng, self.workspace.datasets.values())
        return dataset and self._example(dataset.id, rng)

    def example_is_edited(self, rng: Random) -> object:
        """Change the outputs of an example."""
        example = self._living_example(rng)
        return example and self.workspace.edit_example(example, outputs={"corrected": str(self._now)})

    def example_is_deleted(self, rng: Random) -> object:
        """Delete an example from the newest version."""
        example = self._living_example(rng)
        return example and self.workspace.delete_example(example)

    def dataset_is_renamed(self, rng: Random) -> object:
        """Rename a dataset."""
        dataset = _one(rng, self.workspace.datasets.values())
        return dataset and self._named(self.workspace.rename_dataset(dataset.id, f"renamed at {self._now}"))

    def dataset_is_deleted(self, rng: Random) -> object:
        """Delete a dataset with its examples."""
        dataset = _one(rng, list(self.workspace.datasets.values())[1:])
        if dataset:
            self.gone["langsmith_example"] |= dataset.examples.keys()
        return dataset and self.workspace.delete_dataset(dataset.id)

    def project_appears(self, rng: Random) -> object:
        """Add a project with old runs, as an import does."""
        project = self.make_project()
        for _ in range(rng.randint(1, 6)):
            self.workspace.add_run(project, start_time=self._now - IMPORTED * rng.random())
        return project

    def project_is_renamed(self, rng: Random) -> object:
        """Rename a project."""
        project = _one(rng, self.workspace.projects.values())
        return project and self._named(self.workspace.rename_project(project.id, f"renamed at {self._now}"))

    def project_is_deleted(self, rng: Random) -> object:
        """Delete a project with its runs and their feedback."""
        project = _one(rng, list(self.workspace.projects.values())[1:])
        if project:
            self._forget_runs(self.workspace.project_runs[project.id])
        return project and self.workspace.delete_project(project.id)

    # Parts of the actions

    def make_project(self) -> str:
        """Add an empty project; returns its id."""
        return self._named(self.workspace.add_project(f"project made at {self._now}, of {len(self.names)}"))

    def make_dataset(self, rng: Random) -> None:
        """Add a dataset with a few examples."""
        dataset = self._named(self.workspace.add_dataset(f"dataset made at {self._now}, of {len(self.names)}"))
        for _ in range(EXAMPLES):
            self._example(dataset, rng)

    def _example(self, dataset: str, rng: Random) -> str:
        return self.workspace.add_example(dataset, {"question": rng.randint(1, 999)}, {"answer": rng.randint(1, 999)})

    def _run(self, rng: Random, start: datetime, status: str | None = None) -> str:
        project = rng.choice(list(self.workspace.projects))
        inputs = {"question": rng.randint(1, 999_999)}
        if status:
            return self.workspace.add_run(project, start_time=start, inputs=inputs, status=status)
        return self.workspace.add_run(project, start_time=start, inputs=inputs)

    def _pending(self, rng: Random, start: datetime) -> str:
        """Add a run that ends after minutes or days, unless it was deleted before."""
        run = self._run(rng, start, status="pending")
        took = RUNNING * rng.random() ** 3

        def ends() -> None:
            if run in self.workspace.runs:
                self.workspace.finish_run(run, outputs={"took": str(took)})

        self.workspace.schedule.add(min(self._now + took, self.end), ends)
        return run

    def _recent_runs(self) -> list[Run]:
        return [run for run in self.workspace.runs.values() if run.start_time > self._now - EDITED]

    def _living_example(self, rng: Random) -> str | None:
        all_of_them = [one for dataset in self.workspace.datasets.values() for one in dataset.examples.values()]
        example = _one(rng, [one for one in all_of_them if not one.revisions[-1].deleted])
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


def _one(rng: Random, items: Iterable[Item]) -> Item | None:
    """Pick one item; None if there is none. Draws one number in either case."""
    found, share = list(items), rng.random()
    return found[int(share * len(found))] if found else None
