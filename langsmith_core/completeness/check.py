"""The check: count both sides, rule on every place, and find what to read again.

One sitting is bounded in pages and time; the position says where the next one goes on. It writes verdicts and nothing else.
Not here: what a count means (rules), the calls (source_counts), reading again (sync.rereading), or when a check is due (faces).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core import logs
from langsmith_core.calls import Source
from langsmith_core.completeness import again, places, rules, source_counts
from langsmith_core.completeness.bounds_kept import BoundsKept
from langsmith_core.completeness.position import Meaning, Position, Short
from langsmith_core.completeness.rules import Pair
from langsmith_core.completeness.values import Destination, Ruling, Runs, Verdict
from langsmith_core.completeness.whole import Whole
from langsmith_core.errors import RefusedError
from langsmith_core.records.times import DAY
from langsmith_core.streams.registry import RUN

PAGES_MAX = 100
"""Pages of one sitting: 10,000 projects' day. So its memory does not grow with the workspace."""
CALIBRATING = 3
"""Places that are read again to learn what LangSmith's count means, where no day tells."""
_log = logging.getLogger(__name__)


class Asked(Struct, frozen=True):
    """What a check compares. `of`: the daily pass that it belongs to.

    `days` are midnights, newest first. `ids` names the projects; empty: all. `is_read`: whether rows of a table and a parent are
    synced. `version_of` and `cut` are as in `Whole`.
    """

    of: datetime | None
    days: tuple[datetime, ...]
    is_read: Callable[[str, str], bool]
    version_of: Callable[[str], datetime | None]
    ids: tuple[str, ...] = ()
    cut: bool = False


class Check:
    """One check of a destination."""

    def __init__(
        self, asked: Asked, source: Source, destination: Destination, now: datetime, seconds_left: Callable[[], float]
    ) -> None:
        self._asked, self._source, self._destination = asked, source, destination
        self._now, self._seconds_left = now, seconds_left
        self._bounds = BoundsKept(source.fetch, now)
        self._whole = Whole(source, now, asked.is_read, asked.version_of, asked.cut)

    def sit(self, position: Position) -> Position:
        """Count some places, at least one page of them, and record the verdicts. Raises SyncError, and MalformedError."""
        if position.rereading:
            return self._counted_again(position)
        here = self._begun(position)
        here, pairs = self._counted(here)
        bounded = self._are_bounded(pairs)
        meaning = rules.learnt(pairs, here.meaning) if bounded else here.meaning
        found = [rules.verdict(one, meaning, rules.ruled(one, meaning, bounded=bounded), self._now) for one in pairs]
        here, told = places.noted(replace(here, meaning=meaning), found)
        if meaning is None and bounded:
            here = replace(here, short=tuple(_short(one) for one in rules.smallest(pairs, CALIBRATING)))
        self._destination.record(told)
        return here if here.day else self._ended(here)

    def _begun(self, position: Position) -> Position:
        if position.day in self._asked.days:
            return position
        day = self._asked.days[0] if self._asked.days else None
        return replace(position, day=day, offset=0, short=(), counted=0, unknown=0)

    def _counted(self, position: Position) -> tuple[Position, list[Pair]]:
        """Ask LangSmith for some pages, then count the same days here. Both sides are settled: the order does not matter."""
        found: list[tuple[datetime, source_counts.Counted]] = []
        here = position
        for number in range(PAGES_MAX):
            day = here.day
            if day is None or (number and self._seconds_left() <= 0):
                break
            page = self._page(day, here.offset)
            if page is None:
                return replace(here, day=None, offset=0), self._paired(found)
            found += [(day, one) for one in page]
            here = self._onward(here, len(page))
        return here, self._paired(found)

    def _page(self, day: datetime, offset: int) -> list[source_counts.Counted] | None:
        """Ask for a page of counts; None where this LangSmith refuses the question, so that no day can be compared."""
        try:
            body = self._source.fetch(source_counts.runs_call(day, offset, self._asked.ids)).body
        except RefusedError as error:
            _log.warning("LangSmith does not count the runs of a day, so none is compared; upgrade LangSmith: %s", error)
            return None
        return source_counts.projects(body)

    def _onward(self, here: Position, count: int) -> Position:
        if count >= source_counts.PAGE:
            return replace(here, offset=here.offset + count)
        older = [day for day in self._asked.days if here.day and day < here.day]
        return replace(here, day=older[0] if older else None, offset=0)

    def _paired(self, found: Sequence[tuple[datetime, source_counts.Counted]]) -> list[Pair]:
        """Put both counts side by side, of the projects that are read. A place where neither side knows a run is none."""
        if not found:
            return []
        days = [day for day, _ in found]
        held = self._destination.runs_by_day(min(days), max(days) + DAY)
        read = [(day, one) for day, one in found if self._asked.is_read(RUN.name, one.project_id)]
        pairs = [Pair(day, one.project_id, one.name, one.runs, held.get((one.project_id, day), Runs())) for day, one in read]
        return [pair for pair in pairs if not pair.is_empty]

    def _are_bounded(self, pairs: Iterable[Pair]) -> bool:
        some = next((pair for pair in pairs if pair.source), None)
        return some is not None and self._bounds.at(some.day, some.project_id)

    def _ended(self, here: Position) -> Position:
        """Rule on whole projects and datasets, and close the check."""
        here, told = places.noted(here, self._whole.ruled(self._destination.totals(), here.meaning))
        self._destination.record(told)
        here = replace(here, of=self._asked.of, checked_at=self._now, rereading=bool(here.short))
        fields = {"counted": here.counted, "unknown": here.unknown, "short": len(here.short), "gaps": len(here.gaps)}
        text = "completeness: %d places counted, %d unknown, %d are read again, %d known gaps"
        _log.info(text, *fields.values(), extra=logs.event("completeness", **fields))
        return here

    def _counted_again(self, position: Position) -> Position:
        """Count both sides again of what was read again. A meaning that is learnt only now lets the check begin anew.

        Places that contradict the meaning that was known may teach another one. The next day's check goes by that.
        """
        pairs = self._paired(again.runs(self._source, position.short))
        bounded = self._are_bounded(pairs)
        meaning: Meaning | None = rules.learnt(pairs, position.meaning) if bounded else position.meaning
        found = [rules.verdict(one, meaning, rules.ruled(one, meaning, bounded=bounded), self._now) for one in pairs]
        found += again.totals(self._whole, self._destination, position.short, meaning)
        told = again.ruled(found, position.short)
        self._destination.record(told)
        for gap in (one for one in told if one.ruling is Ruling.GAP):
            _tell(gap)
        here = places.counted_again(replace(position, meaning=meaning), told)
        return replace(here, of=None) if position.meaning is None and meaning else here


def _short(pair: Pair) -> Short:
    return Short(RUN.name, pair.project_id, pair.source or 0, pair.held.total, pair.day)


def _tell(gap: Verdict) -> None:
    day = f"{gap.day:%Y-%m-%d}" if gap.day else None
    fields = {"stream": gap.table, "parent_id": gap.parent_id, "day": day, "source": gap.source, "destination": gap.destination}
    _log.error(
        "%s of %s, %s: LangSmith counts %s, the destination holds %d, also after reading them again; see docs/completeness.md",
        gap.table,
        gap.parent_id,
        day or "all days",
        gap.source,
        gap.destination,
        extra=logs.event("completeness_gap", **fields),
    )
