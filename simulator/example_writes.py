"""Write examples over HTTP: one by one, in bulk, and in multipart bodies. One request makes one version."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, cast

from simulator.call import Call
from simulator.datasets import dataset_of
from simulator.examples import example_record
from simulator.fields import ExampleChanges, ExampleFields
from simulator.messages import ApiError, Response, answer, invalid
from simulator.multipart import parts_of
from simulator.names import split_names
from simulator.query import uuid_of
from simulator.records import Dataset
from simulator.times import aware

FIELDS = split_names("split created_at source_run_id attachments")
CHANGES = split_names("inputs outputs metadata split")


def create_example(call: Call) -> Response:
    """POST /examples."""
    made = _create(call, [call.json_object()])
    return answer(_records(call, made)[0])


def create_bulk(call: Call) -> Response:
    """POST /examples/bulk."""
    return answer(_records(call, _create(call, _list(call))))


def update_example(call: Call) -> Response:
    """PATCH /examples/{id}."""
    ident = _known(call, call.ident("example_id"))
    _update(call, [{**call.json_object(), "id": ident}])
    return answer({"message": "Example updated", **_records(call, [ident])[0]})


def update_bulk(call: Call) -> Response:
    """PATCH /examples/bulk."""
    changed = _update(call, _list(call))
    return answer({"message": f"{len(changed)} examples updated", "count": len(changed), "example_ids": changed})


def delete_example(call: Call) -> Response:
    """DELETE /examples/{id}."""
    call.store.delete_example(_known(call, call.ident("example_id")))
    return answer({})


def delete_many(call: Call) -> Response:
    """DELETE /examples?example_ids=..., soft."""
    for ident in call.query.ids("example_ids"):
        call.store.delete_example(_known(call, ident))
    return answer({})


def delete_hard(call: Call) -> Response:
    """POST /platform/datasets/examples/delete."""
    body = call.json_object()
    idents = [_known(call, str(ident)) for ident in body.get("example_ids", ())]
    for ident in idents:
        call.store.delete_example(ident, hard=bool(body.get("hard_delete")))
    return answer({"count": len(idents), "example_ids": idents})


def create_multipart(call: Call) -> Response:
    """POST /platform/datasets/{dataset_id}/examples."""
    dataset = dataset_of(call)
    made = _create(call, [{**row, "dataset_id": dataset.id} for row in _from_parts(call)])
    return answer(_summary(dataset, made), 201)


def update_multipart(call: Call) -> Response:
    """PATCH /platform/datasets/{dataset_id}/examples."""
    return answer(_summary(dataset_of(call), _update(call, _from_parts(call))), 201)


def _from_parts(call: Call) -> list[dict[str, Any]]:
    """Read examples from parts named `<id>`, `<id>.inputs`, `<id>.outputs`, `<id>.attachment.<name>`."""
    rows: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for part in parts_of(call.request):
        ident, *field = part.name.split(".", 2)
        if not field:
            rows[ident].update(json.loads(part.data))
        elif field[0] == "attachment":
            kind = part.content_type.partition(";")[0]
            rows[ident].setdefault("attachments", {})[field[1]] = (kind, part.data)
        else:
            rows[ident][field[0]] = json.loads(part.data)
    return [{**row, "id": ident} for ident, row in rows.items()]


def _summary(dataset: Dataset, idents: list[str]) -> dict[str, Any]:
    return {"count": len(idents), "example_ids": idents, "as_of": aware(dataset.versions[-1])}


def _create(call: Call, rows: list[dict[str, Any]]) -> list[str]:
    """Add examples, in one version of each dataset."""
    versions: dict[str, Any] = {}
    made = []
    for row in rows:
        dataset_id = uuid_of("body", "dataset_id", row.get("dataset_id"))
        if dataset_id not in call.store.datasets:
            raise ApiError(404, "Dataset not found")
        at = versions.setdefault(dataset_id, _next_version(call, call.store.datasets[dataset_id]))
        fields = {name: row[name] for name in FIELDS if row.get(name) is not None}
        given = cast("ExampleFields", {**fields, "id": row.get("id"), "as_of": at})
        inputs, outputs = _content(call, row)
        made.append(call.store.add_example(dataset_id, inputs, outputs, row.get("metadata"), **given))
    return made


def _content(call: Call, row: dict[str, Any]) -> tuple[Any, Any]:
    """The content of an example: its own inputs and outputs, or those of its source run (`use_source_run_io`)."""
    if not row.get("use_source_run_io"):
        return row.get("inputs") or {}, row.get("outputs")
    run = call.store.runs.get(str(row.get("source_run_id")))
    if run is None:
        raise ApiError(404, "Run not found")
    return run.inputs, run.outputs


def _update(call: Call, rows: list[dict[str, Any]]) -> list[str]:
    idents = [_known(call, str(row.get("id"))) for row in rows]
    for ident, row in zip(idents, rows, strict=True):
        changes = {name: row[name] for name in CHANGES if row.get(name) is not None}
        call.store.edit_example(ident, **cast("ExampleChanges", changes))
    return idents


def _next_version(call: Call, dataset: Dataset) -> datetime:
    now = call.store.clock.now()
    return max(now, dataset.versions[-1] + timedelta(microseconds=1)) if dataset.versions else now


def _known(call: Call, ident: str) -> str:
    if ident not in call.store.dataset_of_example:
        raise ApiError(404, "Example not found")
    return ident


def _list(call: Call) -> list[dict[str, Any]]:
    body = call.request.body
    if not isinstance(body, list):
        raise invalid("body", "body", "value is not a valid list", "type_error.list")
    return body


def _records(call: Call, idents: list[str]) -> list[dict[str, Any]]:
    datasets = (call.store.datasets[call.store.dataset_of_example[ident]] for ident in idents)
    pairs = zip(idents, datasets, strict=True)
    return [example_record(call, dataset.examples[ident].revisions[-1]) for ident, dataset in pairs]
