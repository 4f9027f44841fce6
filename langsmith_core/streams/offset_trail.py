"""The trail of an offset list: what its item remembers of the pages before, to find its place where rows come and go.

Here: the values. Not here: what a page does to them (offset_list).
"""

from __future__ import annotations

from msgspec import Struct

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams.bounds import Count

TAIL = 8
"""Ids that a trail holds. So many rows may go or come at once, and the page that shows it still tells where reading goes on."""


class Trail(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the reading of an offset list finds its place when rows come and go.

    `ids` are the last ones delivered, in their order. The last of them stood at `home`, and `drift` more rows are expected before
    it. `probes` counts the other places searched, `repeats` the pages without anything new, `pages` all. `loose`: some page was
    not proven to follow the one before. Then `digest` stands for all ids of this reading, `before` for those of the reading
    before.
    """

    ids: Ids = NO_IDS
    home: Count = 0
    drift: Count = 0
    probes: Count = 0
    repeats: Count = 0
    pages: Count = 0
    loose: bool = False
    digest: str = ""
    before: str = ""
