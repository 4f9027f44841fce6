"""A dataset at a moment: its version, and the revisions of its examples."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from simulator.query import moment_of
from simulator.records import Dataset, Example, Revision


def as_of_moment(dataset: Dataset, as_of: str) -> datetime:
    """The moment that an `as_of` refers to: `latest`, a tag of the dataset, or a time. Raises ApiError 422."""
    if as_of == "latest":
        return datetime.max.replace(tzinfo=dataset.created_at.tzinfo)
    return dataset.tags[as_of] if as_of in dataset.tags else moment_of("query", "as_of", as_of)


def version_at(dataset: Dataset, moment: datetime) -> datetime | None:
    """The newest version that is not after a moment."""
    at = bisect_right(dataset.versions, moment)
    return dataset.versions[at - 1] if at else None


def revision_at(example: Example, moment: datetime) -> Revision | None:
    """The example as it was at a moment; None if it did not exist then."""
    revisions = example.revisions
    at = bisect_right(revisions, moment, key=lambda revision: revision.modified_at)
    return revisions[at - 1] if at and not revisions[at - 1].deleted else None


def revisions_at(dataset: Dataset, moment: datetime) -> list[Revision]:
    """Every example as it was at a moment, in order of creation."""
    found = (revision_at(example, moment) for example in dataset.examples.values())
    return [revision for revision in found if revision is not None]


def newest(dataset: Dataset) -> list[Revision]:
    """The newest revision of every example that exists now."""
    last = [example.revisions[-1] for example in dataset.examples.values()]
    return [revision for revision in last if not revision.deleted]
