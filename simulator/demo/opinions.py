"""Feedback on the demo's runs: what users, online evaluators and annotators say. Newer prompts earn better feedback."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_OID, uuid5

from simulator.demo.applications import TOPICS
from simulator.demo.people import Visit
from simulator.demo.prompts import SUPPORT, at_age
from simulator.feedback_keys import configs, put_config
from simulator.fields import FeedbackFields
from simulator.workspace import Workspace

LIKED = {1: 0.58, 2: 0.72, 3: 0.88}  # the share of thumbs up, by the prompt's version
INVENTED = {1: 0.24, 2: 0.14, 3: 0.05}  # the share of answers that invent something
HELPFUL = {1: 0.56, 2: 0.66, 3: 0.79}
CONFIGS: dict[str, dict[str, object]] = {
    "user_score": {"type": "continuous", "min": 0, "max": 1},
    "helpfulness": {"type": "continuous", "min": 0, "max": 1},
    "hallucination": {"type": "continuous", "min": 0, "max": 1},
    "correctness": {"type": "continuous", "min": 0, "max": 1},
    "conciseness": {"type": "continuous", "min": 0, "max": 1},
    "topic": {"type": "categorical", "categories": [{"value": n, "label": topic} for n, topic in enumerate(TOPICS)]},
    "note": {"type": "freeform"},
}


def configure(workspace: Workspace, since: datetime) -> None:
    """Say what each feedback key means."""
    for place, (key, config) in enumerate(CONFIGS.items()):
        put_config(workspace, key, config, lower_is_better=key == "hallucination")
        configs(workspace)[key].modified_at = since + timedelta(minutes=place)


def judge(workspace: Workspace, rng: Random, root: str, visit: Visit, now: datetime) -> None:
    """Give a support agent's run some feedback, or none."""
    version, failed = at_age(SUPPORT, visit.age).number, workspace.runs[root].status == "error"
    if visit.environment == "production" and rng.random() < 0.75:
        liked = float(rng.random() < (0.05 if failed else LIKED[version]))
        user = str(uuid5(NAMESPACE_OID, visit.user))
        _give(workspace, root, "user_score", rng.uniform(5, 600), now, score=liked, source_type="app", user_id=user)
        if not liked and rng.random() < 0.3:
            right = {"output": "Please see page 12."}
            _give(workspace, root, "note", 7200, now, comment="The page is wrong.", correction=right, source_type="app")
    if not failed and rng.random() < 0.8:
        helpful = min(1.0, max(0.0, round(rng.gauss(HELPFUL[version], 0.12), 2)))
        invented = float(rng.random() < INVENTED[version])
        _give(workspace, root, "helpfulness", 90, now, score=helpful, source_type="auto_eval")
        _give(workspace, root, "hallucination", 95, now, score=invented, source_type="auto_eval")
        topic = str(workspace.runs[root].inputs["question"]).removeprefix("What about ").partition("?")[0]
        _give(workspace, root, "topic", 100, now, score=float(TOPICS.index(topic)), value=topic, source_type="auto_eval")


def _give(workspace: Workspace, root: str, key: str, seconds: float, now: datetime, **fields: object) -> None:
    """Give feedback some seconds after the run ended, at the latest now."""
    ended = workspace.runs[root].end_time or now
    given: FeedbackFields = {**fields, "created_at": min(now, ended + timedelta(seconds=round(seconds)))}  # type: ignore[typeddict-item]  # each caller names fields of feedback
    workspace.add_feedback(root, key, **given)
