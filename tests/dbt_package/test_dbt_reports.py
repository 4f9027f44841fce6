"""The reports of the odd workspace, row by row, and that they are the same however the rows were read."""

from __future__ import annotations

import pytest
from dbt_package.conftest import PLACES, Built
from dbt_package.running import INTERMEDIATE, REPORTS, of_place, unhappy


def test_every_test_of_the_package_passes(built: Built) -> None:
    """The odd workspace builds, and its reports pass every test that the package has, cost to the last digit."""
    assert unhappy(built.outcome) == {}


@pytest.mark.parametrize("report", [*REPORTS, *INTERMEDIATE])
def test_a_report_is_the_same_by_each_way(built: Built, report: str) -> None:
    """Rows read by v1, by v2, and delivered through Fivetran give equal reports, though the same ids stand beside each other."""
    rows = built.target.rows(report)
    v1, v2, fivetran = (of_place(rows, place) for place in PLACES)
    assert v1
    assert v1 == v2
    assert v2 == fivetran
