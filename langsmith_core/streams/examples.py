"""Examples: by the difference between two versions of their dataset, or a whole version.

A look asks each dataset for its newest version. One that was read before is compared with it: what was added or modified is read
by id, what was removed is deleted. Where LangSmith gives no difference, or most of the dataset has changed, the version is read
whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.columns import Kind, Table, column, joined, raw
from langsmith_core.records.ids import Ids
from langsmith_core.records.times import parse, render
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.listing import Offset, moved
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.work import IDS_MAX, Api, Context, Outcome, Page, Stream, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PATH = "/api/v1/examples"
SELECT = ("id", "created_at", "modified_at", "name", "dataset_id", "source_run_id", "metadata", "inputs", "outputs")
"""What an example is answered with where nothing is selected (OpenAPI document)."""
WHOLE_FROM = 2 * IDS_MAX
"""Fewer changes than this are always read by id: a whole version could not take fewer requests."""
EXAMPLE = Table(
    "langsmith_example",
    (
        column("example_id", Kind.STRING, "Example id", "id"),
        column("dataset_id", Kind.STRING, "Dataset the example belongs to"),
        joined("dataset_name", "Name of that dataset when the row was read"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time (modified_at in the API)", "modified_at"),
        column("inputs", Kind.JSON, "Inputs"),
        column("outputs", Kind.JSON, "Reference outputs"),
        column("metadata", Kind.JSON, "Metadata; metadata.dataset_split lists the splits"),
        column("source_run_id", Kind.STRING, "The run the example was made from"),
        raw(),
    ),
    how_read="by the difference between its dataset's versions; at first the whole version",
    time="created_at",
    parent="dataset_id",
    name_of_parent="dataset_name",
)


class WholeVersion(Offset, frozen=True, kw_only=True):
    """All examples of a dataset's version. `seen` is when LangSmith showed the version: rows are as old as that knowledge.

    `unversioned`: the dataset has no version; our own clock stands for it, and it is read whole in every look.
    """

    dataset: str
    version: Moment
    seen: Moment
    unversioned: bool = False

    @property
    def table_name(self) -> str:
        """Examples."""
        return EXAMPLE.name

    @property
    def named(self) -> tuple[str, ...]:
        """Examples carry their dataset's name."""
        return (self.dataset,)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The dataset that is read."""
        return (self.dataset,)

    @property
    def seen_at(self) -> datetime:
        """Rows are as old as the knowledge of their version."""
        return self.seen

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the version."""
        return _page_of(self.dataset, self.version, (), context, self.place(limit))

    def after(self, page: Page, context: Context) -> Outcome:
        """The next page; at the end the version is known."""
        rest = moved(self, [row["example_id"] for row in page.rows], page.limit)
        if rest:
            return Outcome(rest=(rest,))
        return Outcome(memory=noted(context, self.dataset, None if self.unversioned else self.version))

    def without(self, context: Context) -> Outcome | None:
        """The dataset is gone."""
        return Outcome()


