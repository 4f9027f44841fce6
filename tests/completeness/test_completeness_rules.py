"""What two counts say: the meaning of LangSmith's count, and the ruling on a place."""

from __future__ import annotations

import pytest

from langsmith_core.completeness import rules
from langsmith_core.completeness.position import Meaning
from langsmith_core.completeness.rules import Pair
from langsmith_core.completeness.values import Ruling, Runs
from langsmith_core.records.times import midnight
from samples import NOW

DAY = midnight(NOW)


def pair(source: int | None, total: int, roots: int) -> Pair:
    """A project's day."""
    return Pair(DAY, "p", "project", source, Runs(total, roots))


@pytest.mark.parametrize(
    ("pairs", "before", "meaning"),
    [
        ([pair(9, 9, 3), pair(4, 4, 2), pair(8, 7, 2)], None, "all"),
        ([pair(3, 9, 3), pair(2, 4, 2), pair(8, 7, 2)], None, "roots"),
        ([pair(9, 9, 3), pair(8, 7, 2), pair(6, 5, 2)], None, None),
        ([pair(9, 9, 3), pair(8, 7, 2), pair(6, 5, 2)], "roots", "roots"),
        ([pair(3, 3, 3), pair(0, 0, 0), pair(None, 5, 2)], None, None),
        ([pair(9, 9, 3), pair(4, 4, 2), pair(5, 5, 1)], "roots", "all"),
        ([pair(9, 9, 3), pair(4, 4, 2)], "roots", "roots"),
        ([pair(9, 9, 3), pair(4, 4, 2)], None, None),
        ([], "all", "all"),
    ],
)
def test_two_thirds_of_the_telling_places_settle_the_meaning(
    pairs: list[Pair], before: Meaning | None, meaning: str | None
) -> None:
    """A place tells where all runs and those without a parent are two numbers. Three must tell, else what was known stays."""
    assert rules.learnt(pairs, before) == meaning


@pytest.mark.parametrize(
    ("found", "meaning", "bounded", "ruling"),
    [
        (pair(9, 9, 3), "all", True, Ruling.COMPLETE),
        (pair(9, 12, 3), "all", True, Ruling.COMPLETE),
        (pair(9, 8, 3), "all", True, Ruling.REREAD),
        (pair(9, 8, 3), "all", False, Ruling.UNKNOWN),
        (pair(3, 8, 3), "roots", True, Ruling.COMPLETE),
        (pair(4, 8, 3), "roots", True, Ruling.REREAD),
        (pair(3, 8, 3), None, False, Ruling.COMPLETE),
        (pair(4, 8, 3), None, True, Ruling.UNKNOWN),
        (pair(None, 8, 3), "all", True, Ruling.UNKNOWN),
        (pair(None, 0, 0), "all", True, Ruling.UNKNOWN),
        (pair(0, 0, 0), "all", True, Ruling.COMPLETE),
        (pair(2, 0, 0), "all", True, Ruling.REREAD),
    ],
)
def test_only_fewer_rows_than_a_count_that_is_understood_are_read_again(
    found: Pair, meaning: Meaning | None, bounded: bool, ruling: Ruling
) -> None:
    """More rows are no gap, since expired ones stay. A count that is missing, or not understood, is unknown and never zero."""
    assert rules.ruled(found, meaning, bounded=bounded) is ruling
