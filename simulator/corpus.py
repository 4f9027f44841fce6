"""Seeded data that looks like a workspace in use: nested traces, every type and outcome, feedback of every kind.

The same seed, shape and clock give the same workspace. All records lie in the past of the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TypedDict, Unpack

from simulator.corpus_feedback import give_feedback
from simulator.corpus_traces import Trace, make_trace
from simulator.resources import RESOURCES
from simulator.workspace import Workspace

PROJECTS = ("checkout-assistant", "support-agent", "search-rewriter", "invoice-reader", "release-notes")
DATASETS = ("golden-questions", "refund-cases", "tone-of-voice", "long-documents")
TOPICS = ("parcels", "invoices", "returns", "opening hours", "warranties", "gift cards")


class CorpusShape(TypedDict, total=False):
    """How much data to make."""

    projects: int  # the last of three or more is an experiment, when there is a dataset
    runs: int  # in all projects together
    datasets: int
    examples: int  # in each dataset
    feedback: float  # share of the root runs
    days: float  # how far back it reaches
    payload_bytes: int  # of a run's inputs and outputs together, roughly


DEFAULTS: CorpusShape = {
    "projects": 3,
    "runs": 500,
    "datasets": 2,
    "examples": 20,
    "feedback": 0.2,
    "days": 30.0,
    "payload_bytes": 600,
}


def fill(workspace: Workspace, seed: int, **shape: Unpack[CorpusShape]) -> None:
    """Fill a workspace."""
    full: CorpusShape = {**DEFAULTS, **shape}
    rng = Random(seed)
    now = workspace.clock.now()
    oldest = now - timedelta(days=full["days"])
    datasets = [_dataset(workspace, rng, number, full["examples"], oldest) for number in range(full["datasets"])]
    projects = _projects(workspace, full["projects"], datasets, oldest)
    roots = _traces(workspace, rng, projects, full, (oldest, now))
    for project in projects:
        workspace.add_feedback(None, "overall", score=rng.random(), project_id=project, created_at=now)
    for root in roots:
        if rng.random() < full["feedback"]:
            give_feedback(workspace, rng, root, now)
    for resource in RESOURCES:
        resource.seed(workspace, Random(f"{seed} {resource.table}"), oldest)  # a generator of its own


def _projects(workspace: Workspace, count: int, datasets: list[str], oldest: datetime) -> list[str]:
    made = []
    for number in range(count):
        experiment = number == count - 1 and count > 2 and bool(datasets)
        made.append(
            workspace.add_project(
                f"experiment-{number}" if experiment else _numbered(PROJECTS, number),
                start_time=oldest,
                description=None if number % 2 else "made by the simulator",
                metadata={"team": "blue" if number % 2 else "green"},
                reference_dataset_id=datasets[0] if experiment else None,
                end_time=workspace.clock.now() if experiment else None,
            )
        )
    return made


def _dataset(workspace: Workspace, rng: Random, number: int, examples: int, oldest: datetime) -> str:
    """Add a dataset whose examples were added one by one; some were changed or deleted since. Returns its id."""
    dataset = workspace.add_dataset(
        _numbered(DATASETS, number), created_at=oldest, description="made by the simulator", metadata={"source": "csv"}
    )
    moment = oldest
    made = []
    for row in range(examples):
        moment += timedelta(minutes=1)
        question = {"question": f"what about {rng.choice(TOPICS)}, case {row}?"}
        split = {"dataset_split": [rng.choice(("train", "test"))]}
        made.append(workspace.add_example(dataset, question, {"answer": f"case {row}"}, split, as_of=moment))
    for row in range(examples // 10):
        moment += timedelta(minutes=1)
        workspace.edit_example(made[row * 2], outputs={"answer": f"case {row}, corrected"}, as_of=moment)
        workspace.delete_example(made[row * 2 + 1], as_of=moment + timedelta(seconds=30))
    return dataset


def _traces(
    workspace: Workspace, rng: Random, projects: list[str], full: CorpusShape, window: tuple[datetime, datetime]
) -> list[str]:
    """Add traces until there are as many runs as asked for; returns the ids of the roots."""
    left, start = full["runs"], window[0]
    roots: list[str] = []
    while left > 0 and projects:
        project = projects[len(roots) % len(projects)]
        if rng.random() > 0.02:  # else this trace starts at the same microsecond as the one before
            start = window[0] + (window[1] - window[0] - timedelta(minutes=10)) * rng.random()
        trace = Trace(project, start, min(left, rng.randint(1, 9)), full["payload_bytes"], _example(workspace, project))
        roots.append(make_trace(workspace, rng, trace))
        left -= trace.size
    return roots


def _example(workspace: Workspace, project: str) -> list[str]:
    """The ids of the examples that an experiment runs over; empty for a plain project."""
    dataset = workspace.datasets.get(workspace.projects[project].reference_dataset_id or "")
    return list(dataset.examples) if dataset else []


def _numbered(names: tuple[str, ...], number: int) -> str:
    turn, place = divmod(number, len(names))
    return names[place] if turn == 0 else f"{names[place]}-{turn + 1}"
