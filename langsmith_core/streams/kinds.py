"""The union of all work items: what a saved state may hold."""

from __future__ import annotations

from typing import TypeAlias

from langsmith_core.streams.annotation_queues import ReadQueues
from langsmith_core.streams.dataset_versions import NewestVersion, OlderVersions
from langsmith_core.streams.example_versions import RemovedExamples, StillThere, WholeVersion
from langsmith_core.streams.examples import ChangedExamples, Weigh
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback, EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.prompt_commits import PromptCommits
from langsmith_core.streams.prompts import ListPrompts
from langsmith_core.streams.queue_items import QueueItems
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs import Unfinished
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.usage_days import UsageDays

Item: TypeAlias = (
    ListAll
    | ListProjects
    | FindProjects
    | LookUp
    | RunWindow
    | RunsById
    | Unfinished
    | EditedFeedback
    | EditedRuns
    | FeedbackWindow
    | FeedbackOfRuns
    | NewestVersion
    | OlderVersions
    | WholeVersion
    | ChangedExamples
    | RemovedExamples
    | StillThere
    | Weigh
    | ListPrompts
    | PromptCommits
    | UsageDays
    | ReadQueues
    | QueueItems
)
