"""Dataset versions. Each look asks for the newest, to see whether examples changed; versions in the answer become rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import is_sane, parse
from langsmith_core.streams import offset_list
from langsmith_core.streams.bounds import FUTURE, OVERLAP, Id, Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.example_columns import EXAMPLE
from langsmith_core.streams.examples import versioned
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.stream import Stream, segment
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class NewestVersion(Work, frozen=True):
    """The newest version of each dataset that is `waiting`, one dataset at a time."""

    names_of: ClassVar[str] = "langsmith_dataset"

    waiting: Ids = NO_IDS

    @property
    def table_name(self) -> str:
        """Name the table of dataset versions."""
        return DATASET_VERSION.name

    @property
    def is_sound(self) -> bool:
        """Check that there is a dataset to ask for."""
        return bool(self.waiting)

    @property
    def gathering(self) -> int:
        """Count the datasets that wait."""
        return len(self.waiting)

    @property
    def about(self) -> str | None:
        """Give the dataset that is asked about."""
        return self.waiting[0]

    @property
    def waiting_for_names(self) -> tuple[str, ...]:
        """List the datasets, so that one request gets their names for all examples."""
        return tuple(self.waiting)

    @property
    def given(self) -> dict[str, Any]:
        """Add the dataset, which a version does not name."""
        return {"dataset_id": self.waiting[0]}

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver new versions. A daily pass delivers all, because the API hides when a tag moves."""
        return context.on(DATASET_VERSION.name) and goes_out(row, known_to(self.waiting[0], context))

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for a full page: the API does not document that the newest comes first."""
        return Call("GET", f"/api/v1/datasets/{segment(self.waiting[0])}/versions", query=(("limit", str(LIST_ROWS_MAX)),))

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut a page of versions, whatever the configured page size."""
        return super().page(body, context, LIST_ROWS_MAX)

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the examples if the version is new, then the older versions, then the datasets that wait."""
        examples = versioned(self.waiting[0], newest(page), page.at, context) if context.on(EXAMPLE.name) else ()
        return Outcome((*examples, *self._older(page, context)), self._others())

    def _older(self, page: Page, context: Context) -> tuple[Item, ...]:
        """Return the versions behind a full page, as far as they are new."""
        known = known_to(self.waiting[0], context)
        if not context.on(DATASET_VERSION.name) or not all(is_new(row, known) for row in page.rows):
            return ()
        rest = offset_list.after_list(OlderVersions(dataset=self.waiting[0], known=known), page.marks, LIST_ROWS_MAX)
        return (rest,) if rest else ()

    def without(self, context: Context) -> Outcome | None:
        """Pass over a dataset that was deleted."""
        return Outcome(rest=self._others())

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the dataset asked about from the others."""
        return NewestVersion(self.waiting[:1]), self._others()

    def joined(self, other: Work) -> Item | None:
        """Gather all datasets in one item."""
        return NewestVersion(self.waiting.with_more(other.waiting)) if isinstance(other, NewestVersion) else None

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the item for the examples as well as for its own rows."""
        return (self,) if is_wanted(context) else ()

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the other datasets' questions."""
        return (NewestVersion(self.waiting[place:]) for place in range(1, len(self.waiting)))

    def _others(self) -> tuple[Item, ...]:
        return (NewestVersion(self.waiting[1:]),) if len(self.waiting) > 1 else ()


class OlderVersions(Offset, frozen=True, kw_only=True):
    """The versions of a dataset behind its newest hundred, back to the `known` one; None: all."""

    dataset: Id
    known: Moment | None = None

    @property
    def table_name(self) -> str:
        """Name the table of dataset versions."""
        return DATASET_VERSION.name

    @property
    def about(self) -> str | None:
        """Give the dataset."""
        return self.dataset

    @property
    def given(self) -> dict[str, Any]:
        """Add the dataset, which a version does not name."""
        return {"dataset_id": self.dataset}

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver versions newer than the known one."""
        return goes_out(row, self.known)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of versions."""
        return Call("GET", f"/api/v1/datasets/{segment(self.dataset)}/versions", query=self.place(limit))

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on until a page shows a known version."""
        rest = offset_list.after_page(self, page)
        done = offset_list.broken_off(rest) or not all(is_new(row, self.known) for row in page.rows)
        return Outcome(rest=(rest,) if rest and not done else ())

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the version at this place."""
        return Outcome(rest=(offset_list.behind(self),))


def known_to(dataset: str, context: Context) -> datetime | None:
    """Return the newest version that was delivered; None where all are to be delivered."""
    bounds = context.bounds
    if bounds is None or bounds.since is None or bounds.deep:
        return None
    return context.memory.examples.versions.of(dataset) if context.on(EXAMPLE.name) else bounds.since - OVERLAP


def is_new(row: Row, known: datetime | None) -> bool:
    """Tell whether a version is newer than the known one."""
    return known is None or row["as_of"] is None or parse(row["as_of"]) > known


def goes_out(row: Row, known: datetime | None) -> bool:
    """Tell whether to deliver a version: a new one, and the one before it, from which the tag `latest` has moved."""
    if known is None or row["as_of"] is None or parse(row["as_of"]) > known:
        return True
    return parse(row["as_of"]) == known and '"latest"' not in (row["tags"] or "")


def is_wanted(context: Context) -> bool:
    """Tell whether versions are asked for."""
    return context.on(EXAMPLE.name) or context.on(DATASET_VERSION.name)


def newest(page: Page) -> datetime | None:
    """Return the newest of a dataset's versions; None where it has none.

    It passes over a version with a time that nobody can use, or in the future. Raises MalformedError where all are such.
    """
    moments = (parse(row["as_of"]) for row in page.rows if row["as_of"])
    found = [one for one in moments if is_sane(one) and one < page.at + FUTURE]
    if page.marks and not found:
        raise json_text.MalformedError("a version of a dataset that is not a time")
    return max(found, default=None)


STREAM = Stream(DATASET_VERSION, switch="SYNC_DATASET_VERSIONS", deleted=True)
