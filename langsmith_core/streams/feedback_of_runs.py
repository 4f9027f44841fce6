"""All feedback of a few runs: of those whose feedback was edited."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import offset_list
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.feedback_columns import FEEDBACK
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.offset_list import Offset

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PATH = "/api/v1/feedback"
_log = logging.getLogger(__name__)


class FeedbackOfRuns(Offset, frozen=True, kw_only=True):
    """All feedback of a few runs."""

    outlives_look: ClassVar[bool] = True
    asked_column: ClassVar[str] = "run_id"

    runs: Ids

    @property
    def table_name(self) -> str:
        """Name the table of feedback."""
        return FEEDBACK.name

    @property
    def is_sound(self) -> bool:
        """Check that a request names one to fifty runs."""
        return 0 < len(self.runs) <= IDS_MAX

    @property
    def about(self) -> str | None:
        """Give the first of the runs."""
        return self.runs[0]

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List the runs."""
        return self.runs

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the runs' feedback."""
        return Call("GET", PATH, query=(*(("run", one) for one in self.runs), *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on, or halve the runs where the list shifts too often."""
        rest = offset_list.after_page(self, page)
        if offset_list.broken_off(rest):
            return Outcome(rest=self._halves() or given_up())
        return Outcome(rest=(rest,) if rest else ())

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the record at this place."""
        return Outcome(rest=(offset_list.behind(self),))

    def _halves(self) -> tuple[Item, ...]:
        half, fresh = len(self.runs) // 2, offset_list.from_start(self)
        return (replace(fresh, runs=self.runs[:half]), replace(fresh, runs=self.runs[half:])) if half else ()


def given_up() -> tuple[Item, ...]:
    """Log a list that shifts too often to be read, and return no work."""
    _log.error(
        "%s: the list changes too often to be read; the daily pass re-reads the rest of one part",
        FEEDBACK.name,
        extra={"fields": {"stream": FEEDBACK.name}},
    )
    return ()
