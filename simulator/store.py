"""The records of a workspace, the indexes over them, and which records are visible when.

Only the editing modules change records. Only this file keeps the indexes consistent.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from simulator.clock import Clock
from simulator.records import Dataset, Feedback, Project, Run
from simulator.schedule import Schedule
from simulator.settings import Settings
from simulator.timeline import Timeline
from simulator.times import parse_time

SHORTLIVED = timedelta(days=14)
LONGLIVED = timedelta(days=400)


class Store:
    """The records of a workspace with their indexes."""

    def __init__(self, clock: Clock, settings: Settings, seed: int) -> None:
        self.clock = clock
        self.settings = settings
        self.random = random.Random(seed)
        self.projects: dict[str, Project] = {}
        self.datasets: dict[str, Dataset] = {}
        self.runs: dict[str, Run] = {}
        self.feedback: dict[str, Feedback] = {}
        self.dataset_of_example: dict[str, str] = {}
        self.project_runs: defaultdict[str, Timeline[Run]] = defaultdict(Timeline)
        self.trace_runs: defaultdict[str, Timeline[Run]] = defaultdict(Timeline)
        self.example_runs: defaultdict[str, Timeline[Run]] = defaultdict(Timeline)
        self.all_feedback: Timeline[Feedback] = Timeline()
        self.project_feedback: defaultdict[str, Timeline[Feedback]] = defaultdict(Timeline)
        self.run_feedback: defaultdict[str, list[Feedback]] = defaultdict(list)
        self.descendants: defaultdict[str, list[Run]] = defaultdict(list)  # by the id of the ancestor
        self.records: defaultdict[str, dict[str, Any]] = defaultdict(dict)  # of listed resources: by table and id
        self.schedule = Schedule()
        self.signed = itertools.count()  # makes every presigned URL different
        self.longlived: set[str] = set()  # traces whose retention is extended by feedback

    def new_id(self) -> str:
        """A new id. The same seed gives the same ids in every process."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def run_schedule(self) -> None:
        """Run every planned act that is due, with the clock at the act's own time."""
        now = self.clock.now()
        while (due := self.schedule.due(now)) is not None:
            with self.standing_at(due[0]):
                due[1]()

    @contextmanager
    def standing_at(self, moment: datetime) -> Iterator[None]:
        """Let the clock stand at a moment while the block lasts."""
        clock, self.clock = self.clock, Clock(moment)
        try:
            yield
        finally:
            self.clock = clock

    def moment(self, given: datetime | str | None, default: datetime) -> datetime:
        """A moment given as text or value, or the default."""
        return optional_moment(given) or default

    def index_run(self, run: Run) -> None:
        """Add a run to every index."""
        self.runs[run.id] = run
        self.project_runs[run.project_id].add(run.start_time, run.id, run)
        self.trace_runs[run.trace_id].add(run.start_time, run.id, run)
        if run.reference_example_id:
            self.example_runs[run.reference_example_id].add(run.start_time, run.id, run)
        for ancestor in run.parent_run_ids:
            self.descendants[ancestor].append(run)
        self.touch_usage(run)
        self.touch_project(run.project_id)

    def unindex_run(self, run: Run) -> None:
        """Remove a run from every index."""
        del self.runs[run.id]
        self.project_runs[run.project_id].keep(lambda other: other is not run)
        self.trace_runs[run.trace_id].keep(lambda other: other is not run)
        if run.reference_example_id:
            self.example_runs[run.reference_example_id].keep(lambda other: other is not run)
        for ancestor in run.parent_run_ids:
            self.descendants[ancestor].remove(run)
        self.touch_usage(run)

    def index_feedback(self, feedback: Feedback) -> None:
        """Add feedback to every index. Feedback on a run extends the retention of its trace."""
        self.feedback[feedback.id] = feedback
        self.all_feedback.add(feedback.created_at, feedback.id, feedback)
        if feedback.project_id:
            self.project_feedback[feedback.project_id].add(feedback.created_at, feedback.id, feedback)
        if feedback.run_id:
            self.run_feedback[feedback.run_id].append(feedback)
        if feedback.trace_id and feedback.trace_id not in self.longlived:
            self.longlived.add(feedback.trace_id)
            self.forget_renderings(feedback.trace_id)
        self.touch_feedback(feedback)

    def drop_feedback(self, gone: set[str]) -> None:
        """Remove feedback from every index."""
        dropped = [self.feedback.pop(ident) for ident in gone]
        for feedback in dropped:
            self.touch_feedback(feedback)
            if feedback.run_id:
                self.run_feedback[feedback.run_id].remove(feedback)
        projects = (self.project_feedback[project] for project in {item.project_id for item in dropped} if project)
        for timeline in (self.all_feedback, *projects):
            timeline.keep(lambda other: other.id not in gone)

    def touch_feedback(self, feedback: Feedback) -> None:
        """Drop the cached renderings and counters that show this feedback."""
        run = self.runs.get(feedback.run_id or "")
        if run is not None:
            run.renderings.clear()
        if feedback.project_id:
            self.touch_project(feedback.project_id)

    def touch_usage(self, run: Run) -> None:
        """Drop the cached renderings of a run and of its ancestors, whose totals include it."""
        for ident in (run.id, *run.parent_run_ids):
            if ident in self.runs:
                self.runs[ident].renderings.clear()

    def touch_project(self, project_id: str) -> None:
        """Drop the project's cached counters."""
        if project_id in self.projects:
            self.projects[project_id].stats = None

    def forget_renderings(self, trace_id: str) -> None:
        """Drop the cached renderings of a trace's runs."""
        for run in self.trace_runs[trace_id]:
            run.renderings.clear()

    def project_named(self, name: str) -> Project | None:
        """The project of that name; None if there is none."""
        return next((project for project in self.projects.values() if project.name == name), None)

    def shows(self, run: Run, now: datetime) -> bool:
        """Whether the API shows this run: it is indexed, and within its retention."""
        return (run.visible_at is None or run.visible_at <= now) and self.keeps(run, now)

    def keeps(self, run: Run, now: datetime) -> bool:
        """Whether this run is within its retention: 14 days, or 400 if its trace has feedback."""
        if not self.settings.retention or run.start_time > now - SHORTLIVED:
            return True
        return run.trace_id in self.longlived and run.start_time > now - LONGLIVED

    def shows_feedback(self, feedback: Feedback, now: datetime) -> bool:
        """Whether the API shows this feedback: it expires with its run, but is visible before the run is indexed."""
        run = self.runs.get(feedback.run_id or "")
        return run is None or self.keeps(run, now)

    def visible_runs(self, project_id: str, now: datetime) -> Iterator[Run]:
        """The project's runs that the API shows, oldest first."""
        return (run for run in self.project_runs[project_id] if self.shows(run, now))


def optional_moment(given: datetime | str | None) -> datetime | None:
    """A moment given as text or value; None stays None."""
    return parse_time(given) if isinstance(given, str) else given
