"""GET /datasets and its versions: what changed between two of them is the only way to see removed examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.call import Call
from simulator.messages import ApiError, Response, answer
from simulator.query import Query, moment_of
from simulator.records import Dataset
from simulator.times import aware
from simulator.truth import newest
from simulator.versions import as_of_moment, revisions_at, version_at

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
    """A Dataset."""
    return _record(call, dataset, _experiment_starts(call)[dataset.id])


def list_versions(call: Call) -> Response:
    """A page of versions, newest first."""
    dataset = dataset_of(call)
    offset, limit = call.page()
    newest_first = dataset.versions[::-1]
    return answer([_version(dataset, at) for at in newest_first[offset : offset + limit]])


def read_version(call: Call) -> Response:
    """The version at a moment or under a tag."""
    dataset = dataset_of(call)
    as_of, tag = call.query.text("as_of"), call.query.text("tag")
    if (as_of is None) == (tag is None):
        raise ApiError(400, "Exactly one of as_of and tag must be specified")
    at = version_at(dataset, as_of_moment(dataset, as_of or tag or "latest"))
    if at is None:
        raise ApiError(404, "Dataset version not found")
    return answer(_version(dataset, at))


def diff_versions(call: Call) -> Response:
    """Which examples were added, changed and removed between two versions."""
    dataset = dataset_of(call)
    moments = [call.query.text(name) for name in ("from_version", "to_version")]
    if None in moments:
        raise ApiError(422, [{"loc": ["query", "from_version"], "msg": "field required", "type": "value_error.missing"}])
    before, after = (
        {revision.example.id: revision for revision in revisions_at(dataset, as_of_moment(dataset, str(at)))} for at in moments
    )
    both = before.keys() & after.keys()
    return answer(
        {
            "examples_modified": sorted(ident for ident in both if before[ident] is not after[ident]),
            "examples_added": sorted(after.keys() - before.keys()),
            "examples_removed": sorted(before.keys() - after.keys()),
        }
    )


def tag_version(call: Call) -> Response:
    """Move a tag to the version of a moment."""
    dataset = dataset_of(call)
    body = call.json_object()
    at = moment_of("body", "as_of", body.get("as_of"))
    if at not in dataset.versions:
        raise ApiError(404, "Dataset version not found")
    call.store.tag_dataset(dataset.id, str(body.get("tag")), at)
    return answer(_version(dataset, at))


def _version(dataset: Dataset, at: datetime) -> dict[str, Any]:
    tags = [tag for tag, moment in dataset.tags.items() if moment == at]
    latest = ["latest"] if at == dataset.versions[-1] else []
    return {"tags": latest + tags or None, "as_of": aware(at)}


def _experiment_starts(call: Call) -> defaultdict[str, list[datetime]]:
    """When the experiments of each dataset started."""
    starts: defaultdict[str, list[datetime]] = defaultdict(list)
    for project in call.store.projects.values():
        if project.reference_dataset_id:
            starts[project.reference_dataset_id].append(project.start_time)
    return starts


def _sort_key(dataset: Dataset, column: str, starts: list[datetime]) -> tuple[bool, Any, str]:
    reckoned: dict[str, Callable[[], Any]] = {
        "last_session_start_time": lambda: max(starts, default=None),
        "session_count": lambda: len(starts),
        "example_count": lambda: len(newest(dataset)),
    }
    value = reckoned.get(column, lambda: getattr(dataset, column))()
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
