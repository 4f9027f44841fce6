"""Runs as v1 answers them: every field of the schema is present, and an unselected one holds the schema's default.

Timestamps are naive UTC. Payloads are encoded once and spliced in; the rest is encoded once for each selection.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.downloads import storage_urls
from simulator.feedback_stats import v1_stats
from simulator.jsontext import encode, splice
from simulator.names import split_names
from simulator.records import PAYLOADS, Run
from simulator.store import LONGLIVED, SHORTLIVED
from simulator.times import naive
from simulator.view import View

REQUIRED = frozenset({"id", "name", "run_type", "status", "trace_id", "dotted_order", "session_id", "app_path"})
DEFAULTS: dict[str, Any] = {
    "execution_order": 1,
    "total_tokens": 0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "trace_upgrade": False,
}
# selectable beyond RunSchema, and answered only if selected
EXTRA_SELECTS = frozenset(
    split_names(
        "manifest inserted_at trace_min_max_start_time inputs_or_signed_url outputs_or_signed_url error_or_signed_url "
        "events_or_signed_url extra_or_signed_url serialized_or_signed_url"
    )
)
NOT_BY_DEFAULT = frozenset(
    split_names(
        "inputs_preview outputs_preview inputs_s3_urls outputs_s3_urls s3_urls child_run_ids direct_child_run_ids "
        "messages trace_min_start_time trace_max_start_time"
    )
)


Getter = Callable[[Run, View], Any]


def _attribute(name: str) -> Getter:
    return lambda run, _: getattr(run, name)


def _moment(name: str) -> Getter:
    return lambda run, _: naive(getattr(run, name))


def _app_path(run: Run, _: View) -> str:
    where = f"/o/00000000-0000-4000-8000-00000000e001/projects/p/{run.project_id}/r/{run.id}"
    return f"{where}?trace_id={run.trace_id}&start_time={naive(run.start_time)}"


def _trace_start(run: Run, view: View) -> datetime:
    root = view.store.runs.get(run.trace_id, run)
    return root.start_time


def _children(run: Run, view: View) -> list[str]:
    return [other.id for other in view.store.trace_runs[run.trace_id] if run.id in other.parent_run_ids]


def _tier(run: Run, view: View) -> str:
    return "longlived" if run.trace_id in view.store.longlived else "shortlived"


def _ttl(run: Run, view: View) -> int:
    return int((LONGLIVED if run.trace_id in view.store.longlived else SHORTLIVED).total_seconds())


def _feedback_stats(run: Run, view: View) -> dict[str, Any] | None:
    return v1_stats(view.store.run_feedback.get(run.id, ()))


def _dataset(run: Run, view: View) -> str | None:
    return view.store.dataset_of_example.get(run.reference_example_id or "")


def _nothing(_: Run, __: View) -> None:
    return None


# every field of RunSchema except the payloads, in its order
FIELDS: dict[str, Getter] = {
    "name": _attribute("name"),
    "inputs_preview": lambda run, _: preview(run.inputs),
    "run_type": _attribute("run_type"),
    "start_time": _moment("start_time"),
    "end_time": _moment("end_time"),
    "error": _attribute("error"),
    "execution_order": lambda _, __: 1,
    "outputs_preview": lambda run, _: preview(run.outputs),
    "parent_run_id": _attribute("parent_run_id"),
    "manifest_id": _nothing,
    "manifest_s3_id": _nothing,
    "tags": _attribute("tags"),
    "inputs_s3_urls": lambda run, view: storage_urls(view.store, run, "inputs", view.base_url),
    "outputs_s3_urls": lambda run, view: storage_urls(view.store, run, "outputs", view.base_url),
    "s3_urls": lambda run, view: storage_urls(view.store, run, "attachment", view.base_url),
    "trace_id": _attribute("trace_id"),
    "dotted_order": _attribute("dotted_order"),
    "trace_min_start_time": lambda run, view: naive(_trace_start(run, view)),
    "trace_max_start_time": lambda run, view: naive(_trace_start(run, view)),
    "id": _attribute("id"),
    "status": _attribute("status"),
    "child_run_ids": _children,
    "direct_child_run_ids": _nothing,
    "parent_run_ids": lambda run, _: list(run.parent_run_ids),
    "feedback_stats": _feedback_stats,
    "reference_example_id": _attribute("reference_example_id"),
    "total_tokens": _attribute("total_tokens"),
    "prompt_tokens": _attribute("prompt_tokens"),
    "completion_tokens": _attribute("completion_tokens"),
    "prompt_token_details": _attribute("prompt_token_details"),
    "completion_token_details": _attribute("completion_token_details"),
    "total_cost": lambda run, view: view.cost(run.total_cost),
    "prompt_cost": lambda run, view: view.cost(run.prompt_cost),
    "completion_cost": lambda run, view: view.cost(run.completion_cost),
    "prompt_cost_details": lambda run, view: view.costs(run.prompt_cost_details),
    "completion_cost_details": lambda run, view: view.costs(run.completion_cost_details),
    "price_model_id": _nothing,
    "first_token_time": _moment("first_token_time"),
    "messages": _nothing,
    "session_id": _attribute("project_id"),
    "app_path": _app_path,
    "last_queued_at": _nothing,
    "in_dataset": lambda _, __: False,
    "share_token": _nothing,
    "trace_tier": _tier,
    "trace_first_received_at": lambda run, view: naive(_trace_start(run, view)),
    "ttl_seconds": _ttl,
    "trace_upgrade": lambda run, view: run.trace_id in view.store.longlived,
    "reference_dataset_id": _dataset,
    "thread_id": _attribute("thread_id"),
}
DEFAULT_SELECT = frozenset((FIELDS.keys() | set(PAYLOADS)) - NOT_BY_DEFAULT)
SELECTABLE = frozenset(FIELDS) | set(PAYLOADS) | EXTRA_SELECTS


def preview(payload: object) -> str | None:
    """The beginning of a payload as text."""
    return None if payload is None else encode(payload)[:200].decode("utf-8", "ignore")


def render(run: Run, selected: frozenset[str], view: View) -> bytes:
    """One run as v1's JSON."""
    parts = [(name, payload(run, name, view) if name in selected else b"null") for name in PAYLOADS]
    return splice(_light(run, selected, view), parts)


def payload(run: Run, name: str, view: View) -> bytes:
    """A payload's JSON, encoded once; null or an empty object if it lies in object storage."""
    if name in run.offloaded:
        return view.store.settings.offloaded_as.encode()
    if name not in run.payloads:
        run.payloads[name] = encode(getattr(run, name))
    return run.payloads[name]


def _light(run: Run, selected: frozenset[str], view: View) -> bytes:
    key = (selected, view.store.settings.costs_as_strings)
    kept = run.renderings.get(key)
    if kept is not None:
        return kept
    shown = view.shown(run)
    rendering = encode(
        {
            name: getter(shown, view) if name in selected or name in REQUIRED else DEFAULTS.get(name)
            for name, getter in FIELDS.items()
        }
    )
    if view.keeps(run):
        run.renderings[key] = rendering
    return rendering
