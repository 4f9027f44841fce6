"""The list of projects read to its end, and the windows that it leads to, for the tests of projects."""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams import projects
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.run_window import RunWindow
from streams.contexts import (
    DAY,
    SINCE,
    SOON,
    YEAR_AGO,
    page,
    remembered,
)

WEEK_AGO = SOON - 7 * DAY


def recent(*ids: str) -> RunWindow:
    """The runs of these projects in the window of a later look."""
    return RunWindow(lo=SINCE, hi=SOON, waiting=Ids(ids))


def old(*ids: str) -> RunWindow:
    """All runs of these projects."""
    return RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids(ids))


def listed(asked: Context, *pages: list[Row]) -> tuple[list[Item], Outcome]:
    """All that the list leads to, read in these pages, and the outcome of the last one."""
    (item,) = projects.opens(asked).rest
    asked = replace(asked, memory=remembered(projects.opens(asked)))
    first: list[Item] = []
    for number, found in enumerate(pages, start=1):
        assert isinstance(item, ListProjects)
        limit = len(found) + (number == len(pages))
        outcome = item.after(page(*found, limit=limit), asked)
        first += outcome.first
        asked = replace(asked, memory=remembered(outcome))
        (item,) = outcome.rest if number < len(pages) else (item,)
    return first, outcome
