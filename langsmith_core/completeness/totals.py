"""Totals of whole projects and datasets, of what a destination's tables hold.

Values only. Not here: reading the tables (destinations), or what follows from a total (whole).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct

from langsmith_core.completeness import source_counts
from langsmith_core.completeness.values import Runs, Total
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN


class Listed(Struct, frozen=True):
    """A project or dataset as its table has it. `count`: its run_count or example_count. `stats`: its feedback_stats, as text."""

    parent_id: str
    name: str | None
    count: int | None
    stats: str | None = None


def of_projects(projects: Iterable[Listed], runs: Mapping[str, Runs], feedback: Mapping[str, int]) -> Iterator[Total]:
    """Yield two totals of each project: of its runs, and of the feedback on them."""
    for one in projects:
        held = runs.get(one.parent_id, Runs())
        yield Total(RUN.name, one.parent_id, one.name, one.count, held.total, held.roots)
        yield Total(FEEDBACK.name, one.parent_id, one.name, _judged(one), feedback.get(one.parent_id, 0))


def of_datasets(datasets: Iterable[Listed], examples: Mapping[str, int]) -> Iterator[Total]:
    """Yield the total of each dataset: of its examples."""
    for one in datasets:
        yield Total(EXAMPLE.name, one.parent_id, one.name, one.count, examples.get(one.parent_id, 0))


def _judged(project: Listed) -> int | None:
    """Count the feedback that LangSmith shows in a project's statistics.

    A project without statistics has no feedback, unless no counter of it was served.
    """
    stats = msgspec.json.decode(project.stats) if project.stats else None
    return None if stats is None and project.count is None else source_counts.judged(stats)
