"""The versions of a dataset: each look asks for the newest, which says whether the dataset's examples have changed.

The versions that the answer shows are rows of their own: they cost no further request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.columns import Column, Kind, Table, column, raw
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.records.times import parse
from langsmith_core.streams.examples import EXAMPLE, noted, versioned
from langsmith_core.streams.listing import LIST_ROWS_MAX
from langsmith_core.streams.work import Context, Outcome, Page, Stream, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

DATASET_VERSION = Table(
    "langsmith_dataset_version",
    (
        Column("version_id", Kind.STRING, (), "dataset_id and as_of, joined by @", made_of=("dataset_id", "as_of")),
        Column("dataset_id", Kind.STRING, (), "The dataset"),
        column("as_of", Kind.TIMESTAMP, "When the version was made: runs of experiments name it"),
        column("tags", Kind.JSON, "Tags such as latest and prod"),
        raw(),
    ),
    how_read="with each dataset, the newest hundred",
    time="as_of",
)


class NewestVersion(Work, frozen=True):
    """The newest version of each dataset that is `waiting`, one dataset at a time."""

    waiting: Ids = NO_IDS

    @property
    def table_name(self) -> str:
        """Versions of datasets."""
        return DATASET_VERSION.name

    @property
    def gathering(self) -> int:
        """How many datasets wait."""
        return len(self.waiting)

    @property
    def named(self) -> tuple[str, ...]:
        """The datasets' names are asked for together, for their examples."""
        return tuple(self.waiting)

    @property
    def given(self) -> dict[str, Any]:
        """A version does not say whose it is."""
        return {"dataset_id": self.waiting[0]}

    def silent(self, context: Context) -> bool:
        """Whether the versions are read for the examples alone."""
        return not context.on(self.table_name)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The dataset asked about."""
        return tuple(self.waiting[:1])

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """As many versions as a page holds; that the newest comes first is not documented."""
        return Call("GET", f"/api/v1/datasets/{self.waiting[0]}/versions", query=(("limit", str(LIST_ROWS_MAX)),))

    def after(self, page: Page, context: Context) -> Outcome:
        """The dataset's examples, where the newest version is not the one read; then the datasets that wait."""
        newest = max((parse(row["as_of"]) for row in page.rows if row["as_of"]), default=None)
        first = versioned(self.waiting[0], newest, page.at, context) if context.on(EXAMPLE.name) else ()
        return Outcome(first, self._others())

    def without(self, context: Context) -> Outcome | None:
        """The dataset is gone."""
        return Outcome(rest=self._others(), memory=noted(context, self.waiting[0], None))

    def joined(self, other: Work) -> Item | None:
        """All datasets wait in one item."""
        return replace(self, waiting=self.waiting.with_more(other.waiting)) if isinstance(other, NewestVersion) else None

    def of_scope(self, context: Context) -> Item | None:
        """A new look finds the datasets unread."""
        return None

    def _others(self) -> tuple[Item, ...]:
        return (NewestVersion(self.waiting[1:]),) if len(self.waiting) > 1 else ()


STREAM = Stream(DATASET_VERSION, switch="SYNC_DATASET_VERSIONS")
