"""The workspace as tests and the demo hold it: all editing methods in one object, and the truth about it."""

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
        """SmithDB is installed beside ClickHouse, and both take in what arrives from now on.

        What is there already reaches SmithDB only if it is migrated, which its installation guide calls optional.
        """
        self.settings.mode = "dual"
        for run in self.runs.values():
            run.in_smithdb = migrated
        for project in self.projects:
            self.touch_project(project)

    def truth(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What the API shows now, by table and id, as plain values that belong to neither API version."""
        self.live()
        return truth_of(self)
