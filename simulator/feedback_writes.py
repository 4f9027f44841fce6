"""Write feedback over HTTP: one by one, or among the parts of an ingest."""

from __future__ import annotations

from typing import Any, cast

from simulator.call import Call
from simulator.feedback import feedback_of, feedback_record
from simulator.fields import FeedbackFields
from simulator.messages import ApiError, Response, answer
from simulator.names import split_names

PLAIN = split_names("score value comment correction extra feedback_group_id comparative_experiment_id trace_id id")


def create_feedback(call: Call) -> Response:
    """POST /feedback. A run that does not exist (yet) is a 404, after which the SDK retries."""
    body = call.json_object()
    if body.get("run_id") and body["run_id"] not in call.store.runs:
        raise ApiError(404, "Run not found")
    ident = store_feedback(call, body)
    return answer(feedback_record(call, call.store.feedback[ident]))


def update_feedback(call: Call) -> Response:
    """PATCH /feedback/{id}: changes the fields that are sent, null included."""
    feedback = feedback_of(call)
    changes = {name: value for name, value in call.json_object().items() if name in PLAIN and name != "id"}
    call.store.edit_feedback(feedback.id, **cast("FeedbackFields", changes))
    return answer(feedback_record(call, feedback))


def delete_feedback(call: Call) -> Response:
    """DELETE /feedback/{id}."""
    call.store.delete_feedback(feedback_of(call).id)
    return answer({})


def store_feedback(call: Call, sent: dict[str, Any]) -> str:
    """Store one piece of feedback; returns its id."""
    source = sent.get("feedback_source") or {}
    given: dict[str, Any] = {name: sent[name] for name in PLAIN if sent.get(name) is not None}
    given |= {
        "project_id": sent.get("session_id"),
        "source_type": source.get("type", "api"),
        "source_metadata": source.get("metadata"),
        "created_at": sent.get("created_at"),
    }
    run_id, key = sent.get("run_id"), str(sent.get("key"))
    return call.store.add_feedback(run_id, key, **cast("FeedbackFields", given))
