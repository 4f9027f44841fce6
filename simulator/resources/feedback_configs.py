"""Feedback configs: how feedback of a key is to be read. The whole resource stands here, from its records to its history.

GET follows the OpenAPI document of August 2026. The fields `id`, `is_enforced`, `is_first` and `is_deleted` (of servers since
October 2026) and the other methods follow the official SDK (0.15.0, client.py). This workspace does not enforce configs, so a
key has one at most. POST /feedback makes none: what LangSmith does with its `feedback_config` is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.feedback_keys import TABLE, FeedbackConfig, configs, put_config
from simulator.messages import ApiError, Response, answer, invalid
from simulator.resource import Action, Record, Resource
from simulator.times import aware

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.workspace import Workspace

TYPES = ("continuous", "categorical", "freeform")
FIELDS = ("type", "min", "max", "categories")


def delete_config(workspace: Workspace, key: str) -> str:
    """Delete a key's config. LangSmith keeps it, but lists it on demand only. The key may have a new one later."""
    return configs(workspace).pop(key).feedback_key


def list_configs(call: Call) -> Response:
    """GET /feedback-configs: a page; without a limit, all.

    The order is not documented. Here it is that of `modified_at`, in which an edit between two pages moves a config.
    """
    query, found = call.query, list(configs(call.store).values())
    keys, part = query.many("key"), query.text("name_contains") or ""
    query.flag("read_after_write")  # every answer shows what was written before
    chosen = [one for one in found if part in one.feedback_key and (not keys or one.feedback_key in keys)]
    chosen.sort(key=lambda one: (one.modified_at, one.feedback_key), reverse=query.flag("sort_by_desc") is not False)
    offset, limit = call.page()
    end = None if query.text("limit") is None else offset + limit
    return answer([_record(call, one) for one in chosen[offset:end]])


def create_config(call: Call) -> Response:
    """POST /feedback-configs: an equal config is returned unchanged, another one of the same key is a 400."""
    body = call.json_object()
    key, config, lower = str(body.get("feedback_key") or ""), _config_in(body), body.get("is_lower_score_better")
    if not key:
        raise invalid("body", "feedback_key", "field required", "value_error.missing")
    known = configs(call.store).get(key)
    if known is not None and (known.config != config or lower not in (None, known.is_lower_score_better)):
        raise ApiError(400, "Feedback config already exists")
    if known is None:
        put_config(call.store, key, config, lower_is_better=lower)
    return answer(_record(call, configs(call.store)[key]))


def update_config(call: Call) -> Response:
    """PATCH /feedback-configs: changes what is sent; a `feedback_config` replaces the whole one."""
    body = call.json_object()
    known = _known(call, body.get("feedback_key"))
    config = known.config if body.get("feedback_config") is None else _config_in(body)
    put_config(call.store, known.feedback_key, config, lower_is_better=body.get("is_lower_score_better"))
    return answer(_record(call, configs(call.store)[known.feedback_key]))


def remove_config(call: Call) -> Response:
    """DELETE /feedback-configs?feedback_key=."""
    delete_config(call.store, _known(call, call.query.text("feedback_key")).feedback_key)
    return answer({})


def _known(call: Call, key: object) -> FeedbackConfig:
    known = configs(call.store).get(str(key))
    if known is None:
        raise ApiError(404, "Feedback config not found")
    return known


def _config_in(body: dict[str, Any]) -> dict[str, Any]:
    config = body.get("feedback_config")
    if not isinstance(config, dict) or config.get("type") not in TYPES:
        raise invalid("body", "feedback_config", f"type is not one of {TYPES}", "type_error.enum")
    return config


def _record(call: Call, one: FeedbackConfig) -> Record:
    """A FeedbackConfigSchema."""
    return {
        "id": one.id,
        "feedback_key": one.feedback_key,
        "feedback_config": dict.fromkeys(FIELDS) | one.config,
        "tenant_id": call.tenant_id,
        "modified_at": aware(one.modified_at),
        "is_lower_score_better": one.is_lower_score_better,
        "is_enforced": False,
        "is_first": True,
        "is_deleted": False,
    }


# Truth, seeded data, and what happens in a workspace in use


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_feedback_config by key."""
    return {key: _row(one) for key, one in configs(workspace).items()}


def _row(one: FeedbackConfig) -> Record:
    read = {name: one.config.get(name) for name in FIELDS}
    rest = {"is_lower_score_better": one.is_lower_score_better, "modified_at": one.modified_at}
    return {"feedback_key": one.feedback_key, **read, **rest}


LABELS = ("CONCEPTUAL", "PROCEDURAL", None)
SEEDED: dict[str, dict[str, Any]] = {
    "correctness": {"type": "continuous", "min": 0, "max": 1},
    "stars": {"type": "continuous", "min": 1, "max": 4.5},
    "errors": {"type": "continuous", "min": 0},
    "category": {"type": "categorical", "categories": [{"value": n, "label": label} for n, label in enumerate(LABELS)]},
    "note": {"type": "freeform"},
}


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """A config of every type, made at moments since `oldest`."""
    now = workspace.clock.now()
    for key, config in SEEDED.items():
        put_config(workspace, key, config, lower_is_better=key == "errors")
        configs(workspace)[key].modified_at = oldest + (now - oldest) * rng.random()


def is_put(workspace: Workspace, rng: Random) -> object:
    """A config is made, or replaced where the key has one."""
    config = {"type": "continuous", "min": rng.randint(-9, 0), "max": rng.random()}
    return put_config(workspace, f"key {rng.randint(1, 6)}", config, lower_is_better=rng.random() < 0.5)


def is_deleted(workspace: Workspace, rng: Random) -> object:
    """A config goes, if there is one."""
    keys = sorted(configs(workspace))
    return delete_config(workspace, rng.choice(keys)) if keys else None


RESOURCE = Resource(
    table=TABLE,
    operations=(
        ("GET", "/feedback-configs", "feedback_configs", list_configs),
        ("POST", "/feedback-configs", "write", create_config),
        ("PATCH", "/feedback-configs", "write", update_config),
        ("DELETE", "/feedback-configs", "write", remove_config),
    ),
    rows=rows,
    seed=seed,
    actions={"feedback_config_is_put": Action(1.5, is_put), "feedback_config_is_deleted": Action(0.4, is_deleted)},
    unimplemented={
        "GET /feedback-configs": ("include_all_configs", "is_enforced"),
        "POST /feedback-configs": ("is_enforced",),
        "PATCH /feedback-configs": ("id", "add_categories", "remove_categories"),
        "DELETE /feedback-configs": ("id",),
    },
)
