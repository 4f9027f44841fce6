"""Page through offset lists that shift while they are read: what a page proves, which page comes next, when to stop.

Rows come and go while pages are read. A row is proven read if it stands right behind a known one on one page, or on the page that
begins the list. So each page begins with the last row of the one before. Where that row has moved, the page is searched for any
of the last few rows. Then come the page before, the page behind, and the list from its beginning. Each such step is counted, and
a list that takes too many is broken off.

Pure. Not here: run queries, which have windows (run_window); what follows a list that was broken off (each stream).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from msgspec.structs import replace

from langsmith_core.calls import RecordPage
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams.bounds import Count, Id
from langsmith_core.streams.context import Context, Page
from langsmith_core.streams.offset_trail import TAIL, Trail
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

REPEATS_MAX = 30
"""Pages of one list that may bring nothing new. One change between two pages takes at most three of them."""
PAGES_MAX = 10_000
"""Pages of one list: a million rows. Longer lists of feedback are read in parts."""
PASS = 3
"""What one more reading of a list of one-row pages counts."""
CHECK = 9
"""As many `probes` mean: the last row is asked for once more."""


class Offset(Work, frozen=True):
    """A place in an offset list. `anchor` is the id expected there; `trail` finds it where it has moved.

    `limit` is the page size that failing pages have forced.
    """

    is_frozen: ClassVar[bool] = False
    """Whether rows of the list only ever go: those of a dataset's version do."""

    offset: Count = 0
    anchor: Id | None = None
    trail: Trail | None = None
    limit: Count = 0

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the next pages, each beginning with the last row of the one before, as far as the list probably goes."""
        if page is not None and len(page.records) < limit:
            return
        step = max(1, limit - 1)
        last = max(self.reaches(context, limit), self.offset + step if page else 0)
        yield from (cast("Item", at(self, offset)) for offset in range(self.offset + step, last + 1, step))

    def reaches(self, context: Context, limit: int) -> int:
        """Guess the last offset that has rows: half as far again as the list was read."""
        return self.offset + self.offset // 2

    def place(self, limit: int) -> tuple[tuple[str, str], ...]:
        """Return the two parameters of the place."""
        return (("offset", str(self.offset)), ("limit", str(limit)))


Place = TypeVar("Place", bound=Offset)


def at(item: Place, offset: int) -> Place:
    """Return the list at another offset."""
    return replace(item, offset=offset)


def after_page(item: Place, page: Page) -> Place | None:
    """Return the list after a page; None when it is read. See also `broken_off`."""
    return after_list(item, page.marks, page.count)


def after_list(item: Place, ids: Sequence[str], limit: int) -> Place | None:
    """Return the list after a page of rows `ids`, of at most `limit`; None when it is read."""
    trail = replace(trail_of(item), pages=trail_of(item).pages + 1)
    item = replace(item, trail=trail)
    if trail.probes == CHECK:
        return None if list(ids[:1]) == [item.anchor] else _again(item, PASS)
    if item.offset == 0:
        return _onward(item, Trail(repeats=trail.repeats, pages=trail.pages, before=trail.before), ids, ids, limit)
    places = [i for i, one in enumerate(ids) if one in trail.ids]
    if item.anchor is None or (limit == 1 and not places):
        return _unproven(item, trail, ids, limit, repeated=len(places) == len(ids) >= limit)
    if not places:
        return _searching(item, limit)
    last, fresh = ids[places[-1]], ids[places[-1] + 1 :]
    behind = len(trail.ids) - 1 - trail.ids.index(last)
    home = item.offset + places[-1] + behind
    drift = max(0, home - trail.home)
    if not fresh and len(ids) >= limit > 1:
        return _ahead(item, replace(trail, home=home, drift=drift if trail.repeats else 0))
    # What was read behind `last` may stand anywhere by now.
    known = trail.ids[: len(trail.ids) - behind]
    return _onward(item, replace(trail, ids=known, drift=min(drift, trail.drift)), ids, fresh, limit)


def broken_off(after: Offset | None) -> bool:
    """Tell whether a list has shifted too often to be read on with `after`, or grows as fast as it is read.

    Examples of one version do not grow, however many they are.
    """
    if after is None:
        return False
    trail = trail_of(after)
    return trail.repeats > REPEATS_MAX or (trail.pages > PAGES_MAX and not after.is_frozen)


def seen(item: Offset) -> Ids:
    """Return the last ids that an offset list has delivered."""
    return trail_of(item).ids


def from_start(item: Place) -> Place:
    """Return the list from its beginning, as if nothing of it had been read."""
    return replace(item, offset=0, anchor=None, trail=None)


def behind(item: Place) -> Place:
    """Return the list past the record at its place."""
    return replace(item, offset=item.offset + 1, anchor=None)


def trail_of(item: Offset) -> Trail:
    """Return the item's trail. An old state may have the anchor alone."""
    return item.trail or Trail(ids=Ids((item.anchor,)) if item.anchor else NO_IDS, home=item.offset)


