"""What a DuckDB file counts of its own rows, and the verdicts that it keeps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec.structs import replace

from destinations.counted import BY_DAY, CHECKED, FIRST, FOUND, SECOND, THIRD, TOTALS, held, verdict
from destinations.files import ask, position, write
from langsmith_core.completeness.values import COMPLETENESS, VERDICTS_MAX, Destination, Ruling, Verdict
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import ConfigError
from langsmith_core.records.times import render


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A place for a file."""
    return str(tmp_path / "rows.duckdb")


def recorded(path: str, *found: Verdict) -> list[Verdict]:
    """Record verdicts in a pass of their own, and return what the next one reads."""
    with local.opened(path) as file:
        file.record(list(found))
    with local.opened(path) as file:
        return file.verdicts()


def stored(path: str) -> list[tuple[Any, ...]]:
    """Key, verdict and version of every row."""
    return ask(path, "SELECT completeness_id, verdict, _synced_at, _deleted_at FROM langsmith_completeness ORDER BY 1")


def test_runs_are_counted_by_project_and_day(path: str) -> None:
    """A day has its first microsecond and its last. A run without a project does not count, one of an unlisted project does."""
    write(path, *held())
    with local.opened(path) as file:
        counted: Destination = file
        assert counted.runs_by_day(FIRST, THIRD) == BY_DAY
        assert counted.runs_by_day(SECOND, THIRD) == {key: runs for key, runs in BY_DAY.items() if key[1] == SECOND}
        assert counted.runs_by_day(FIRST, FIRST) == {}


def test_whole_projects_and_datasets_are_counted(path: str) -> None:
    """Labels count as feedback; no statistics are no feedback, unless the project has no counter. What is deleted is left out."""
    write(path, *held())
    with local.opened(path) as file:
        assert sorted(map(repr, file.totals())) == sorted(map(repr, TOTALS))


def test_verdicts_are_kept_and_read_in_order(path: str) -> None:
    """Gaps come first, then table, name and day, a whole project before its days; every value comes back."""
    assert recorded(path) == []
    assert recorded(path, *reversed(FOUND)) == FOUND
    assert stored(path)[1:3] == [
        ("langsmith_run@a", "unknown", CHECKED, None),
        ("langsmith_run@a@2026-05-01", "complete", CHECKED, None),
    ]


def test_a_later_verdict_takes_the_place_of_an_earlier_one(path: str) -> None:
    """A key has one row: that of the last check. An earlier check changes nothing, unless the other is of a clock ahead."""
    recorded(path, *FOUND)
    closed = verdict("b", Ruling.CLOSED, SECOND, later=60)
    assert recorded(path, closed, verdict("a", Ruling.GAP, FIRST, later=-60))[-2:] == [closed, FOUND[-1]]
    assert [one.ruling for one in recorded(path)].count(Ruling.GAP) == 0
    ahead = verdict("b", Ruling.GAP, SECOND, later=86_400)
    assert recorded(path, ahead)[0] == ahead
    again = verdict("b", Ruling.COMPLETE, SECOND, later=120)
    assert again in recorded(path, again)


def test_of_eighty_thousand_verdicts_gaps_and_the_newest_are_read(path: str) -> None:
    """The bound on what is read keeps gaps, and then the newest."""
    days = [FIRST + timedelta(days=number) for number in range(800)]
    many = [verdict(f"p{number}", Ruling.COMPLETE, day) for number in range(100) for day in days]
    recorded(path, *many, verdict("z", Ruling.GAP, FIRST, later=-3_600))
    newer = [verdict(f"p{number}", Ruling.COMPLETE, THIRD, later=9) for number in range(100)]
    found = recorded(path, *newer)
    assert ask(path, "SELECT count(*) FROM langsmith_completeness") == [(80_001,)]
    assert (len(found), found[0].ruling) == (VERDICTS_MAX, Ruling.GAP)
    assert set(map(repr, newer)) <= set(map(repr, found))


def test_a_file_of_an_earlier_version_has_no_verdicts_until_it_is_opened(path: str) -> None:
    """The status of such a file shows none, and a pass makes the table. Columns that a table lacks are added."""
    write(path, *held())
    with duckdb.connect(path) as connection:
        connection.execute("DROP TABLE langsmith_completeness")
    assert local.status(path)["completeness"] == []
    assert ask(path, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'langsmith_completeness'") == [(0,)]
    assert recorded(path, FOUND[0]) == [FOUND[0]]
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE langsmith_completeness DROP COLUMN parent_name")
    assert recorded(path) == [replace(FOUND[0], name=None)]


def test_a_table_without_its_key_is_refused(path: str) -> None:
    """As with every table of the file, the message names the statement that mends it."""
    write(path)
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE copied AS FROM langsmith_completeness")
        connection.execute("DROP TABLE langsmith_completeness; ALTER TABLE copied RENAME TO langsmith_completeness")
    mend = r"run ALTER TABLE langsmith_completeness ADD PRIMARY KEY \(completeness_id\)"
    with pytest.raises(ConfigError, match=mend), local.opened(path):
        pass


def test_the_status_shows_what_a_person_looks_at_first(path: str) -> None:
    """Gaps, then what is open, whole projects, days; a hundred at most. The table is not among the rows of the streams."""
    recorded(path, *FOUND)
    status = local.status(path)
    assert [(one["parent_id"], one["verdict"], one["day"]) for one in status["completeness"]] == [
        ("b", "gap", "2026-05-02"),
        ("a", "unknown", None),
        ("b", "reread", "2026-05-03"),
        ("a", "complete", None),
        ("a", "complete", "2026-05-01"),
        ("a", "closed", "2026-05-02"),
    ]
    assert status["completeness"][1] == {
        "table": "langsmith_run",
        "parent_id": "a",
        "name": 'a\'s "name"',
        "day": None,
        "source": None,
        "destination": 6,
        "verdict": "unknown",
        "checked_at": render(CHECKED),
    }
    assert COMPLETENESS.name not in status["rows"]
    recorded(path, *(verdict(f"p{number}", Ruling.COMPLETE) for number in range(120)))
    assert len(local.status(path)["completeness"]) == 100


def test_a_pass_that_rolls_back_keeps_the_verdicts(path: str) -> None:
    """Verdicts are durable when `record` returns, though the pass then fails with rows that were not saved."""
    with local.opened(path) as file:
        file.save(position(1))
        file.record(FOUND)
        file.write(held()[0])
        file.drop()
    with local.opened(path) as file:
        assert (file.verdicts(), file.totals()) == (FOUND, [])
