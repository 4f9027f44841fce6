"""A dataset's version read whole: all of its examples, or those that a newer version has lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams import offset_list
from langsmith_core.streams.bounds import Id, Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.example_columns import EXAMPLE
from langsmith_core.streams.example_pages import OfDataset, broken_off, noted, noted_begun, page_of
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class WholeVersion(OfDataset, Offset, frozen=True, kw_only=True):
    """All examples of a dataset's version.

    `unversioned`: the dataset has no version, or an example without an id. Every look reads such a dataset whole.
    """

    is_frozen: ClassVar[bool] = True

    dataset: Id
    seen: Moment
    version: Moment
    unversioned: bool = False

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the version."""
        return page_of(self.dataset, self.version, (), context, self.place(limit))

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on; at the end, remember the version."""
        item = self if page.whole else replace(self, unversioned=True)
        rest = offset_list.after_page(item, page)
        if offset_list.broken_off(rest):
            return replace(broken_off(self.dataset), memory=noted_begun(context, self.dataset, self.version))
        if rest:
            return Outcome(rest=(rest,))
        return Outcome(memory=noted(context, self.dataset, None if item.unversioned else self.version))

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the example at this place."""
        return Outcome(rest=(offset_list.behind(self),))


class RemovedExamples(OfDataset, Offset, frozen=True, kw_only=True):
    """Examples of the version `before` that `version` has lost. Each page of the old one is looked up in the new one.

    Then the new version is read whole.
    """

    is_frozen: ClassVar[bool] = True

    dataset: Id
    seen: Moment
    before: Moment
    version: Moment

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver nothing: the rows are read for their ids."""
        return False

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the old version."""
        return page_of(self.dataset, self.before, (), context, self.place(limit))

    def after(self, page: Page, context: Context) -> Outcome:
        """Look up the page's examples in the new version."""
        ids = [row["example_id"] for row in page.rows if is_id(row["example_id"])]
        parts = (Ids(ids[at : at + IDS_MAX]) for at in range(0, len(ids), IDS_MAX))
        first = tuple(StillThere(dataset=self.dataset, version=self.version, seen=self.seen, ids=part) for part in parts)
        rest = offset_list.after_page(self, page)
        if offset_list.broken_off(rest):
            return replace(broken_off(self.dataset), first=first)
        return Outcome(first, (rest,) if rest else self._then())

    def without(self, context: Context) -> Outcome | None:
        """Go on with the new version where the old one is gone."""
        return Outcome(rest=self._then())

    def _then(self) -> tuple[Item, ...]:
        return (WholeVersion(dataset=self.dataset, seen=self.seen, version=self.version),)


class StillThere(OfDataset, Work, frozen=True, kw_only=True):
    """Which of these examples a version still has. The others are deleted."""

    is_exact: ClassVar[bool] = True

    dataset: Id
    seen: Moment
    version: Moment
    ids: Ids

    @property
    def is_sound(self) -> bool:
        """Check that a request names one to fifty ids."""
        return 0 < len(self.ids) <= IDS_MAX

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver nothing: the rows are read for their ids."""
        return False

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List these examples."""
        return self.ids

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the examples by id."""
        return page_of(self.dataset, self.version, self.ids, context, (("offset", "0"), ("limit", str(IDS_MAX))))

    def after(self, page: Page, context: Context) -> Outcome:
        """Delete those that did not come. A record without an id may be any of them, so then none is deleted."""
        gone = sorted(self.ids.without(row["example_id"] for row in page.rows)) if page.whole else []
        return Outcome(gone=tuple((EXAMPLE.name, one) for one in gone), gone_at=self.seen)

    def without(self, context: Context) -> Outcome | None:
        """Delete all: LangSmith answers 404 where a version has none of them."""
        return Outcome(gone=tuple((EXAMPLE.name, one) for one in sorted(self.ids)), gone_at=self.seen)
