"""What two counts say: the meaning of LangSmith's count, and the ruling on a place.

Pure. LangSmith does not say whether `run_count` counts all runs or those without a parent. It is learnt from days that have just
been read whole: there one of the two is what the destination holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from langsmith_core.completeness.position import Meaning
from langsmith_core.completeness.values import Ruling, Runs, Verdict
from langsmith_core.streams.registry import RUN

SHARE = 2 / 3
"""How many of the telling places must agree on a meaning. The others may have losses, or rows that have expired since."""
LEAST = 3
"""So many telling places are asked. Of fewer, a run that LangSmith has deleted since may make one number look like the other."""


class Pair(Struct, frozen=True):
    """A project's day, counted on both sides. `source` is None where LangSmith gives no count."""

    day: datetime
    project_id: str
    name: str | None
    source: int | None
    held: Runs = Runs()

    @property
    def is_empty(self) -> bool:
        """Whether neither side knows of a run."""
        return not self.source and not self.held.total

    @property
    def is_telling(self) -> bool:
        """Whether the two meanings would give two counts here."""
        return bool(self.source) and self.held.total != self.held.roots


def learnt(pairs: Iterable[Pair], before: Meaning | None) -> Meaning | None:
    """Return the meaning that enough telling places agree on; what was known before where they do not tell."""
    telling = [pair for pair in pairs if pair.is_telling]
    agreed: dict[Meaning, int] = {
        "all": sum(pair.source == pair.held.total for pair in telling),
        "roots": sum(pair.source == pair.held.roots for pair in telling),
    }
    settled = [meaning for meaning, count in agreed.items() if len(telling) >= LEAST and count >= SHARE * len(telling)]
    return settled[0] if settled else before


def held(pair: Pair, meaning: Meaning | None) -> int:
    """Return how many rows the destination holds of the kind that LangSmith counts; all of them while nobody knows the kind."""
    return pair.held.roots if meaning == "roots" else pair.held.total


def ruled(pair: Pair, meaning: Meaning | None, *, bounded: bool) -> Ruling:
    """Rule on a place. `bounded`: LangSmith was seen to keep to the day's bounds.

    A count that ignores them is too large, and never too small. As many rows as it says are enough in any case.
    """
    if pair.source is None:
        return Ruling.UNKNOWN
    least = pair.held.roots if meaning is None else held(pair, meaning)
    if least >= pair.source:
        return Ruling.COMPLETE
    return Ruling.REREAD if meaning and bounded else Ruling.UNKNOWN


def verdict(pair: Pair, meaning: Meaning | None, ruling: Ruling, now: datetime) -> Verdict:
    """Return the row that keeps a ruling."""
    return Verdict(RUN.name, pair.project_id, pair.name, pair.day, pair.source, held(pair, meaning), now, ruling)


def smallest(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Return the places with the fewest runs, which cost least to read again."""
    return sorted((pair for pair in pairs if pair.source), key=lambda pair: pair.source or 0)[:count]
