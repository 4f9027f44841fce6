"""Count again what was read again.

Feedback is counted twice in LangSmith's statistics: as they were when the shortfall was found, and now. The smaller one counts,
because feedback may be added or deleted in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from langsmith_core.calls import Source
from langsmith_core.completeness import source_counts
from langsmith_core.completeness.places import key, place_of
from langsmith_core.completeness.position import Meaning, Short
from langsmith_core.completeness.source_counts import IDS_MAX, Counted
from langsmith_core.completeness.values import Destination, Ruling, Verdict
from langsmith_core.completeness.whole import Whole
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN


def runs(source: Source, short: Iterable[Short]) -> list[tuple[datetime, Counted]]:
    """Ask again for the runs of the days that were short."""
    wanted = sorted((one.day, one.parent_id) for one in short if one.table == RUN.name and one.day)
    found: list[tuple[datetime, Counted]] = []
    for day, group in groupby(wanted, key=lambda one: one[0]):
        for ids in _parts([parent for _, parent in group]):
            body = source.fetch(source_counts.runs_call(day, ids=ids)).body
            found += [(day, one) for one in source_counts.projects(body)]
    return found


def ruled(verdicts: Iterable[Verdict], short: Iterable[Short]) -> list[Verdict]:
    """Rule on places that were read again: one that is still short is a gap, one that has got rows by it is closed."""
    before = {key(one): one.destination for one in short}
    return [replace(one, ruling=_again(one, before.get(key(place_of(one)), 0))) for one in verdicts]


def _again(verdict: Verdict, before: int) -> Ruling:
    if verdict.ruling is Ruling.REREAD:
        return Ruling.GAP
    return Ruling.CLOSED if verdict.ruling is Ruling.COMPLETE and verdict.destination > before else verdict.ruling


def totals(rules: Whole, destination: Destination, short: Sequence[Short], meaning: Meaning | None) -> list[Verdict]:
    """Rule again on feedback and examples that were short. Whole tables are counted for that alone."""
    before = {(one.table, one.parent_id): one.source for one in short if one.table in (FEEDBACK.name, EXAMPLE.name)}
    if not before:
        return []
    judged = _feedback(rules.source, [parent for table, parent in before if table == FEEDBACK.name])
    now = [
        replace(one, source=min(before[one.table, one.parent_id], judged.get(one.parent_id, one.source or 0)))
        if one.table == FEEDBACK.name
        else replace(one, source=before[one.table, one.parent_id])
        for one in destination.totals()
        if (one.table, one.parent_id) in before
    ]
    return rules.ruled(now, meaning)


def _feedback(source: Source, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(ids):
        body = source.fetch(source_counts.feedback_call(part)).body
        found |= {one.project_id: one.feedback or 0 for one in source_counts.projects(body)}
    return found


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[at : at + IDS_MAX] for at in range(0, len(ids), IDS_MAX)]
