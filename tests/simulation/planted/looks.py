"""What is looked at again, and how far back: wrong ways of it, each planted by replacing one function.

Not here: by which steps they are met (the table in planted).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core import cycles, histories, ledger, listing, plan, spans, walks
from langsmith_core.sync.state import State


def ledger_forgets(patch: pytest.MonkeyPatch) -> None:
    """Unfinished runs are not remembered."""
    patch.setattr(ledger, "noted", lambda *_: ("", None))


def feedback_without_overlap(patch: pytest.MonkeyPatch) -> None:
    """Feedback is asked for from where the last look ended."""

    def exact(_: Any, cycle: Any, __: Any) -> Any:
        return cycle.feedback_since or cycle.until - spans.RETENTION, cycle.until

    patch.setattr(spans, "feedback", exact)


def runs_without_overlap(patch: pytest.MonkeyPatch) -> None:
    """Runs are asked for from where the last look ended."""
    patch.setattr(spans, "OVERLAP", timedelta(0))


def touched_runs_unread(patch: pytest.MonkeyPatch) -> None:
    """Feedback comes without the run it judges."""
    patch.setattr(plan, "_touched", lambda *_: ())


def no_history(patch: pytest.MonkeyPatch) -> None:
    """Nothing before the newest week is read."""
    patch.setattr(histories, "needed", lambda *_, **__: None)


def late_projects_read_shortly(patch: pytest.MonkeyPatch) -> None:
    """A project that appears with a past is read like any other."""
    patch.setattr(listing, "_late", lambda *_: frozenset())


def no_daily_pass(patch: pytest.MonkeyPatch) -> None:
    """The recent past is never read again."""
    opened = cycles.opened

    def shallow(*values: Any) -> State:
        state = opened(*values)
        assert state.cycle
        return replace(state, cycle=replace(state.cycle, deep=False))

    patch.setattr(cycles, "opened", shallow)


def examples_read_once(patch: pytest.MonkeyPatch) -> None:
    """A dataset that was read is not read again."""
    versioned = plan.versioned

    def once(state: Any, piece: Any, newest: Any, seen: Any) -> Any:
        known = piece.parents[0] in ledger.versions(state.versions)
        return walks.moved(state, None) if known else versioned(state, piece, newest, seen)

    patch.setattr(plan, "versioned", once)
