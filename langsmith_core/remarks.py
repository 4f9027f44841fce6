"""What a pass has to say of single records, gathered: one line for each thing said, however many records it is said of.

Here: counting, and writing the lines once the pass is over. Not here: what is said (each module declares its own remarks), or
when a pass is over (main). No line holds more of a record than its id.
"""

from __future__ import annotations

import logging

from msgspec import Struct, field

IDS_SHOWN, LETTERS_SHOWN = 3, 40
_log = logging.getLogger(__name__)


class Remark(Struct, frozen=True):
    """One thing that may be said of many records; each `%s` stands for what it was said with."""

    text: str
    level: int = logging.WARNING


class _Said(Struct):
    """How often, of which records at first, and why the first time."""

    why: str
    times: int = 0
    ids: list[str] = field(default_factory=list)


class Remarks:
    """The remarks of one pass. Whoever ends the pass calls `tell`, also where it failed."""

    def __init__(self) -> None:
        self._said: dict[tuple[Remark, str, tuple[str, ...]], _Said] = {}

    def add(self, remark: Remark, table: str, *words: str, of: str | None = None, why: object = "") -> None:
        """Take in that a remark was made of the record `of`; None where it has no id.

        `words` tell one line from another, so they are few: tables and columns. `why` may differ, and the first is told.
        """
        said = self._said.setdefault((remark, table, words), _Said(str(why)))
        said.times += 1
        shown = of if of is None else of[:LETTERS_SHOWN]
        if shown and shown not in said.ids and len(said.ids) <= IDS_SHOWN:
            said.ids.append(shown)

    def tell(self) -> None:
        """Write one line for each remark, and forget them."""
        told, self._said = self._said, {}
        for (remark, table, words), said in told.items():
            text = remark.text % (table, *words)
            extra = {"fields": {"stream": table, "times": said.times}}
            _log.log(remark.level, "%s (%s)%s", text, _counted(said), f": {said.why}" if said.why else "", extra=extra)


def _counted(said: _Said) -> str:
    shown = ", ".join(said.ids[:IDS_SHOWN])
    more = ", ..." if len(said.ids) > IDS_SHOWN else ""
    times = "once" if said.times == 1 else f"{said.times:,} times"
    return f"{times}: {shown}{more}" if shown else times
