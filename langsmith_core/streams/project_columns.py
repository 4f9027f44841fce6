"""The columns of projects. How they are read is in projects."""

from __future__ import annotations

from langsmith_core.records.columns import Column, Kind, Made, Table, column, later, made, raw

PROJECT = Table(
    "langsmith_project",
    (
        column("project_id", Kind.STRING, "Project id; runs call it session_id on v1", "id"),
        column("name", Kind.STRING, "Project name"),
        column("description", Kind.STRING, "Description"),
        column("start_time", Kind.TIMESTAMP, "When the project was created"),
        column("end_time", Kind.TIMESTAMP, "When an experiment ended"),
        column("reference_dataset_id", Kind.STRING, "The dataset of an experiment; null for a plain project"),
        column("metadata", Kind.JSON, "extra.metadata", "extra.metadata"),
        column("run_count", Kind.INTEGER, "Number of runs LangSmith still has"),
        column("last_run_start_time", Kind.TIMESTAMP, "Start of the newest run"),
        Column("feedback_stats", Kind.STATS, ("feedback_stats",), "Of its runs, by feedback key: n, avg, and values"),
        *later(
            made(
                "is_experiment",
                Kind.BOOLEAN,
                "Whether the project is an experiment: it has a dataset",
                Made.THERE,
                "reference_dataset_id",
            ),
        ),
        raw(),
    ),
    how_read="listed whole: counters move without a modification time",
    time="start_time",
)