class ChangedExamples(Work, frozen=True, kw_only=True):
    """What changed in a dataset between the versions `lo` and `hi`: `done` of the changed ids are read.

    `weighed`: the changes are known to be few beside the dataset.
    """

    dataset: str
    lo: Moment
    hi: Moment
    seen: Moment
    done: Count = 0
    weighed: bool = False

    @property
    def table_name(self) -> str:
        """Examples."""
        return EXAMPLE.name

    @property
    def named(self) -> tuple[str, ...]:
        """Examples carry their dataset's name."""
        return (self.dataset,)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The dataset that is read."""
        return (self.dataset,)

    @property
    def seen_at(self) -> datetime:
        """Rows are as old as the knowledge of their version."""
        return self.seen

    def first_question(self) -> Call | None:
        """The difference between the two versions."""
        query = (("from_version", render(self.lo)), ("to_version", render(self.hi)))
        return Call("GET", f"/api/v1/datasets/{self.dataset}/versions/diff", query=query)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next changed examples by id; first of all what was removed is deleted."""
        changed, removed = difference(knowledge)
        if self.done == 0 and not self.weighed and len(changed) > WHOLE_FROM:
            weigh = Weigh(dataset=self.dataset, lo=self.lo, hi=self.hi, seen=self.seen, changed=len(changed))
            return Outcome(rest=(weigh,), gone=self._gone(removed), gone_at=self.seen)
        ids = changed[self.done : self.done + min(limit, IDS_MAX)]
        if not ids:
            return self._ended(context, removed)
        # LangSmith pages the answer by ids alone: the place is always its beginning.
        return _page_of(self.dataset, self.hi, ids, context, (("offset", "0"), ("limit", str(limit))))

    def after(self, page: Page, context: Context) -> Outcome:
        """The next ids, until all are read."""
        changed, removed = difference(page.knowledge)
        done = self.done + min(page.limit, IDS_MAX)
        if done < len(changed):
            return Outcome(rest=(replace(self, done=done),), gone=self._gone(removed), gone_at=self.seen)
        return self._ended(context, removed)

    def unanswered(self) -> Outcome:
        """LangSmith gives no difference: what was removed is found by comparison, and the newer version is read whole."""
        removed = RemovedExamples(dataset=self.dataset, before=self.lo, version=self.hi, seen=self.seen)
        return Outcome(rest=(removed, self.whole()))

    def whole(self) -> WholeVersion:
        """The newer version, read whole."""
        return WholeVersion(dataset=self.dataset, version=self.hi, seen=self.seen)

    def without(self, context: Context) -> Outcome | None:
        """The dataset is gone."""
        return Outcome()

    def _ended(self, context: Context, removed: Sequence[str]) -> Outcome:
        memory = noted(context, self.dataset, self.hi)
        return Outcome(gone=self._gone(removed), gone_at=self.seen, memory=memory)

    def _gone(self, removed: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return tuple((EXAMPLE.name, one) for one in removed) if self.done == 0 else ()


class Weigh(Work, frozen=True, kw_only=True):
    """Whether a version takes fewer requests read whole, a hundred a page, than its `changed` examples, fifty at a time."""

    dataset: str
    lo: Moment
    hi: Moment
    seen: Moment
    changed: Count

    @property
    def table_name(self) -> str:
        """The dataset says how many examples it has."""
        return "langsmith_dataset"

    def silent(self, context: Context) -> bool:
        """The look has delivered the dataset."""
        return True

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The dataset by its own path."""
        return Call("GET", f"/api/v1/datasets/{self.dataset}")

    def records(self, body: bytes, api: Api) -> tuple[list[bytes], str | None]:
        """The answer is the record itself."""
        return [json_text.strict(body, 1)], None

    def after(self, page: Page, context: Context) -> Outcome:
        """The version whole, or the changed examples."""
        count = page.rows[0]["example_count"] or 2 * self.changed
        few = ChangedExamples(dataset=self.dataset, lo=self.lo, hi=self.hi, seen=self.seen, weighed=True)
        return Outcome(rest=(few.whole() if 2 * self.changed > count else few,))

    def without(self, context: Context) -> Outcome | None:
        """The dataset is gone."""
        return Outcome()


class RemovedExamples(Offset, frozen=True, kw_only=True):
    """Examples of the version `before` that `version` no longer has: each page of the older one is looked for in the newer."""

    dataset: str
    before: Moment
    version: Moment
    seen: Moment

    def silent(self, context: Context) -> bool:
        """They are read for their ids."""
        return True

    @property
    def table_name(self) -> str:
        """Examples."""
        return EXAMPLE.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the older version."""
        return _page_of(self.dataset, self.before, (), context, self.place(limit))

    def after(self, page: Page, context: Context) -> Outcome:
        """The page's examples are looked for in the newer version."""
        ids = [row["example_id"] for row in page.rows]
        parts = (ids[at : at + IDS_MAX] for at in range(0, len(ids), IDS_MAX))
        first = tuple(StillThere(dataset=self.dataset, version=self.version, seen=self.seen, ids=Ids(one)) for one in parts)
        rest = moved(self, ids, page.limit)
        return Outcome(first, (rest,) if rest else ())

    def without(self, context: Context) -> Outcome | None:
        """The dataset is gone."""
        return Outcome()


class StillThere(Work, frozen=True, kw_only=True):
    """Which of these examples a version still has; the others are deleted."""

    dataset: str
    version: Moment
    seen: Moment
    ids: Ids

    def silent(self, context: Context) -> bool:
        """They are read for their ids."""
        return True

    @property
    def table_name(self) -> str:
        """Examples."""
        return EXAMPLE.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The examples by id."""
        return _page_of(self.dataset, self.version, self.ids, context, (("offset", "0"), ("limit", str(IDS_MAX))))

    def after(self, page: Page, context: Context) -> Outcome:
        """Those that did not come are gone."""
        gone = self.ids.without(row["example_id"] for row in page.rows)
        return Outcome(gone=tuple((EXAMPLE.name, one) for one in sorted(gone)), gone_at=self.seen)

    def without(self, context: Context) -> Outcome | None:
        """Where a version has none of them, LangSmith answers 404."""
        return Outcome(gone=tuple((EXAMPLE.name, one) for one in sorted(self.ids)), gone_at=self.seen)


def versioned(dataset: str, newest: datetime | None, seen: datetime, context: Context) -> tuple[Item, ...]:
    """The work that a dataset's newest version leads to: none where it was read before, its difference, or all of it."""
    known = context.memory.examples.versions.of(dataset)
    if context.bounds is None or (newest is not None and newest == known):
        return ()
    if newest is None:
        return (WholeVersion(dataset=dataset, version=context.bounds.until, seen=seen, unversioned=True),)
    if known is None:
        return (WholeVersion(dataset=dataset, version=newest, seen=seen),)
    return (ChangedExamples(dataset=dataset, lo=known, hi=newest, seen=seen),)


def noted(context: Context, dataset: str, version: datetime | None) -> Memory:
    """The memory with the version read of a dataset; None forgets it."""
    memory = context.memory
    versions = memory.examples.versions.noted(dataset, version, context.version_bytes)
    return replace(memory, examples=replace(memory.examples, versions=versions))


def difference(body: bytes) -> tuple[list[str], list[str]]:
    """Of a difference: the ids to read again, and those that are gone. Raises MalformedError."""
    lists = json_text.members(json_text.strict(body, 1))
    added, modified, removed = (
        [json_text.text(one) for one in json_text.elements(lists.get(f"examples_{kind}", b"[]"))]
        for kind in ("added", "modified", "removed")
    )
    return sorted({*added, *modified}), removed


def newest(rows: Sequence[bytes]) -> datetime | None:
    """The newest of a dataset's versions; None where it has none. Raises MalformedError for one that is no time."""
    found = [json_text.members(one).get("as_of", b"") for one in rows]
    try:
        return max((parse(json_text.text(one)) for one in found if one), default=None)
    except (ValueError, OverflowError) as error:
        raise json_text.MalformedError("a version of a dataset that is no time") from error


def _page_of(
    dataset: str, version: datetime, ids: Sequence[str], context: Context, place: Sequence[tuple[str, str]]
) -> Call:
    by_id = tuple(("id", one) for one in ids)
    asked = context.fields(EXAMPLE.name, SELECT)
    selected = () if len(asked) == len(SELECT) else tuple(("select", name) for name in asked)
    query = (("order", "id"), ("dataset", dataset), *by_id, ("as_of", render(version)), *selected, *place)
    return Call("GET", PATH, query=query)


STREAM = Stream(EXAMPLE, switch="SYNC_EXAMPLES", deleted=True)
