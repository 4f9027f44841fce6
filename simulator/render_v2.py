"""Runs as v2 answers them: only selected fields, enums in capitals, milliseconds with a `Z`, details under `raw`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.downloads import storage_urls
from simulator.edit_runs import metadata_of
from simulator.feedback_stats import v2_stats
from simulator.jsontext import encode, splice
from simulator.records import Run
from simulator.render_v1 import preview
from simulator.times import millis, parse_time
from simulator.view import View

Getter = Callable[[Run, View], Any]


def _attribute(name: str) -> Getter:
    return lambda run, _: getattr(run, name)


def _capitals(name: str) -> Getter:
    return lambda run, _: str(getattr(run, name)).upper()


def _moment(name: str) -> Getter:
    return lambda run, _: millis(getattr(run, name))


def _details(name: str) -> Getter:
    def wrapped(run: Run, _: View) -> dict[str, Any] | None:
        details = getattr(run, name)
        return None if details is None else {"raw": details}

    return wrapped


def _latency(run: Run, _: View) -> float | None:
    return None if run.end_time is None else round((run.end_time - run.start_time).total_seconds(), 3)


def _attachments(run: Run, view: View) -> dict[str, str]:
    urls = storage_urls(view.store, run, "attachment", view.base_url) or {}
    return {name.removeprefix("attachment."): str(entry["presigned_url"]) for name, entry in urls.items()}


def _nothing(_: Run, __: View) -> None:
    return None


LIGHT: dict[str, Getter] = {
    "ID": _attribute("id"),
    "NAME": _attribute("name"),
    "RUN_TYPE": _capitals("run_type"),
    "STATUS": _capitals("status"),
    "START_TIME": _moment("start_time"),
    "END_TIME": _moment("end_time"),
    "LATENCY_SECONDS": _latency,
    "FIRST_TOKEN_TIME": _moment("first_token_time"),
    "ERROR": _attribute("error"),
    "ERROR_PREVIEW": lambda run, _: run.error[:200] if run.error else None,
    "INPUTS_PREVIEW": lambda run, _: preview(run.inputs),
    "OUTPUTS_PREVIEW": lambda run, _: preview(run.outputs),
    "PARENT_RUN_IDS": lambda run, _: list(run.parent_run_ids),
    "PROJECT_ID": _attribute("project_id"),
    "TRACE_ID": _attribute("trace_id"),
    "THREAD_ID": _attribute("thread_id"),
    "DOTTED_ORDER": _attribute("dotted_order"),
    "IS_ROOT": lambda run, _: run.parent_run_id is None,
    "REFERENCE_EXAMPLE_ID": _attribute("reference_example_id"),
    "REFERENCE_DATASET_ID": lambda run, view: view.store.dataset_of_example.get(run.reference_example_id or ""),
    "TOTAL_TOKENS": _attribute("total_tokens"),
    "PROMPT_TOKENS": _attribute("prompt_tokens"),
    "COMPLETION_TOKENS": _attribute("completion_tokens"),
    "TOTAL_COST": _attribute("total_cost"),
    "PROMPT_COST": _attribute("prompt_cost"),
    "COMPLETION_COST": _attribute("completion_cost"),
    "PROMPT_TOKEN_DETAILS": _details("prompt_token_details"),
    "COMPLETION_TOKEN_DETAILS": _details("completion_token_details"),
    "PROMPT_COST_DETAILS": _details("prompt_cost_details"),
    "COMPLETION_COST_DETAILS": _details("completion_cost_details"),
    "PRICE_MODEL_ID": _nothing,
    "TAGS": _attribute("tags"),
    "APP_PATH": lambda run, _: f"/projects/p/{run.project_id}/r/{run.id}",
    "ATTACHMENTS": _attachments,
    "THREAD_EVALUATION_TIME": _nothing,
    "IS_IN_DATASET": lambda _, __: False,
    "LAST_QUEUED_AT": _nothing,
    "SHARE_URL": _nothing,
    "FEEDBACK_STATS": lambda run, view: v2_stats(view.store.run_feedback.get(run.id, ())),
    "LS_USER_ID": _nothing,
}
# payload field: the column that it comes from
HEAVY: dict[str, Callable[[Run], Any]] = {
    "INPUTS": lambda run: run.inputs,
    "OUTPUTS": lambda run: run.outputs,
    "EXTRA": lambda run: run.extra,
    "METADATA": metadata_of,
    "EVENTS": lambda run: _events(run.events),
    "MANIFEST": lambda run: run.serialized,
}
SELECTABLE = frozenset(LIGHT) | frozenset(HEAVY)


def _events(events: Any) -> Any:
    """Events with their timestamps in v2's notation; anything else stays as it is."""
    if not isinstance(events, list):
        return events
    return [{**event, "time": _retimed(event["time"])} if "time" in event else event for event in events]


def _retimed(text: object) -> object:
    try:
        return millis(parse_time(str(text)))
    except ValueError:
        return text


def render(run: Run, selected: frozenset[str], view: View) -> bytes:
    """One run as v2's JSON."""
    key = ("v2", selected, view.totals, view.details)
    rendering = run.renderings.get(key)
    if rendering is None:
        shown = view.shown(run)
        rendering = encode({name.lower(): getter(shown, view) for name, getter in LIGHT.items() if name in selected})
        if view.keeps(run):
            run.renderings[key] = rendering
    return splice(rendering, [(name.lower(), _payload(run, name)) for name in HEAVY if name in selected])


def _payload(run: Run, name: str) -> bytes:
    shared = name.lower() if name in {"INPUTS", "OUTPUTS", "EXTRA"} else name  # the same bytes as on v1
    if shared not in run.payloads:
        run.payloads[shared] = encode(HEAVY[name](run))
    return run.payloads[shared]
