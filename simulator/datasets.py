"""GET /datasets. Their versions are a resource of their own (resources/dataset_versions.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.call import Call
from simulator.messages import ApiError, Response, answer
from simulator.query import Query
from simulator.records import Dataset
from simulator.times import aware
from simulator.versions import newest

SORT_COLUMNS = ("name", "created_at", "last_session_start_time", "example_count", "session_count", "modified_at")


def list_datasets(call: Call) -> Response:
    """A page of datasets."""
    offset, limit = call.page()
    tests = _tests(call.query)
    chosen = [dataset for dataset in call.store.datasets.values() if all(test(dataset) for test in tests)]
    column = call.query.choice("sort_by", SORT_COLUMNS, "last_session_start_time")
    descending = call.query.flag("sort_by_desc")
    starts = _experiment_starts(call)
    keys = {dataset.id: _sort_key(dataset, column, starts[dataset.id]) for dataset in chosen}
    chosen.sort(key=lambda dataset: keys[dataset.id], reverse=descending is not False)
    page = chosen[offset : offset + limit]
    return answer([_record(call, dataset, starts[dataset.id]) for dataset in page])


def read_dataset(call: Call) -> Response:
    """One dataset."""
    return answer(dataset_record(call, dataset_of(call)))


def dataset_of(call: Call) -> Dataset:
    """The dataset that the path names."""
    return dataset_by_id(call, call.ident("dataset_id"))


def dataset_by_id(call: Call, ident: str) -> Dataset:
    """A dataset; 404 when there is none."""
    dataset = call.store.datasets.get(ident)
    if dataset is None:
        raise ApiError(404, "Dataset not found")
    return dataset


def dataset_record(call: Call, dataset: Dataset) -> dict[str, Any]:
    """A dataset as the API's Dataset schema."""
    return _record(call, dataset, _experiment_starts(call)[dataset.id])


def _experiment_starts(call: Call) -> defaultdict[str, list[datetime]]:
    """When the experiments of each dataset started."""
    starts: defaultdict[str, list[datetime]] = defaultdict(list)
    for project in call.store.projects.values():
        if project.reference_dataset_id:
            starts[project.reference_dataset_id].append(project.start_time)
    return starts


def _sort_key(dataset: Dataset, column: str, starts: list[datetime]) -> tuple[bool, Any, str]:
    computed: dict[str, Callable[[], Any]] = {
        "last_session_start_time": lambda: max(starts, default=None),
        "session_count": lambda: len(starts),
        "example_count": lambda: len(newest(dataset)),
    }
    value = computed.get(column, lambda: getattr(dataset, column))()
    return value is not None, value or 0, dataset.id


def _record(call: Call, dataset: Dataset, starts: list[datetime]) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "description": dataset.description,
        "created_at": aware(dataset.created_at),
        "inputs_schema_definition": dataset.inputs_schema_definition,
        "outputs_schema_definition": dataset.outputs_schema_definition,
        "externally_managed": False,
        "transformations": None,
        "data_type": dataset.data_type,
        "id": dataset.id,
        "tenant_id": call.tenant_id,
        "example_count": len(newest(dataset)),
        "session_count": len(starts),
        "modified_at": aware(dataset.modified_at),
        "last_session_start_time": aware(max(starts, default=None)),
        "metadata": dataset.metadata,
        "baseline_experiment_id": None,
    }


def _tests(query: Query) -> list[Callable[[Dataset], bool]]:
    tests: list[Callable[[Dataset], bool]] = []
    ids, name, part = set(query.ids("id")), query.text("name"), query.text("name_contains")
    types, metadata = set(query.many("data_type")), query.mapping("metadata")
    if ids:
        tests.append(lambda dataset: dataset.id in ids)
    if name is not None:
        tests.append(lambda dataset: dataset.name == name)
    if part is not None:
        tests.append(lambda dataset: part.lower() in dataset.name.lower())
    if types:
        tests.append(lambda dataset: dataset.data_type in types)
    if metadata:
        tests.append(lambda dataset: metadata.items() <= (dataset.metadata or {}).items())
    return tests