def _unproven(item: Place, trail: Trail, ids: Sequence[str], limit: int, *, repeated: bool) -> Place | None:
    """Go past a page that nothing ties to the one before: pages of one row cannot overlap."""
    trail = replace(trail, drift=0, loose=True, repeats=trail.repeats + repeated)
    # A reading that repeats a row agrees with none.
    trail = replace(trail, digest=_digest(trail.digest, [str(trail.repeats)])) if repeated else trail
    return _onward(item, trail, ids, ids, limit)


def _onward(item: Place, trail: Trail, ids: Sequence[str], fresh: Sequence[str], limit: int) -> Place | None:
    """Go past a page with the new rows `fresh`. Pages of one row cannot overlap, and prove nothing."""
    place = max(0, item.offset + len(ids) - 1)
    known = Ids((*trail.ids, *fresh)[-TAIL:])
    trail = replace(trail, ids=known, home=place, probes=0, digest=_digest(trail.digest, fresh))
    if len(ids) < limit:
        return _ended(replace(item, offset=place), trail)
    if limit == 1:
        return replace(item, offset=place + 1, anchor=None, trail=trail)
    return replace(item, offset=place + trail.drift, anchor=ids[-1], trail=trail)


def _ended(item: Place, trail: Trail) -> Place | None:
    """Return None if every row was proven read; else the next step of the proof for one-row pages.

    Examples of a version only ever go: if the last stands where it was, none before it has gone. Any other list is read until two
    readings in a row agree and repeat no row. A row hidden from both would need a delivered one to go and come back.
    """
    if not trail.loose or not trail.ids:
        return None
    if item.is_frozen:
        return replace(item, anchor=trail.ids[-1], trail=replace(trail, probes=CHECK))
    return None if trail.digest == trail.before else _again(replace(item, trail=trail), PASS)


def _searching(item: Place, limit: int) -> Place:
    """Search the next place for the last rows: the page before, the page behind, the beginning."""
    trail = trail_of(item)
    places = (max(0, trail.home - limit + 1), trail.home + limit - 1)
    if trail.probes >= len(places):
        return _again(item, 1)
    asked = replace(trail, drift=0, probes=trail.probes + 1, repeats=trail.repeats + 1)
    return replace(item, offset=places[trail.probes], trail=asked)


def _ahead(item: Place, trail: Trail) -> Place:
    """Go behind a whole page of rows that came before the last one read, which stands at `home`.

    From the second time on as many more are expected before the next page. Else a list that grows in front would never end.
    """
    trail = replace(trail, probes=0, repeats=trail.repeats + 1)
    return replace(item, offset=trail.home + trail.drift, trail=trail)


def _again(item: Place, cost: int) -> Place:
    """Read the list from its beginning."""
    trail = trail_of(item)
    fresh = Trail(repeats=trail.repeats + cost, pages=trail.pages, before=trail.digest)
    return replace(item, offset=0, anchor=None, trail=fresh)


def _digest(text: str, ids: Iterable[str]) -> str:
    """Return eight bytes, in hex, that stand for the ids read so far in their order."""
    return hashlib.blake2b(" ".join((text, *ids)).encode(), digest_size=8).hexdigest()
