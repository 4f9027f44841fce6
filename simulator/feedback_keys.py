"""What a workspace's feedback keys mean, as it is stored. How configs are asked for is in resources/feedback_configs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.workspace import Workspace

TABLE = "langsmith_feedback_config"


@dataclass(slots=True, eq=False)
class FeedbackConfig:
    """One config; `config` is the API's FeedbackConfig object."""

    id: str
    feedback_key: str
    config: dict[str, Any]
    is_lower_score_better: bool
    modified_at: datetime


def configs(workspace: Workspace) -> dict[str, FeedbackConfig]:
    """All configs by feedback key."""
    return workspace.records[TABLE]


def put_config(workspace: Workspace, key: str, config: dict[str, Any], *, lower_is_better: bool | None = None) -> str:
    """Make a key's config, or replace it; None keeps the direction. Returns the key."""
    now, known = workspace.clock.now(), configs(workspace).get(key)
    ident = known.id if known else str(uuid5(NAMESPACE_OID, f"{key} {now}"))
    lower = bool(known and known.is_lower_score_better) if lower_is_better is None else lower_is_better
    configs(workspace)[key] = FeedbackConfig(ident, key, config, lower, now)
    return key
