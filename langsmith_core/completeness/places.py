"""How a ruling changes the position: which places are read again, and which stay gaps.

Pure: a position and a verdict in, both out.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from langsmith_core.completeness.position import SHORT_MAX, Position, Short
from langsmith_core.completeness.values import Ruling, Verdict

GAPS_MAX = 2 * SHORT_MAX
"""Gaps that a state remembers. The table has all of them."""


def place_of(verdict: Verdict) -> Short:
    """Return a verdict's place, with both counts."""
    return Short(verdict.table, verdict.parent_id, verdict.source or 0, verdict.destination, verdict.day)


def noted(position: Position, verdicts: Iterable[Verdict]) -> tuple[Position, list[Verdict]]:
    """Note the rulings of a sitting. A place to be read again joins `short`.

    A place that was read again in vain, and whose counts have not changed since, stays a gap and is not read again.
    """
    gaps, short, told = {key(gap): gap for gap in position.gaps}, list(position.short), list[Verdict]()
    counted, unknown = position.counted, position.unknown
    for verdict in verdicts:
        place = place_of(verdict)
        before = gaps.pop(key(place), None)
        if verdict.ruling is Ruling.REREAD and before == place:
            gaps[key(place)], verdict = place, replace(verdict, ruling=Ruling.GAP)  # noqa: PLW2901  the same place, ruled anew
        elif verdict.ruling is Ruling.REREAD and len(short) < SHORT_MAX:
            short.append(place)
        counted, unknown = counted + 1, unknown + (verdict.ruling is Ruling.UNKNOWN)
        told.append(verdict)
    kept = tuple(gaps.values())[:GAPS_MAX]
    return replace(position, gaps=kept, short=tuple(short), counted=counted, unknown=unknown), told


def counted_again(position: Position, verdicts: Iterable[Verdict]) -> Position:
    """Note the rulings on places that were read again: what is still short is a gap."""
    gaps = {key(gap): gap for gap in position.gaps}
    gaps |= {key(place): place for place in map(place_of, (one for one in verdicts if one.ruling is Ruling.GAP))}
    return replace(position, short=(), rereading=False, gaps=tuple(gaps.values())[:GAPS_MAX])


def key(place: Short) -> tuple[object, ...]:
    """Return what tells places apart."""
    return place.table, place.parent_id, place.day
