"""Verdicts as rows of their table, and as the status shows them.

Values only. Not here: writing and reading the table (destinations).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from langsmith_core.completeness.values import COMPLETENESS, Ruling, Verdict, key
from langsmith_core.records.rows import encode
from langsmith_core.records.times import render

READ = ", ".join(column.name for column in COMPLETENESS.columns[1:])
"""The columns that `read` takes, in its order."""
NEWEST = f"verdict = '{Ruling.GAP.value}' DESC, checked_at DESC, completeness_id"
"""The order in which rows are read, in SQL: where there are too many, gaps and the newest stay."""
SHOWN_MAX = 100


def lines(verdicts: Iterable[Verdict]) -> dict[str, bytes]:
    """Return verdicts as lines of JSON, by key. Their version is the time of the check."""
    return {key(one): encode(_row(one)) for one in verdicts}


def newest_check(verdicts: Iterable[Verdict]) -> datetime:
    """Return when the last of some verdicts was found."""
    return max(one.checked_at for one in verdicts)


def read(rows: Iterable[tuple[Any, ...]]) -> list[Verdict]:
    """Return rows of the columns READ as verdicts: gaps first, then by table, name and day, a whole project before its days."""
    return sorted(map(_verdict, rows), key=_place)


def shown(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return as plain values what a person looks at first, SHOWN_MAX at most: gaps, what is open, whole projects, days."""
    return [_plain(one) for one in sorted(verdicts, key=_urgency)[:SHOWN_MAX]]


def _row(verdict: Verdict) -> dict[str, Any]:
    checked = render(verdict.checked_at)
    values = (
        key(verdict),
        verdict.table,
        verdict.parent_id,
        verdict.name,
        render(verdict.day) if verdict.day else None,
        verdict.source,
        verdict.destination,
        checked,
        verdict.ruling.value,
    )
    return {**dict(zip((column.name for column in COMPLETENESS.columns), values, strict=True)), "_synced_at": checked}


def _verdict(row: tuple[Any, ...]) -> Verdict:
    table, parent_id, name, day, source, destination, checked_at, verdict = row
    return Verdict(table, parent_id, name, _utc(day) if day else None, source, destination, _utc(checked_at), Ruling(verdict))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _place(verdict: Verdict) -> tuple[bool, str, str, str, str]:
    day = f"{verdict.day:%Y-%m-%d}" if verdict.day else ""
    return verdict.ruling is not Ruling.GAP, verdict.table, verdict.name or "", verdict.parent_id, day


def _urgency(verdict: Verdict) -> int:
    if verdict.ruling is Ruling.GAP:
        return 0
    if verdict.ruling in (Ruling.REREAD, Ruling.UNKNOWN):
        return 1
    return 2 if verdict.day is None else 3


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "table": verdict.table,
        "parent_id": verdict.parent_id,
        "name": verdict.name,
        "day": f"{verdict.day:%Y-%m-%d}" if verdict.day else None,
        "source": verdict.source,
        "destination": verdict.destination,
        "verdict": verdict.ruling.value,
        "checked_at": render(verdict.checked_at),
    }
