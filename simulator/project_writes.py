"""Write projects and datasets over HTTP."""

from __future__ import annotations

from typing import Any, cast

from simulator.call import Call
from simulator.datasets import dataset_of, dataset_record
from simulator.fields import DatasetFields, ProjectFields
from simulator.messages import ApiError, Response, answer
from simulator.names import split_names
from simulator.sessions import project_of, session_record

PROJECT = split_names("id start_time end_time description extra reference_dataset_id")
DATASET = split_names("id description data_type metadata inputs_schema_definition outputs_schema_definition")


def create_session(call: Call) -> Response:
    """POST /sessions. A name in use is a 409 unless `upsert` is set."""
    body = call.json_object()
    known = call.store.project_named(str(body.get("name")))
    if known is not None and not call.query.flag("upsert"):
        raise ApiError(409, "Session already exists.")
    given = cast("ProjectFields", _given(body, PROJECT))
    ident = known.id if known else call.store.add_project(str(body.get("name")), **given)
    if known:
        call.store.edit_project(ident, **given)
    return answer(session_record(call, call.store.projects[ident]))


def update_session(call: Call) -> Response:
    """PATCH /sessions/{id}."""
    project, body = project_of(call), call.json_object()
    if body.get("name"):
        call.store.rename_project(project.id, str(body["name"]))
    call.store.edit_project(project.id, **cast("ProjectFields", _given(body, PROJECT)))
    return answer(session_record(call, project))


def delete_session(call: Call) -> Response:
    """DELETE /sessions/{id}."""
    call.store.delete_project(project_of(call).id)
    return answer({}, 202)


def create_dataset(call: Call) -> Response:
    """POST /datasets. A name in use is a 409."""
    body = call.json_object()
    name = str(body.get("name"))
    if any(dataset.name == name for dataset in call.store.datasets.values()):
        raise ApiError(409, "Dataset with this name already exists.")
    body.setdefault("metadata", (body.get("extra") or {}).get("metadata"))
    ident = call.store.add_dataset(name, **cast("DatasetFields", _given(body, DATASET)))
    return answer(dataset_record(call, call.store.datasets[ident]))


def update_dataset(call: Call) -> Response:
    """PATCH /datasets/{id}."""
    dataset, body = dataset_of(call), call.json_object()
    call.store.edit_dataset(dataset.id, name=body.get("name"), **cast("DatasetFields", _given(body, DATASET)))
    return answer(dataset_record(call, dataset))


def delete_dataset(call: Call) -> Response:
    """DELETE /datasets/{id}."""
    call.store.delete_dataset(dataset_of(call).id)
    return answer({})


def _given(body: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: body[name] for name in names if body.get(name) is not None}
