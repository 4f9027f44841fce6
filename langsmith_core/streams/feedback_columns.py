"""The columns of feedback. How it is read is in feedback."""

from __future__ import annotations

from langsmith_core.records.columns import Kind, Table, column, later, raw

FEEDBACK = Table(
    "langsmith_feedback",
    (
        column("feedback_id", Kind.STRING, "Feedback id", "id"),
        column("run_id", Kind.STRING, "The run it was given to; null for feedback on a project"),
        column("trace_id", Kind.STRING, "Trace of that run"),
        column("project_id", Kind.STRING, "Project of that run", "session_id"),
        column("key", Kind.STRING, "What was judged"),
        column("score", Kind.FLOAT, "Score; booleans are 1.0 and 0.0"),
        column("value", Kind.JSON, "Value of any type"),
        column("comment", Kind.STRING, "Comment"),
        column("correction", Kind.JSON, "Correction"),
        column("source_type", Kind.LOWER, "api, model, app or auto_eval", "feedback_source.type"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time (modified_at in the API)", "modified_at"),
        *later(
            column(
                "evaluator_run_id",
                Kind.STRING,
                "The run of the evaluator or model that gave it, where the record names one",
                "feedback_source.metadata.__run.run_id",
            ),
            column(
                "source_name", Kind.STRING, "Name of the user who gave it, where LangSmith shows one", "feedback_source.user_name"
            ),
            column(
                "source_user_id",
                Kind.STRING,
                "That user's id: user_id of the source, else ls_user_id",
                *("feedback_source.user_id", "feedback_source.ls_user_id"),
            ),
            column("source_metadata", Kind.JSON, "What the source tells of itself", "feedback_source.metadata"),
        ),
        raw(),
    ),
    how_read="by created_at since the last sync, and the 24 hours before it again",
    time="created_at",
    partition="DAY",
    cluster=("run_id",),
)
