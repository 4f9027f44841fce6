"""Seeded feedback: every kind of score, value, comment and correction that the API can hold."""

from __future__ import annotations

from datetime import datetime
from random import Random

from simulator.fields import FeedbackFields
from simulator.workspace import Workspace

KINDS: tuple[tuple[str, FeedbackFields], ...] = (
    ("correctness", {"score": 0.75, "comment": "almost right", "source_type": "model"}),
    ("helpful", {"score": True, "source_type": "app"}),
    ("helpful", {"score": False, "comment": "не помогло 🙁", "source_type": "app"}),
    ("stars", {"score": 4, "source_type": "api"}),
    ("category", {"value": "CONCEPTUAL", "source_type": "auto_eval"}),
    ("category", {"value": "PROCEDURAL", "source_type": "auto_eval"}),
    ("rubric", {"score": 0.5, "value": {"tone": 2, "facts": 3}, "source_type": "model"}),
    ("label", {"value": 3}),
    ("flag", {"value": True}),
    ("note", {"comment": "please look at this one", "source_type": "app"}),
    ("edit", {"correction": {"output": "a better answer"}, "comment": "corrected", "source_type": "app"}),
    ("edit", {"correction": "a better answer, as text"}),
)


def give_feedback(workspace: Workspace, rng: Random, run_id: str, now: datetime) -> None:
    """Give a run one or two pieces of feedback. One in twenty is changed later."""
    run = workspace.runs[run_id]
    since = run.end_time or run.start_time
    for key, fields in rng.sample(KINDS, rng.randint(1, 2)):
        created = since + (now - since) * rng.random() if now > since else now
        given: FeedbackFields = {**fields, "created_at": created}
        feedback = workspace.add_feedback(run_id, key, **given)
        if rng.random() < 0.05:
            workspace.edit_feedback(feedback, comment="changed my mind")
