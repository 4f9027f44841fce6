"""Bugs in what a look re-reads, and how far back. Each is planted at a seam of the core.

The table in `planted` says by which seed and steps they are found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import bounds, dataset_versions, examples, feedback
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.ledgers import OpenRuns
from langsmith_core.streams.projects import ListProjects
from langsmith_core.sync import backfill, look


def ledger_forgets(patch: pytest.MonkeyPatch) -> None:
    """Forget unfinished runs."""
    patch.setattr(OpenRuns, "noted", lambda *_: (OpenRuns(), None))


def feedback_without_overlap(patch: pytest.MonkeyPatch) -> None:
    """Ask for feedback from the end of the last look, without an overlap."""
    of_look = bounds.of_look

    def exact(before: bounds.Before, start_time: Any, now: Any, **named: bool) -> bounds.Bounds:
        made = of_look(before, start_time, now, **named)
        return replace(made, feedback_from=before.feedback_to or made.feedback_from)

    patch.setattr(bounds, "of_look", exact)


def runs_without_overlap(patch: pytest.MonkeyPatch) -> None:
    """Ask for runs from the end of the last look, without an overlap."""
    patch.setattr(bounds, "OVERLAP", timedelta(0))


def touched_runs_unread(patch: pytest.MonkeyPatch) -> None:
    """Read feedback without the run it judges."""
    patch.setattr(feedback, "touched", lambda *_: ())


def no_history(patch: pytest.MonkeyPatch) -> None:
    """Plan no backfill: nothing before the newest week is read."""
    patch.setattr(backfill, "needed", lambda *_, **__: None)


def late_projects_read_shortly(patch: pytest.MonkeyPatch) -> None:
    """Read a project that appears with a past like any other. Every project on a page counts as known."""
    after = ListProjects.after

    def known(self: ListProjects, page: Page, context: Context) -> Outcome:
        shown = Ids(row["project_id"] for row in page.rows)
        return after(replace(self, unseen=self.unseen.with_more(shown.without(self.seen))), page, context)

    patch.setattr(ListProjects, "after", known)


def no_daily_pass(patch: pytest.MonkeyPatch) -> None:
    """Make no daily pass."""
    patch.setattr(look, "is_deep", lambda *_: False)


def examples_read_once(patch: pytest.MonkeyPatch) -> None:
    """Read no dataset a second time."""
    versioned = examples.versioned

    def once(dataset: str, newest: Any, seen: Any, context: Context) -> Any:
        known = context.memory.examples.versions.of(dataset)
        return () if known else versioned(dataset, newest, seen, context)

    patch.setattr(dataset_versions, "versioned", once)
