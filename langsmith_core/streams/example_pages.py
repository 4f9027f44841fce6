"""Questions about one dataset's examples: pages of a version, the difference of two, and the memory of them.

Not here: what comes after a page (examples, example_versions).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, Only
from langsmith_core.records import json_text
from langsmith_core.records.ids import is_id
from langsmith_core.records.times import render
from langsmith_core.streams.bounds import Id, Moment
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.example_columns import EXAMPLE
from langsmith_core.streams.ledgers import NO_VERSIONS, VERSION_BYTES
from langsmith_core.streams.memory import Memory

PATH = "/api/v1/examples"
SELECT = ("id", "created_at", "modified_at", "name", "dataset_id", "source_run_id", "metadata", "inputs", "outputs")
"""What an example is answered with where nothing is selected (OpenAPI document)."""
PAYLOADS = ("outputs", "metadata", "raw")
"""Columns of an example that can be asked for without. Inputs come whatever is selected (OpenAPI document)."""
_log = logging.getLogger(__name__)


class OfDataset:
    """What all work on one dataset's version has. `seen` is when LangSmith showed that version: rows are as old as that.

    It is a mixin and no struct, since msgspec does not let a struct inherit from two.
    """

    names_of: ClassVar[str] = "langsmith_dataset"

    __slots__ = ()

    if TYPE_CHECKING:
        dataset: Id
        seen: Moment

    @property
    def table_name(self) -> str:
        """Name the table of examples."""
        return EXAMPLE.name

    @property
    def in_hand(self) -> tuple[str, ...]:
        """List the dataset, whose name examples carry."""
        return (self.dataset,)

    @property
    def seen_at(self) -> datetime:
        """Return when LangSmith showed the version."""
        return self.seen


def noted(context: Context, dataset: str, version: datetime | None) -> Memory:
    """Remember the version at which a dataset was read; None forgets it."""
    known = context.memory.examples
    begun = known.begun.noted(dataset, None, context.version_bytes) or NO_VERSIONS
    versions = known.versions.noted(dataset, version, context.version_bytes - VERSION_BYTES * len(begun))
    return replace(context.memory, examples=replace(known, versions=versions, begun=begun))


def noted_begun(context: Context, dataset: str, version: datetime) -> Memory:
    """Remember the version that was read in part: the next look deletes what a newer one has lost of it."""
    known = context.memory.examples
    begun = known.begun.noted(dataset, version, context.version_bytes - VERSION_BYTES * len(known.versions))
    return replace(context.memory, examples=replace(known, begun=begun))


def broken_off(dataset: str) -> Outcome:
    """Give up a version whose list shifts too often. It counts as not read."""
    _log.warning(
        "%s: the list changes too often while it is read; the next sync re-reads dataset %s",
        EXAMPLE.name,
        dataset,
        extra={"fields": {"stream": EXAMPLE.name}},
    )
    return Outcome()


@lru_cache(maxsize=1)
def difference(body: bytes) -> tuple[list[str], list[str]]:
    """Read a difference: the ids to read again, and the deleted ones. Raises MalformedError where one is no id."""
    names = ("examples_added", "examples_modified", "examples_removed")
    lists = json_text.picked(json_text.strict(body, 1), *names)
    added, modified, removed = (json_text.texts(lists.get(name, b"[]")) for name in names)
    if not all(map(is_id, (*added, *modified, *removed))):
        raise json_text.MalformedError("a difference of two versions names an example by something that is not an id")
    return sorted({*added, *modified}), removed


def page_of(dataset: str, version: datetime, ids: Sequence[str], context: Context, place: Sequence[tuple[str, str]]) -> Call:
    """Ask for a page of a dataset's version, or for some of its examples by id.

    The request names the fields only where it does not want all of them.
    """
    by_id = tuple(("id", one) for one in ids)
    asked = [one for one in context.fields(EXAMPLE.name, SELECT) if context.only is not Only.LIGHT or one not in PAYLOADS]
    selected = () if len(asked) == len(SELECT) else tuple(("select", name) for name in asked)
    query = (("order", "id"), ("dataset", dataset), *by_id, ("as_of", render(version)), *selected, *place)
    return Call("GET", PATH, query=query)
