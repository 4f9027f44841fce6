"""Warnings about single records, collected during a pass: one log line for each kind of warning, with a count and some ids.

A line holds no more of a record than its id.
Not here: the warnings' texts (each module declares its own Remark), or when a pass ends (main).
"""

from __future__ import annotations

import logging

from msgspec import Struct, field

IDS_SHOWN, LETTERS_SHOWN = 3, 40
"""Ids in one line, and characters of one id."""
_log = logging.getLogger(__name__)


class Remark(Struct, frozen=True):
    """One warning that may concern many records. Each `%s` in `text` is filled with the table, then with the words."""

    text: str
    level: int = logging.WARNING


class _Tally(Struct):
    """How often a remark was made, the ids of its first records, and the reason given first."""

    why: str
    times: int = 0
    ids: list[str] = field(default_factory=list)


class Remarks:
    """The remarks of one pass. The caller that ends the pass calls `tell`, even if the pass failed."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[Remark, str, tuple[str, ...]], _Tally] = {}

    def add(self, remark: Remark, table: str, *words: str, of: str | None = None, why: object = "") -> None:
        """Count a remark about the record with the id `of`; None if the record has no id.

        Each combination of `words` makes a line of its own, so they name tables and columns only.
        `why` may differ from record to record; the line shows the first.
        """
        tally = self._tallies.setdefault((remark, table, words), _Tally(str(why)))
        tally.times += 1
        shown_id = of if of is None else of[:LETTERS_SHOWN]
        if shown_id and shown_id not in tally.ids and len(tally.ids) <= IDS_SHOWN:
            tally.ids.append(shown_id)

    def tell(self) -> None:
        """Write one log line for each remark, and forget them all."""
        tallies, self._tallies = self._tallies, {}
        for (remark, table, words), tally in tallies.items():
            text = remark.text % (table, *words)
            extra = {"fields": {"stream": table, "times": tally.times}}
            _log.log(remark.level, "%s (%s)%s", text, _summary(tally), f": {tally.why}" if tally.why else "", extra=extra)


def _summary(tally: _Tally) -> str:
    """Write the count and the ids: `3 times: a, b, c`."""
    shown = ", ".join(tally.ids[:IDS_SHOWN])
    more = ", ..." if len(tally.ids) > IDS_SHOWN else ""
    times = "once" if tally.times == 1 else f"{tally.times:,} times"
    return f"{times}: {shown}{more}" if shown else times
