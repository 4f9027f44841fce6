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

    def truth(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What the API shows now, by table and id, as plain values that belong to neither API version."""
        self.live()
        return truth_of(self)
