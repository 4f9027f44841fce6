"""What a program cost in a case: values, and the figures that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median_low


@dataclass(frozen=True)
class Reading:
    """What one program cost. A megabyte has 10^6 bytes. `refused` counts answers of 429."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    run_requests: int
    other_requests: int
    refused: int
    answered_mb: float
    simulator_seconds: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def cpu_share(self) -> float:
        """The program's CPU time as a part of the time; more than one where it uses both cores."""
        return self.cpu_seconds / self.seconds

    @property
    def simulator_share(self) -> float:
        """The simulator's CPU time as a part of the time."""
        return self.simulator_seconds / self.seconds


Found = Mapping[str, Mapping[str, Reading]]
"""Readings by case and program."""


def middle(readings: Iterable[Reading]) -> Reading:
    """Return the reading with the middle rate, whole, because its figures belong together."""
    listed = list(readings)
    rate = median_low(reading.rate for reading in listed)
    return next(reading for reading in listed if reading.rate == rate)
