"""Create, rename and delete projects, with everything that LangSmith deletes along with them."""

from __future__ import annotations

from typing import Any, Unpack

from simulator.fields import ProjectFields
from simulator.records import Project
from simulator.store import Store, optional_moment


def extra_with_metadata(extra: Any, metadata: Any) -> Any:
    """An `extra` object that carries this metadata."""
    return extra if metadata is None else {**(extra or {}), "metadata": metadata}


class ProjectEdits(Store):
    """Editing methods for projects and experiments."""

    def add_project(self, name: str, **fields: Unpack[ProjectFields]) -> str:
        """Add a project, or an experiment if it has a reference dataset; returns its id."""
        dataset_id = fields.get("reference_dataset_id")
        project = Project(
            id=fields.get("id") or self.new_id(),
            name=name,
            start_time=self.moment(fields.get("start_time"), self.clock.now()),
            end_time=optional_moment(fields.get("end_time")),
            description=fields.get("description"),
            extra=extra_with_metadata(fields.get("extra"), fields.get("metadata")),
            reference_dataset_id=dataset_id,
            test_run_number=self._experiments_of(dataset_id) + 1 if dataset_id else None,
        )
        self.projects[project.id] = project
        return project.id

    def rename_project(self, project_id: str, name: str) -> str:
        """Rename a project; no timestamp announces it."""
        self.projects[project_id].name = name
        return project_id

    def edit_project(self, project_id: str, **fields: Unpack[ProjectFields]) -> str:
        """Change a project's description, end or metadata."""
        project = self.projects[project_id]
        project.description = fields.get("description", project.description)
        project.end_time = optional_moment(fields.get("end_time", project.end_time))
        extra = fields.get("extra")
        merged = {**(project.extra or {}), **(extra or {})} if extra else project.extra
        project.extra = extra_with_metadata(merged, fields.get("metadata"))
        return project_id

    def delete_project(self, project_id: str) -> str:
        """Delete a project with its runs and their feedback; nothing announces it."""
        gone = {feedback.id for feedback in self.project_feedback[project_id]}
        self.drop_feedback(gone)
        for run in list(self.project_runs.pop(project_id, ())):
            self.runs.pop(run.id)
            self.descendants.pop(run.id, None)
            self.run_feedback.pop(run.id, None)
            self.trace_runs.pop(run.trace_id, None)
            if run.reference_example_id:
                self.example_runs[run.reference_example_id].keep(lambda other: other.project_id != project_id)
        del self.projects[project_id]
        return project_id

    def _experiments_of(self, dataset_id: str) -> int:
        return sum(project.reference_dataset_id == dataset_id for project in self.projects.values())
