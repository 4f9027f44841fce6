"""A stream and its list, as values: what each stream's module declares, and the calls that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from langsmith_core.calls import Call
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.memory import Memory

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class Listing(Struct, frozen=True):
    """An offset list of LangSmith: its path, the fixed parameters, and the parameter that takes record ids.

    A record's own path is the list's path plus its id, asked with `of_record`. `found` returns the work that listed rows lead
    to. `forgotten` returns the memory after a record is deleted, `taken` the keys of children that go with it, as far as they
    are known. With `apart`, a record's own path answers in another shape than the list: its row is not delivered. In a list
    with `oldest_first`, new records come at the end. A list that is not `is_plain` has a kind of work
    of its own, and its records have no path by id: neither ListAll nor LookUp asks for it.
    """

    path: str
    fixed: tuple[tuple[str, str], ...] = ()
    of_record: tuple[tuple[str, str], ...] = ()
    ids: str = "id"
    found: Callable[[Sequence[Row], Context], tuple[Item, ...]] = lambda _rows, _context: ()
    forgotten: Callable[[str, Context], Memory] = lambda _id, context: context.memory
    taken: Callable[[str, Context], tuple[tuple[str, str], ...]] = lambda _id, _context: ()
    apart: bool = False
    oldest_first: bool = False
    is_plain: bool = True


class Stream(Struct, frozen=True):
    """One stream: its table, how it begins, and what its users can do to its rows.

    `switch` is its configuration key, None where it is always on; several streams may have one key. A look begins a stream with
    the work that `opens` returns. A stream with a `listing` is read whole in every look. LangSmith's users delete rows of a
    `deleted` stream; `children` are deleted with them. `payloads` are columns that a request can leave out where a record is too
    large. `optional`: an older LangSmith may lack the endpoint, or the key may not read it. Then the stream is left out until
    the daily pass. `of_organisation`: it is read from the organisation, and left out where none is configured.
    """

    table: Table
    switch: str | None = None
    listing: Listing | None = None
    opens: Callable[[Context], Outcome] | None = None
    deleted: bool = False
    children: tuple[Table, ...] = ()
    payloads: tuple[str, ...] = ()
    optional: bool = False
    of_organisation: bool = False


def listing_of(table: str, context: Context) -> Listing:
    """Return how a table is listed. Raises ValueError for one that is not."""
    listing = context.streams[table].listing
    if listing is None:
        raise ValueError(f"{table} is not a listed table")
    return listing


def by_id_call(listing: Listing, ids: Sequence[str], *more: tuple[str, str]) -> Call:
    """Ask for records by id in one page: at most 50, since more fail (langsmith-sdk #859)."""
    return Call("GET", listing.path, query=(*((listing.ids, one) for one in ids), ("limit", str(LIST_ROWS_MAX)), *more))


def segment(text: str) -> str:
    """Quote a text as one part of a path, so that it leads nowhere else."""
    return quote(text, safe="").replace(".", "%2E")
