"""Ingest: tracing clients send runs one by one, in batches or in multipart bodies, which may hold feedback too.

A run that started more than 24 hours away from now is refused, and with it the whole request.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, cast

from simulator.call import Call
from simulator.feedback_writes import store_feedback
from simulator.fields import RunFields
from simulator.messages import ApiError, Response, answer
from simulator.multipart import parts_of, unpacked
from simulator.names import split_names
from simulator.query import moment_of, uuid_of
from simulator.usage import usage_fields

WINDOW = timedelta(hours=24)
TOO_FAR = "Run start_time must be within 24 hours of the current time"
PLAIN = split_names(
    "name run_type inputs outputs error events serialized tags extra parent_run_id trace_id dotted_order "
    "reference_example_id start_time end_time attachments"
)


def ingest_batch(call: Call) -> Response:
    """POST /runs/batch: `{"post": [...], "patch": [...]}`."""
    body = json.loads(unpacked(call.request))
    _check_window(call, [*body.get("post", ()), *body.get("patch", ())])
    for run in (*body.get("post", ()), *body.get("patch", ())):
        _store(call, run)
    return answer({}, 202)


def ingest_multipart(call: Call) -> Response:
    """POST /runs/multipart: parts named `post.<id>`, `post.<id>.inputs`, `attachment.<id>.<name>`, `feedback.<id>`."""
    runs: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    feedback: list[dict[str, Any]] = []
    for part in parts_of(call.request):
        operation, ident, *field = part.name.split(".", 2)
        if operation == "feedback":
            feedback.append(json.loads(part.data))
        elif operation == "attachment":
            kind = part.content_type.partition(";")[0]
            runs[ident].setdefault("attachments", {})[field[0]] = (kind, part.data)
        elif field:
            runs[ident][field[0]] = json.loads(part.data)
        else:
            runs[ident].update(json.loads(part.data))
    _check_window(call, list(runs.values()))
    for ident, run in runs.items():
        _store(call, {**run, "id": ident})
    for item in feedback:
        store_feedback(call, item)
    return answer({}, 202)


def ingest_run(call: Call) -> Response:
    """POST /runs: one run."""
    run = json.loads(unpacked(call.request))
    _check_window(call, [run])
    _store(call, run)
    return answer({}, 202)


def patch_run(call: Call) -> Response:
    """PATCH /runs/{id}: changes of a run."""
    _store(call, {**json.loads(unpacked(call.request)), "id": call.ident("run_id")})
    return answer({}, 202)


def _check_window(call: Call, runs: list[dict[str, Any]]) -> None:
    now = call.store.clock.now()
    for run in runs:
        if run.get("start_time") and abs(_moment(run["start_time"]) - now) > WINDOW:
            raise ApiError(400, TOO_FAR)


def _moment(value: object) -> datetime:
    """A moment as ISO text; JavaScript sends milliseconds."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, tz=moment_of("body", "", "1970-01-01").tzinfo)
    return moment_of("body", "start_time", value)


def _store(call: Call, sent: dict[str, Any]) -> None:
    """Create the run or update it: clients send a run when it starts and again when it ends."""
    store = call.store
    ident = uuid_of("body", "id", sent.get("id"))
    given = {name: sent[name] for name in PLAIN if sent.get(name) is not None}
    for name in ("start_time", "end_time"):
        if name in given:
            given[name] = _moment(given[name])
    before = store.runs.get(ident)
    if before is not None:
        merged = {name: given[name] for name in given if name not in {"trace_id", "dotted_order", "parent_run_id"}}
        store.update_run(ident, **cast("RunFields", merged))
    else:
        _add(call, ident, sent, given)
    store.update_run(ident, **cast("RunFields", usage_fields(store.runs[ident])))


def _add(call: Call, ident: str, sent: dict[str, Any], given: dict[str, Any]) -> None:
    given.setdefault("inputs", None)
    given.setdefault("outputs", None)
    given.setdefault("end_time", None)
    project = _project(call, sent)
    call.store.add_run(project, **cast("RunFields", {**given, "id": ident}))


def _project(call: Call, sent: dict[str, Any]) -> str:
    """The project by id or name. A project that does not exist is created with its first run."""
    if sent.get("session_id") in call.store.projects:
        return str(sent["session_id"])
    name = sent.get("session_name") or "default"
    known = call.store.project_named(name)
    return known.id if known else call.store.add_project(name, start_time=sent.get("start_time"))
