"""Every kind of work item, as one union: what a saved state may hold."""

from __future__ import annotations

from typing import TypeAlias

from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.examples import ChangedExamples, RemovedExamples, StillThere, Weigh, WholeVersion
from langsmith_core.streams.feedback import EditedRuns, FeedbackOfRuns, FeedbackWindow
from langsmith_core.streams.listing import ListAll, LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById, Unfinished

Item: TypeAlias = (
    ListAll
    | ListProjects
    | FindProjects
    | LookUp
    | RunWindow
    | RunsById
    | Unfinished
    | EditedRuns
    | FeedbackWindow
    | FeedbackOfRuns
    | NewestVersion
    | WholeVersion
    | ChangedExamples
    | RemovedExamples
    | StillThere
    | Weigh
)
