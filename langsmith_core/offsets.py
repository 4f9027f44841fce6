"""How an offset list moves on while it shifts: what a page proves, where the next one is asked for, when to break off.

Rows come and go while pages are read. A row is proven read if it stands right behind one that was read before, on one page, or on
the page that begins the list. So each page begins with the last row of the one before. Where that row has moved, the page is
searched for any of the last few rows; then the page before, then the page behind; then the list is read from its beginning. Each
such step is counted, and a list that takes too many is broken off.

Pure: slice and ids in, the next slice or None out. Not here: run queries, which have windows (windows); what becomes of a list
that was broken off (breaking).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from langsmith_core.state import Slice, Trail
from langsmith_core.streams import EXAMPLE

TAIL = 8
"""Ids that a trail holds. So many rows may go or come at once, and the page that shows it still tells where reading goes on."""
REPEATS_MAX = 30
"""Pages of one list that may bring nothing new. One change between two pages takes at most three of them."""
PAGES_MAX = 10_000
"""Pages of one list: a million rows. Longer lists of feedback are read in parts."""
PASS = 3
"""What one more reading of a list of one-row pages counts."""
CHECK = 9
"""As many `probes` mean: the last row is asked for once more."""


def after_list(piece: Slice, ids: Sequence[str], limit: int) -> Slice | None:
    """The offset list after a page of rows `ids`, of at most `limit`; None when it is read. See also `broken_off`."""
    trail = replace(_trail(piece), pages=_trail(piece).pages + 1)
    piece = replace(piece, trail=trail)
    if trail.probes == CHECK:
        return None if ids[:1] == [piece.anchor] else _again(piece, PASS)
    if piece.offset == 0:
        return _onward(piece, Trail(repeats=trail.repeats, pages=trail.pages, before=trail.before), ids, ids, limit)
    places = [i for i, one in enumerate(ids) if one in trail.ids]
    if piece.anchor is None or (limit == 1 and not places):
        repeated = len(places) == len(ids) >= limit
        trail = replace(trail, drift=0, loose=True, repeats=trail.repeats + repeated)
        # A reading that repeats a row agrees with none.
        trail = replace(trail, digest=_digest(trail.digest, [str(trail.repeats)])) if repeated else trail
        return _onward(piece, trail, ids, ids, limit)
    if not places:
        return _searching(piece, limit)
    last, fresh = ids[places[-1]], ids[places[-1] + 1 :]
    behind = len(trail.ids) - 1 - trail.ids.index(last)
    home = piece.offset + places[-1] + behind
    drift = max(0, home - trail.home)
    if not fresh and len(ids) >= limit > 1:
        return _ahead(piece, replace(trail, home=home, drift=drift if trail.repeats else 0))
    # What was read behind `last` may stand anywhere by now.
    known = trail.ids[: len(trail.ids) - behind]
    return _onward(piece, replace(trail, ids=known, drift=min(drift, trail.drift)), ids, fresh, limit)


def broken_off(after: Slice | None) -> bool:
    """Whether the list that would go on with `after` has shifted too often to be read on, or grows as fast as it is read.

    Examples of one version do not grow, however many they are.
    """
    if after is None:
        return False
    return _trail(after).repeats > REPEATS_MAX or (_trail(after).pages > PAGES_MAX and after.table != EXAMPLE.table)


def seen(piece: Slice) -> tuple[str, ...]:
    """The last ids that an offset list has delivered."""
    return _trail(piece).ids


def _trail(piece: Slice) -> Trail:
    """The slice's trail; a state of an older version has only the anchor."""
    return piece.trail or Trail(ids=(piece.anchor,) if piece.anchor else (), home=piece.offset)


def _onward(piece: Slice, trail: Trail, ids: Sequence[str], fresh: Sequence[str], limit: int) -> Slice | None:
    """The list past a page of which `fresh` were not read before. Pages of one row cannot overlap, and prove nothing."""
    place = max(0, piece.offset + len(ids) - 1)
    known = (*trail.ids, *fresh)[-TAIL:]
    trail = replace(trail, ids=known, home=place, probes=0, digest=_digest(trail.digest, fresh))
    if len(ids) < limit:
        return _ended(replace(piece, offset=place), trail)
    if limit == 1:
        return replace(piece, offset=place + 1, anchor=None, trail=trail)
    return replace(piece, offset=place + trail.drift, anchor=ids[-1], trail=trail)


def _ended(piece: Slice, trail: Trail) -> Slice | None:
    """None, if every row was proven read; else the proof of what one-row pages have read.

    Examples of a version only ever go: if the last is where it was, none before it has gone. Any other list is read until two
    readings in a row are the same and repeat no row: to be hidden from both, a row would need a delivered one to go and to come
    back.
    """
    if not trail.loose or not trail.ids:
        return None
    if piece.table == EXAMPLE.table:
        return replace(piece, anchor=trail.ids[-1], trail=replace(trail, probes=CHECK))
    return None if trail.digest == trail.before else _again(replace(piece, trail=trail), PASS)


def _searching(piece: Slice, limit: int) -> Slice:
    """The list at the next place where its last rows may be: the page before, the page behind, the beginning."""
    trail = _trail(piece)
    places = (max(0, trail.home - limit + 1), trail.home + limit - 1)
    if trail.probes >= len(places):
        return _again(piece, 1)
    asked = replace(trail, drift=0, probes=trail.probes + 1, repeats=trail.repeats + 1)
    return replace(piece, offset=places[trail.probes], trail=asked)


def _ahead(piece: Slice, trail: Trail) -> Slice:
    """The list behind a whole page of rows that come before the last one read, which stands at `home`.

    As many more are expected before the next page, where that is not the first time: else a list that grows in front as fast as
    it is read never would be.
    """
    trail = replace(trail, probes=0, repeats=trail.repeats + 1)
    return replace(piece, offset=trail.home + trail.drift, trail=trail)


def _again(piece: Slice, cost: int) -> Slice:
    """The list from its beginning."""
    trail = _trail(piece)
    return replace(
        piece, offset=0, anchor=None, trail=Trail(repeats=trail.repeats + cost, pages=trail.pages, before=trail.digest)
    )


def _digest(text: str, ids: Iterable[str]) -> str:
    """Eight bytes that stand for the ids read so far, in their order."""
    return hashlib.blake2b(" ".join((text, *ids)).encode(), digest_size=8).hexdigest()
