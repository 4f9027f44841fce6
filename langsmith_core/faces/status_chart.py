"""The chart of cost by day on the status page, as the places of its bars. Pure: days and a time in, numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

DAYS = 30
"""Days of the chart, today included."""
HEIGHT, SLOT, GAP = 100, 20, 4
"""Units of the drawing: its height, the width of a day, and the space between two bars."""


class Bar(Struct, frozen=True):
    """One day: its bar's place, and its figures. `cost` is None where no trace of the day has one."""

    day: str
    traces: int
    cost: float | None
    x: int
    y: float
    height: float


class Chart(Struct, frozen=True):
    """Bars of the last DAYS days, the oldest first; the cost of the highest, and of all."""

    bars: tuple[Bar, ...]
    most: float
    total: float
    width: int = DAYS * SLOT
    height: int = HEIGHT
    bar: int = SLOT - GAP


def since(now: datetime) -> datetime:
    """Return the midnight in UTC at which the chart begins."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)


def drawn(days: Iterable[Mapping[str, Any]], now: datetime) -> Chart:
    """Return the chart of `[{"day", "traces", "cost"}]`. A day that is left out had no traces. Bars begin at zero."""
    found = {one["day"]: one for one in days}
    names = [f"{since(now) + timedelta(days=number):%Y-%m-%d}" for number in range(DAYS)]
    figures = [found.get(name, {"traces": 0, "cost": None}) for name in names]
    costs = [one["cost"] or 0.0 for one in figures]
    most = max(costs)
    heights = [round(HEIGHT * max(cost, 0.0) / most, 2) if most > 0 else 0.0 for cost in costs]
    bars = tuple(
        Bar(name, one["traces"], one["cost"], SLOT * place + GAP // 2, round(HEIGHT - height, 2), height)
        for place, (name, one, height) in enumerate(zip(names, figures, heights, strict=True))
    )
    return Chart(bars, most, sum(costs))
