"""GET /examples: a page of one version of one dataset, or examples by id."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from simulator.call import Call
from simulator.datasets import dataset_by_id
from simulator.downloads import storage_url
from simulator.jsontext import array, encode
from simulator.messages import ApiError, Response, answer, invalid
from simulator.names import split_names
from simulator.query import uuid_of
from simulator.records import Revision
from simulator.times import aware
from simulator.versions import as_of_moment, revision_at, revisions_at, version_at

DEFAULT_SELECT = split_names("id created_at modified_at name dataset_id source_run_id metadata inputs outputs")
SELECTABLE = (*DEFAULT_SELECT, "attachment_urls")
ALWAYS = ("id", "name", "dataset_id", "inputs")  # the schema requires these, whatever is selected

SortKey = Callable[[Revision], tuple[Any, ...]]
ORDERS: dict[str, SortKey] = {
    "recent": lambda revision: (revision.modified_at, revision.example.id),
    "recently_created": lambda revision: (revision.example.created_at, revision.example.id),
    "id": lambda revision: (revision.example.id,),
}


def list_examples(call: Call) -> Response:
    """A page of examples. A request without a dataset or ids is refused."""
    offset, limit = call.page()
    ids, dataset_id = call.query.ids("id"), call.query.text("dataset")
    if not ids and dataset_id is None:
        raise ApiError(400, "At least one of 'dataset' or 'id' must be specified")
    revisions = _by_id(call, ids) if ids else _of_dataset(call)
    chosen = _filtered(call, revisions)[offset : offset + limit]
    if ids and not chosen:  # the SDK's second page after exactly 100 ids ends here (langsmith-sdk 2138)
        raise ApiError(404, "Examples not found")
    select = _select(call)
    return Response(200, array([_encoded(call, revision, select) for revision in chosen]))


def count_examples(call: Call) -> Response:
    """How many examples a dataset has in one version."""
    ids = call.query.ids("id")
    return answer(len(_filtered(call, _by_id(call, ids) if ids else _of_dataset(call))))


def read_example(call: Call) -> Response:
    """One example, in its newest version or an older one."""
    found = _by_id(call, [call.ident("example_id")])
    datasets = call.query.ids("dataset")
    if not found or (datasets and found[0].example.dataset_id not in datasets):
        raise ApiError(404, "Example not found")
    return Response(200, _encoded(call, found[0], SELECTABLE))


def _of_dataset(call: Call) -> list[Revision]:
    """The examples of the requested dataset, in one version and one order."""
    dataset = dataset_by_id(call, uuid_of("query", "dataset", call.query.text("dataset")))
    order = call.query.choice("order", {*ORDERS, "random"}, "recent")
    descending = call.query.flag("descending")
    descending = order != "id" if descending is None else descending
    moment = as_of_moment(dataset, call.query.text("as_of") or "latest")
    if order == "random":
        shuffled = revisions_at(dataset, moment)
        random.Random(call.query.text("random_seed") or 0).shuffle(shuffled)
        return shuffled
    key = (version_at(dataset, moment), order, descending)
    if key not in dataset.listings:
        if len(dataset.listings) >= 4:
            dataset.listings.clear()
        dataset.listings[key] = sorted(revisions_at(dataset, moment), key=ORDERS[order], reverse=descending)
    return dataset.listings[key]


def _by_id(call: Call, ids: list[str]) -> list[Revision]:
    found = []
    for ident in dict.fromkeys(ids):
        dataset = call.store.datasets.get(call.store.dataset_of_example.get(ident, ""))
        if dataset is not None:
            moment = as_of_moment(dataset, call.query.text("as_of") or "latest")
            found.append(revision_at(dataset.examples[ident], moment))
    return [revision for revision in found if revision is not None]


def _filtered(call: Call, revisions: list[Revision]) -> list[Revision]:
    metadata, splits = call.query.mapping("metadata"), set(call.query.many("splits"))
    words = [word.lower() for word in call.query.many("full_text_contains")]
    if metadata:
        revisions = [item for item in revisions if metadata.items() <= (item.metadata or {}).items()]
    if splits:
        revisions = [item for item in revisions if splits & set((item.metadata or {}).get("dataset_split", ["base"]))]
    if words:
        texts = {item: (encode(item.inputs) + encode(item.outputs)).decode().lower() for item in revisions}
        revisions = [item for item in revisions if all(word in texts[item] for word in words)]
    return revisions


def _select(call: Call) -> tuple[str, ...]:
    names = call.query.many("select")
    unknown = [name for name in names if name not in SELECTABLE]
    if unknown:
        raise invalid("query", "select", f"value is not a valid enumeration member: {unknown[0]}", "type_error.enum")
    return (*ALWAYS, *names) if names else DEFAULT_SELECT


def _encoded(call: Call, revision: Revision, select: tuple[str, ...]) -> bytes:
    if select != DEFAULT_SELECT:
        record = example_record(call, revision)
        return encode({name: record[name] for name in dict.fromkeys(select)})
    if revision.encoded is None:
        record = example_record(call, revision)
        revision.encoded = encode({name: record[name] for name in DEFAULT_SELECT})
    return revision.encoded


def example_record(call: Call, revision: Revision) -> dict[str, Any]:
    """An example as the API's Example schema, which has neither the dataset's name nor the split."""
    example = revision.example
    urls = {
        f"attachment.{name}": {
            **storage_url(call.store, example.id, f"attachment.{name}", call.request.base_url),
            "mime_type": mime_type,
        }
        for name, (mime_type, _) in example.attachments.items()
    }
    return {
        "id": example.id,
        "created_at": aware(example.created_at),
        "modified_at": aware(revision.modified_at),
        "name": example.name,
        "dataset_id": example.dataset_id,
        "source_run_id": example.source_run_id,
        "metadata": revision.metadata,
        "inputs": revision.inputs,
        "outputs": revision.outputs,
        "attachment_urls": urls or None,
    }
