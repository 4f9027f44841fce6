"""Define the base of every work item.

A work item is a small immutable value: one kind of question to LangSmith, with its place in the answer. Each kind owns two
functions. `request` says what to ask. `after` says what comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Api, Context, Outcome, Page
from langsmith_core.streams.limits import LIST_ROWS_MAX

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class Work(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of all work items. Each kind is a struct in its stream's module; its class name is its tag in a saved state."""

    is_list: ClassVar[bool] = False
    """Whether it lists parents: one that fails is broken off, and read on at the end of the look."""
    is_record: ClassVar[bool] = False
    """Whether it asks for one record by its own path."""
    is_exact: ClassVar[bool] = False
    """Whether a record that was not asked for makes the answer unreadable: what is missing in it would be deleted."""
    teaches: ClassVar[bool] = False
    """Whether its answer is the one to the first question of work that it leads to. Then that is not asked again."""
    outlives_look: ClassVar[bool] = False
    """Whether it is still to be read in a new look, once put aside. A new look finds all other work anew."""
    asks_nothing: ClassVar[bool] = False
    """Whether it only leads to other work, without a question of its own."""
    names_of: ClassVar[str] = ""
    """The table whose names its rows are joined with."""

    asked_column: ClassVar[str] = ""
    """The column that holds the ids it asks by; empty for the key."""

    @property
    def table_name(self) -> str:
        """Name the table whose rows it asks for."""
        raise NotImplementedError

    @property
    def takes_turns(self) -> bool:
        """Tell whether it takes turns with the items of its kind behind it, page by page."""
        return False

    @property
    def is_sound(self) -> bool:
        """Tell whether this program could have written the item; a state that holds another one is refused."""
        return True

    @property
    def gathering(self) -> int:
        """Count the parents that wait for a full query while their list is still read; 0 for an item under way."""
        return 0

    @property
    def in_hand(self) -> tuple[str, ...]:
        """List the parents that the question is about."""
        return ()

    @property
    def waiting_for_names(self) -> tuple[str, ...]:
        """List the parents whose names later questions need."""
        return ()

    @property
    def about(self) -> str | None:
        """Give the id that a message may name."""
        return next(iter(self.in_hand), None)

    @property
    def given(self) -> Mapping[str, Any]:
        """Give values of columns that the question knows and the record lacks."""
        return {}

    @property
    def seen_at(self) -> datetime | None:
        """Say when LangSmith knew what the rows show; None means when it answered."""
        return None

    def api(self, context: Context) -> Api:
        """Choose the run API to ask."""
        return context.api

    def rows_max(self, context: Context) -> int:
        """Give the most records that the endpoint puts in a page."""
        return LIST_ROWS_MAX

    def delivers(self, row: Row, context: Context) -> bool:
        """Tell whether a row goes to the sink. Other rows are read only to find out what comes next."""
        return True

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List the ids that the next request names; None where it does not ask by id."""
        return None

    def first_question(self, context: Context) -> Call | None:
        """Give a call that must be answered before `request`. The engine sends it once in a pass, for all pages."""
        return None

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Give the call for at most `limit` rows, or the outcome where there is nothing to ask.

        `knowledge` is the answer to `first_question`.
        """
        raise NotImplementedError

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut an answer into its records, the first `limit` of them. Raises MalformedError for an unknown shape."""
        if self.is_record:
            return RecordPage([json_text.strict(body, 1)])
        records, longer = json_text.first(json_text.strict(body, 2), limit)
        return RecordPage(records, longer=longer)

    def after(self, page: Page, context: Context) -> Outcome:
        """Say what comes after a page."""
        raise NotImplementedError

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield what will probably be asked after this item, nearest first, for answers to be under way before their turn.

        `page` is the item's answer, None before it is here. A guess that fails costs a request, and nothing else.
        """
        del context, limit, page
        return iter(())

    def without(self, context: Context) -> Outcome | None:
        """Say what a 404 means; None where it is a failure."""
        return Outcome()

    def is_served(self, context: Context) -> bool:
        """Tell whether LangSmith is known to serve its endpoint. Then a refusal is about its parent alone."""
        return False

    def elsewhere(self, context: Context) -> Item | None:
        """Return the same question at another path, where a 404 may mean that this path is not the one."""
        return None

    def parent_question(self, context: Context) -> Call | None:
        """Give the call for its parent. Where that is there and the question is refused, the endpoint is missing."""
        return None

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the first record of the next page, which is too large to be read. None where that is impossible."""
        return None

    def understand(self, knowledge: bytes) -> None:
        """Check the answer to the first question. Raises MalformedError where the item cannot use it."""

    def unanswered(self) -> Outcome | None:
        """Say what follows where LangSmith gives no usable answer to the first question; None where that is a failure."""
        return None

    def begun(self, context: Context) -> Item:
        """Return the item ready to be asked."""
        return cast("Item", self)

    def restarted(self) -> Item:
        """Return the item without its cursor, since the cursor may be what fails."""
        return cast("Item", self)

    def kept(self) -> Item:
        """Return the item as a state keeps it."""
        return cast("Item", self)

    def cut_before(self, rows: Sequence[tuple[str, str | None]], context: Context) -> Item | None:
        """Return the item that starts at the last of `rows` (ids and start times); None where a page cannot be cut there."""
        return None

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the part in hand from the rest, which need not wait for it."""
        return cast("Item", self), ()

    def halves(self) -> tuple[Item, ...]:
        """Split the item in two, to find out which half fails; empty where it cannot be split."""
        return ()

    def of_api(self, context: Context) -> tuple[Item, ...]:
        """Return the same work after the run API has changed."""
        return (cast("Item", self),)

    def joined(self, other: Work) -> Item | None:
        """Merge another item into this one; None where their windows differ."""
        return None

    def within(self, context: Context) -> tuple[Item, ...]:
        """Return what is left of the item under this call's configuration."""
        return (cast("Item", self),) if context.on(self.table_name) else ()


def limit_of(item: Work) -> int:
    """Return the page size that failing pages have forced; 0 for none."""
    return getattr(item, "limit", 0)


def with_limit(item: Work, limit: int) -> Item:
    """Return the item with another page size. An item without pages comes back as it is."""
    return cast("Item", replace(item, limit=limit) if hasattr(item, "limit") else item)
