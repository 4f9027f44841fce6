"""Versions of datasets, and the tags on them. A version is made by every change of examples (edit_datasets.py).

The answers follow the OpenAPI document: a DatasetVersion is `{tags, as_of}`. The newest one carries the tag `latest`, beside
the tags that people put on versions with PUT /datasets/{id}/tags (the SDK's update_dataset_tag).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.datasets import dataset_of
from simulator.messages import ApiError, Response, answer, invalid
from simulator.query import moment_of
from simulator.resource import Action, Record, Resource
from simulator.times import aware, zulu
from simulator.versions import as_of_moment, revisions_at, version_at

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.records import Dataset
    from simulator.workspace import Workspace

TABLE = "langsmith_dataset_version"
TAGS = ("prod", "staging", "reviewed")


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
        raise invalid("query", "from_version", "field required", "value_error.missing")
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
    """Move a tag to the version of exactly this moment; 404 when there is none."""
    dataset, body = dataset_of(call), call.json_object()
    at, tag = moment_of("body", "as_of", body.get("as_of")), body.get("tag")
    if not tag:
        raise invalid("body", "tag", "field required", "value_error.missing")
    if at not in dataset.versions:
        raise ApiError(404, "Dataset version not found")
    call.store.tag_dataset(dataset.id, str(tag), at)
    return answer(_version(dataset, at))


def _version(dataset: Dataset, at: datetime) -> dict[str, Any]:
    return {"tags": _tags(dataset, at) or None, "as_of": aware(at)}


def _tags(dataset: Dataset, at: datetime) -> list[str]:
    latest = ["latest"] if at == dataset.versions[-1] else []
    return latest + [tag for tag, moment in dataset.tags.items() if moment == at]


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_dataset_version; the key is the dataset's id, `@`, and `as_of` as a destination writes it."""
    made = (_row(dataset, at) for dataset in workspace.datasets.values() for at in dataset.versions)
    return {str(row["version_id"]): row for row in made}


def _row(dataset: Dataset, at: datetime) -> Record:
    return {
        "version_id": f"{dataset.id}@{zulu(at)}",
        "dataset_id": dataset.id,
        "as_of": at,
        "tags": _tags(dataset, at) or None,
    }


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:  # noqa: ARG001 - versions have their own moments
    """Tags on versions of every second dataset, some of them two on one version."""
    for dataset in list(workspace.datasets.values())[::2]:
        for tag in TAGS if dataset.versions else ():
            workspace.tag_dataset(dataset.id, tag, rng.choice(dataset.versions[-5:]))


def is_tagged(workspace: Workspace, rng: Random) -> object:
    """A tag is put on a version, or moves there from another."""
    found = [(dataset.id, at) for dataset in workspace.datasets.values() for at in dataset.versions]
    return found and workspace.tag_dataset(*_tagging(rng, found))


def _tagging(rng: Random, found: list[tuple[str, datetime]]) -> tuple[str, str, datetime]:
    dataset, at = rng.choice(found)
    return dataset, rng.choice(TAGS), at


RESOURCE = Resource(
    table=TABLE,
    operations=(
        ("GET", "/datasets/{dataset_id}/versions", "versions", list_versions),
        ("GET", "/datasets/{dataset_id}/version", "version", read_version),
        ("GET", "/datasets/{dataset_id}/versions/diff", "diff", diff_versions),
        ("PUT", "/datasets/{dataset_id}/tags", "write", tag_version),
    ),
    rows=rows,
    seed=seed,
    actions={"dataset_version_is_tagged": Action(1, is_tagged)},
    unimplemented={"GET /datasets/{dataset_id}/versions": ("search", "example")},
)
