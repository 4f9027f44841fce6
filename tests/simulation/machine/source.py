"""Steps that change projects, runs and feedback. Each records the change and the looks that must see it (expectations.py).

datasets.py changes datasets.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from leaks import marked_payload
from simulation.machine.datasets import Datasets, few, one, picks
from simulation.machine.expectations import (
    DEEP,
    EVERY,
    FEEDBACK,
    FORTNIGHT,
    OVERLAP,
    PROJECT,
    RUN,
    WEEK,
    Change,
)

from simulator.fields import RunFields

PROJECTS_MAX, RUNS_MAX = 8, 150
ARRIVALS = (0, 1, 30, 6 * 60, 24 * 60 - 1)
"""Minutes by which runs and feedback are back-dated. Ingestion refuses more than a day."""
INDEX_LAG = 15
"""The most minutes of back-dating with which the next look still reads feedback's run. Beyond, the daily pass does."""


class Source(Datasets):
    """A workspace in use."""

    @initialize(projects=st.integers(0, 3), days=st.sampled_from([0, 3, 30, 300]), datasets=st.integers(0, 2))
    def workspace_with_a_past(self, projects: int, days: int, datasets: int) -> None:
        """Begin with a few projects and datasets."""
        for _ in range(projects):
            self.new_project(runs=5, days=days)
        for _ in range(datasets):
            self.new_dataset(4)
        self.changes_end()

    # Projects

    def new_project(self, runs: int, days: int, *, tie: bool = False) -> None:
        """Add a project with this many runs of the last days. With `tie` all start at one moment."""
        project, now = self.empty_project(days), self.now
        start = now - timedelta(days=days)
        for number in range(runs):
            self.new_run(project, start if tie else now - (now - start) * number / runs, pending=False, lag=0)

    def empty_project(self, days: int) -> str:
        """Add a project that began this many days ago."""
        start, name = self.now - timedelta(days=days), f"project {self.expectations.count(PROJECT)}"
        project = self.world.workspace.add_project(name, start_time=start)
        self.expectations.changed(PROJECT, project, Change(self.now))
        return project

    @precondition(lambda self: len(self.world.workspace.projects) < PROJECTS_MAX)
    @rule(runs=st.integers(0, 8), days=st.sampled_from([0, 2, 20, 200]), tie=st.booleans())
    def a_project_appears(self, runs: int, days: int, tie: bool) -> None:
        """Add a project. An imported one has old runs."""
        self.new_project(runs, days, tie=tie)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.projects)
    @rule(pick=picks, what=st.sampled_from(["rename", "describe", "delete"]))
    def a_project_changes(self, pick: int, what: str) -> None:
        """Rename, describe or delete a project. Its runs are deleted with it."""
        workspace, now = self.world.workspace, self.now
        project = one(list(workspace.projects), pick)
        self.expectations.changed(PROJECT, project, Change(now))
        if what == "rename":
            workspace.rename_project(project, f"renamed {uuid.UUID(project).hex[:4]} {now:%j%H%M%S}")
        elif what == "describe":
            workspace.edit_project(project, description=f"described at {now}")
        else:
            workspace.delete_project(project)
        self.changes_end()

    # Runs

    def new_run(self, project: str, start: datetime, *, pending: bool, lag: int, offloaded: tuple[str, ...] = ()) -> str:
        """Add a run that starts at `start` and becomes visible `lag` minutes from now."""
        workspace, now = self.world.workspace, self.now
        shown, text = now + timedelta(minutes=lag), marked_payload(f"at {start}")
        fields: RunFields = {"start_time": start, "name": f"run {start}", "visible_at": shown, "offloaded": offloaded}
        fields |= {"inputs": {"q": text}, "outputs": {"a": text}, "metadata": {"m": text}, "tags": [text]}
        if pending:
            fields |= {"status": "pending", "outputs": None}
        run = workspace.add_run(project, **fields)
        self.expectations.changed(RUN, run, Change(shown, OVERLAP))
        return run

    @precondition(lambda self: self.world.workspace.projects and len(self.world.workspace.runs) < RUNS_MAX)
    @rule(
        pick=picks,
        count=few,
        back=st.sampled_from([-4, *ARRIVALS]),
        tie=st.booleans(),
        pending=st.booleans(),
        lag=st.sampled_from([0, 0, 10]),
    )
    def runs_arrive(self, pick: int, count: int, back: int, tie: bool, pending: bool, lag: int) -> None:
        """Add runs that start now, earlier, or later, as by a fast clock. They may be unfinished, and may share one start."""
        project = one(list(self.world.workspace.projects), pick)
        start = self.now - timedelta(minutes=back)
        for number in range(count):
            self.new_run(project, start if tie else start + timedelta(seconds=number), pending=pending, lag=lag)
        self.changes_end()

    @precondition(lambda self: self.world.workspace.projects and len(self.world.workspace.runs) < RUNS_MAX)
    @rule(
        pick=picks, count=few, days=st.sampled_from([0, 1, 20]), offloaded=st.sampled_from([("inputs",), ("inputs", "outputs")])
    )
    def heavy_runs_arrive(self, pick: int, count: int, days: int, offloaded: tuple[str, ...]) -> None:
        """Add runs with payloads in object storage: of now, or of the past of an imported project."""
        project = one(list(self.world.workspace.projects), pick) if days <= 1 else self.empty_project(days)
        start = self.now - timedelta(days=days) + timedelta(minutes=1)
        for number in range(count):
            self.new_run(project, start + timedelta(seconds=number), pending=False, lag=0, offloaded=offloaded)
        self.changes_end()

    @precondition(lambda self: self._pending())
    @rule(pick=picks, error=st.booleans())
    def a_run_finishes(self, pick: int, error: bool) -> None:
        """End a pending run with outputs or an error."""
        run = one(self._pending(), pick)
        end: RunFields = {"error": marked_payload("it broke")} if error else {"outputs": {"a": marked_payload("it is done")}}
        end["total_tokens"] = pick
        self.world.workspace.finish_run(run, **end)
        self._run_changed(run, Change(self.now, OVERLAP, self.world.workspace.runs[run].start_time, FORTNIGHT))

    @precondition(lambda self: self.world.workspace.runs)
    @rule(pick=picks, delete=st.booleans())
    def a_run_is_edited_or_deleted(self, pick: int, delete: bool) -> None:
        """Edit or delete a run. Nothing in the API shows that it changed."""
        workspace = self.world.workspace
        run = one(list(workspace.runs), pick)
        if delete:
            workspace.delete_run(run)
            self.changes_end()
        else:
            workspace.update_run(run, tags=[marked_payload(f"edited at {self.now}")])
            self._run_silently_changed(run)

    # Feedback

    @precondition(lambda self: self.world.workspace.runs)
    @rule(pick=picks, score=st.sampled_from([0.0, 0.5, 1.0, True, None]), back=st.sampled_from(ARRIVALS))
    def feedback_is_given(self, pick: int, score: float | None, back: int) -> None:
        """Give feedback to a run."""
        workspace, now = self.world.workspace, self.now
        run = one(list(workspace.runs), pick)
        text = marked_payload(f"judged at {now}")
        given = workspace.add_feedback(
            run, f"key {pick % 3}", score=score, comment=text, created_at=now - timedelta(minutes=back)
        )
        self.expectations.changed(FEEDBACK, given, Change(now))
        self._run_changed(run, Change(now, EVERY if back <= INDEX_LAG else DEEP))

    @precondition(lambda self: self.world.workspace.feedback)
    @rule(pick=picks, delete=st.booleans())
    def feedback_is_edited_or_deleted(self, pick: int, delete: bool) -> None:
        """Edit or delete feedback. The daily pass finds the edit, and the run's statistics after a delete."""
        workspace, now = self.world.workspace, self.now
        given = workspace.feedback[one(list(workspace.feedback), pick)]
        if delete:
            workspace.delete_feedback(given.id)
            self._run_silently_changed(str(given.run_id))
            return
        workspace.edit_feedback(given.id, score=pick / 200, comment=marked_payload(f"edited at {now}"))
        change = Change(now, DEEP, given.created_at, FORTNIGHT)
        self.expectations.changed(FEEDBACK, given.id, change)
        self._run_changed(str(given.run_id), change)

    def _pending(self) -> list[str]:
        return [run.id for run in self.world.workspace.runs.values() if run.end_time is None]

    def _run_changed(self, run: str, change: Change) -> None:
        """Record a change of a run that is visible. One that is not visible yet arrives already changed."""
        shown = self.world.workspace.runs[run].visible_at
        if shown is None or shown <= self.now:
            self.expectations.changed(RUN, run, change)
        self.changes_end()

    def _run_silently_changed(self, run: str) -> None:
        if run in self.world.workspace.runs:
            self._run_changed(run, Change(self.now, DEEP, self.world.workspace.runs[run].start_time, WEEK))
