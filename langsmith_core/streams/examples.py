"""Examples: by the difference between two versions of their dataset, or a whole version.

A look asks each dataset for its newest version (dataset_versions) and compares it with the version that was read before. It reads
what was added or modified by id, and deletes what was removed. Where LangSmith gives no difference, or most of the dataset has
changed, the version is read whole (example_versions). The questions are in example_pages, the columns in example_columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.streams.bounds import Count, Id, Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.example_columns import EXAMPLE
from langsmith_core.streams.example_pages import PAYLOADS, OfDataset, difference, noted, page_of
from langsmith_core.streams.example_versions import RemovedExamples, WholeVersion
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.stream import Stream, segment
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

WHOLE_FROM = 2 * IDS_MAX
"""Fewer changes than this are always read by id: a whole version could not take fewer requests."""


class ChangedExamples(OfDataset, Work, frozen=True, kw_only=True):
    """What changed in a dataset between the versions `lo` and `hi`. The changed ids up to `past` have been read.

    The place is an id and no number: an example that is deleted for good leaves the difference, and the next would be skipped.
    `weighed`: the changes are few beside the dataset. `unversioned` as in WholeVersion.
    """

    dataset: Id
    seen: Moment
    lo: Moment
    hi: Moment
    past: Id | None = None
    weighed: bool = False
    unversioned: bool = False
    limit: Count = 0

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List the next changed examples."""
        return self.next_ids(limit, knowledge)[0]

    def next_ids(self, limit: int, knowledge: bytes) -> tuple[Ids, bool]:
        """Return the next changed ids, and whether more follow."""
        rest = [one for one in difference(knowledge)[0] if one > (self.past or "")]
        count = min(limit, IDS_MAX)
        return Ids(rest[:count]), len(rest) > count

    def first_question(self) -> Call | None:
        """Ask for the difference of the two versions."""
        query = (("from_version", render(self.lo)), ("to_version", render(self.hi)))
        return Call("GET", f"/api/v1/datasets/{segment(self.dataset)}/versions/diff", query=query)

    def understand(self, knowledge: bytes) -> None:
        """Raises MalformedError for an answer that is no difference."""
        difference(knowledge)

    def unanswered(self) -> Outcome:
        """Compare the versions page by page where LangSmith gives no difference, then read the new one whole."""
        return Outcome(rest=(RemovedExamples(dataset=self.dataset, seen=self.seen, before=self.lo, version=self.hi),))

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Delete what was removed, then ask for the changed examples by id."""
        changed, removed = difference(knowledge)
        if self.past is None and not self.weighed:
            return self._begun(len(changed), removed)
        ids, _ = self.next_ids(limit, knowledge)
        if not ids:
            return self._ended(context, unversioned=self.unversioned)
        # LangSmith pages the answer by ids alone: the place is always its beginning.
        return page_of(self.dataset, self.hi, ids, context, (("offset", "0"), ("limit", str(limit))))

    def _begun(self, changed: int, removed: Sequence[str]) -> Outcome:
        """Delete what was removed. Where much has changed, ask the dataset whether that is most of it."""
        rest: Item = replace(self, weighed=True)
        if changed > WHOLE_FROM:
            rest = Weigh(dataset=self.dataset, seen=self.seen, lo=self.lo, hi=self.hi, changed=changed)
        return Outcome(rest=(rest,), gone=tuple((EXAMPLE.name, one) for one in removed), gone_at=self.seen)

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on with the next ids until all are read."""
        unversioned = self.unversioned or not page.whole
        ids, more = self.next_ids(page.limit, page.knowledge)
        if more:
            return Outcome(rest=(replace(self, past=ids[-1], unversioned=unversioned),))
        return self._ended(context, unversioned=unversioned)

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the id that was asked for alone."""
        ids, more = self.next_ids(1, knowledge)
        return Outcome(rest=(replace(self, past=ids[-1]),)) if more else self._ended(context, unversioned=self.unversioned)

    def _ended(self, context: Context, *, unversioned: bool) -> Outcome:
        return Outcome(memory=noted(context, self.dataset, None if unversioned else self.hi))


class Weigh(OfDataset, Work, frozen=True, kw_only=True):
    """Whether a whole version, a hundred a page, takes fewer requests than its `changed` examples, fifty at a time."""

    is_record: ClassVar[bool] = True

    dataset: Id
    seen: Moment
    lo: Moment
    hi: Moment
    changed: Count

    @property
    def table_name(self) -> str:
        """Name the table of datasets: the dataset says how many examples it has."""
        return "langsmith_dataset"

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver nothing: the look has delivered the dataset."""
        return False

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the dataset by its own path."""
        return Call("GET", f"/api/v1/datasets/{segment(self.dataset)}")

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the version whole, or by its changes. A dataset without a count is read by its changes."""
        count = next((row["example_count"] for row in page.rows if row["example_count"]), 2 * self.changed)
        few = ChangedExamples(dataset=self.dataset, seen=self.seen, lo=self.lo, hi=self.hi, weighed=True)
        whole = WholeVersion(dataset=self.dataset, seen=self.seen, version=self.hi)
        return Outcome(rest=(whole if 2 * self.changed > count else few,))


def versioned(dataset: str, newest: datetime | None, seen: datetime, context: Context) -> tuple[Item, ...]:
    """Return the work that a dataset's newest version leads to: nothing, its difference, or all of it.

    A dataset without a version is read whole in every look.
    Where a version was read in part, what a newer one has lost of it is deleted first.
    """
    known, begun = (ledger.of(dataset) for ledger in (context.memory.examples.versions, context.memory.examples.begun))
    if context.bounds is None or (newest is not None and newest == known):
        return ()
    if newest is None:
        return (WholeVersion(dataset=dataset, version=context.bounds.until, seen=seen, unversioned=True),)
    if begun not in (None, newest):
        return (RemovedExamples(dataset=dataset, before=begun, version=newest, seen=seen),)
    if known is None or begun:
        return (WholeVersion(dataset=dataset, version=newest, seen=seen),)
    return (ChangedExamples(dataset=dataset, lo=known, hi=newest, seen=seen),)


STREAM = Stream(EXAMPLE, switch="SYNC_EXAMPLES", deleted=True, payloads=PAYLOADS)
