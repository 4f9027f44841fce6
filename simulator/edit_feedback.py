"""Create, change and delete feedback."""

from __future__ import annotations

from typing import Any, Unpack

from simulator.fields import FeedbackFields
from simulator.records import Feedback
from simulator.store import Store

COLUMNS = ("score", "value", "comment", "correction", "source_type", "source_metadata", "user_id", "extra")
LINKS = ("feedback_group_id", "comparative_experiment_id")


class FeedbackEdits(Store):
    """Editing methods for feedback."""

    def add_feedback(self, run_id: str | None, key: str, **fields: Unpack[FeedbackFields]) -> str:
        """Give feedback to a run, or to a project if `run_id` is None and `project_id` is given; returns the feedback's id."""
        run = self.runs.get(run_id or "")
        created = self.moment(fields.get("created_at"), self.clock.now())
        feedback = Feedback(
            id=fields.get("id") or self.new_id(),
            key=key,
            created_at=created,
            modified_at=created,
            run_id=run_id,
            trace_id=run.trace_id if run else fields.get("trace_id"),
            project_id=run.project_id if run else fields.get("project_id"),
        )
        self._change_feedback(feedback, fields, COLUMNS + LINKS)
        if feedback.id in self.feedback:  # the same id replaces the older one, as a retried ingest does
            self.drop_feedback({feedback.id})
        self.index_feedback(feedback)
        return feedback.id

    def edit_feedback(self, feedback_id: str, **fields: Unpack[FeedbackFields]) -> str:
        """Change feedback in place, which moves its modified_at and nothing else."""
        feedback = self.feedback[feedback_id]
        self._change_feedback(feedback, fields, COLUMNS)
        feedback.modified_at = self.clock.now()
        self.touch_feedback(feedback)
        return feedback_id

    def delete_feedback(self, feedback_id: str) -> str:
        """Delete feedback; nothing announces it."""
        self.drop_feedback({feedback_id})
        return feedback_id

    @staticmethod
    def _change_feedback(feedback: Feedback, fields: FeedbackFields, columns: tuple[str, ...]) -> None:
        given: dict[str, Any] = dict(fields)
        for column in columns:
            if column in given:
                setattr(feedback, column, given[column])
