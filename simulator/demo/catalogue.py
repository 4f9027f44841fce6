"""The demo's prompts with their versions, and its annotation queues: answers that users disliked wait for a review."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator import hub, queues
from simulator.demo.prompts import PROMPTS, Version
from simulator.workspace import Workspace

DISLIKED, SAMPLED = "answers that users disliked", "a sample of invoices"
AUTHORS = ("Ada L.", "Grace H.")


def make_prompts(workspace: Workspace, now: datetime) -> None:
    """Add the prompts, each with its commits at their own times."""
    for number, versions in enumerate(PROMPTS):
        with workspace.standing_at(now - timedelta(days=versions[0].age)):
            prompt = hub.make_prompt(workspace, versions[0].prompt, description="of the demo's shop", created_by=AUTHORS[0])
        hub.prompts(workspace)[prompt].views = 40 - 9 * number
        for version in versions:
            with workspace.standing_at(now - timedelta(days=version.age)):
                _push(workspace, prompt, version)


def make_queues(workspace: Workspace, now: datetime) -> None:
    """Add the queues: who looks at an answer does so days after it was queued, so the newest wait."""
    disliked = [one.run_id for one in workspace.all_feedback if one.key == "user_score" and one.score == 0]
    read = [run.id for run in workspace.runs.values() if run.name == "invoice-reader" and run.parent_run_id is None]
    for name, runs, reviews in ((DISLIKED, disliked, 2), (SAMPLED, read[::6], 1)):
        with workspace.standing_at(now - timedelta(days=13.9)):
            queue = queues.add_queue(
                workspace, name, reviews=reviews, reviewers=list(queues.REVIEWERS), metadata={"team": "shop"}
            )
        for run in runs:
            _queue(workspace, queue, str(run), reviews, now)


def _push(workspace: Workspace, prompt: str, version: Version) -> None:
    kwargs = {"input_variables": [], "template": version.template, "template_format": "f-string"}
    manifest = {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "prompt", "PromptTemplate"], "kwargs": kwargs}
    hub.push_commit(workspace, prompt, manifest, description=f"version {version.number}", author=AUTHORS[version.number % 2])
    hub.prompts(workspace)[prompt].commits[-1].hash = version.commit


def _queue(workspace: Workspace, queue: str, run: str, reviews: int, now: datetime) -> None:
    ended = workspace.runs[run].end_time or now
    with workspace.standing_at(min(now, ended + timedelta(minutes=11))):
        item = queues.add_item(workspace, queue, run)
    for turn, user in enumerate(queues.REVIEWERS[:reviews]):
        at = ended + timedelta(days=2 + 2 * turn)
        if at < now:
            with workspace.standing_at(at):
                queues.review(workspace, queue, item, user)
