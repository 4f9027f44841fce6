"""The workspace that tests and the demo use: all editing methods in one object, and the truth about it."""

from __future__ import annotations

from typing import Any

from simulator.edit_datasets import DatasetEdits
from simulator.edit_feedback import FeedbackEdits
from simulator.edit_projects import ProjectEdits
from simulator.edit_runs import RunEdits
from simulator.truth import truth_of


class Workspace(ProjectEdits, DatasetEdits, RunEdits, FeedbackEdits):
    """One LangSmith workspace."""

    def start_smithdb(self, *, migrated: bool) -> None:
        """Install SmithDB beside ClickHouse: both receive the runs that arrive from now on.

        SmithDB has older runs only if they are migrated, which its installation guide calls optional.
        """
        self.settings.mode = "dual"
        for run in self.runs.values():
            run.in_smithdb = migrated
        for project in self.projects:
            self.touch_project(project)

    def truth(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What the API shows now, as rows by table and key (truth.py)."""
        self.run_schedule()
        return truth_of(self)
