"""Usage by day: once a day, with the days that may still settle, for a workspace whose organisation is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator.corpus_prompts import OTHERS

Worlds = Callable[..., World]
TABLE, HOUR = "langsmith_usage_day", timedelta(hours=1)
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


def organised(world: Worlds) -> World:
    """A workspace whose key may read the usage of its organisation, with runs of two months."""
    w = world("smithdb")
    w.sim.usage_readable = True
    w.configure(LANGSMITH_ORG_ID=OTHERS)
    w.sim.corpus(projects=3, runs=120, days=60, datasets=0)
    return w


def synced(w: World, face: str, hours: float = 0) -> int:
    """Sync once, so many hours later. Count the requests for usage."""
    w.clock.advance(hours=hours)
    before = w.requests("usage")
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    return w.requests("usage") - before


@every_face
def test_all_days_once_then_one_request_a_day(world: Worlds, face: str) -> None:
    """The first look reads 400 days, a month a request. Then a day takes one request, however many looks there are."""
    w = organised(world)
    assert synced(w, face) == 14
    w.assert_complete(face)
    assert [synced(w, face, hours=5) for _ in range(9)] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert synced(w, face, hours=24) == 1


@every_face
def test_a_figure_that_grows_is_updated(world: Worlds, face: str) -> None:
    """A trace that arrives late adds to the day of its start, up to seven days before the last reading."""
    w = organised(world)
    synced(w, face)
    project = next(iter(w.workspace.projects))
    for days in (0.5, 6.9):
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=days))
    assert synced(w, face, hours=24) == 1
    w.assert_complete(face)


def test_a_gap_is_read_from_its_begin(world: Worlds) -> None:
    """After forty days without a sync all days since are read, in two requests."""
    w = organised(world)
    synced(w, "fivetran")
    for days in range(40):
        w.workspace.add_run(next(iter(w.workspace.projects)), start_time=w.clock.now() + timedelta(days=days))
    assert synced(w, "fivetran", hours=24 * 40) == 2
    w.assert_complete("fivetran")


def test_an_earlier_start_time_reads_the_past(world: Worlds) -> None:
    """START_TIME bounds usage; an earlier one has all days since then read."""
    w = organised(world)
    w.configure(START_TIME="2026-05-20T12:00:00Z")
    assert synced(w, "fivetran") == 1
    assert min(row["day"] for row in w.in_fivetran(TABLE).values()) >= "2026-05-20"
    w.configure(START_TIME="2026-04-01T00:00:00Z")
    assert synced(w, "fivetran", hours=1) == 3
    w.assert_complete("fivetran")


@every_face
def test_without_an_organisation_it_is_left_out_and_said_once_a_day(
    world: Worlds, face: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No request, one log line in the first look and one in each daily pass, and the status names the table."""
    caplog.set_level("INFO")
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"))
    w.sim.usage_readable = True
    assert [synced(w, face, hours=hours) for hours in (0, 2, 2, 2)] == [0, 0, 0, 0]
    told = "langsmith_usage_day: left out, because it belongs to the organisation"
    assert sum(told in record.message for record in caplog.records) == 1
    synced(w, face, hours=24)
    assert sum(told in record.message for record in caplog.records) == 2
    if face == "duckdb":
        assert w.request("GET", "/sync").get_json()["left_out"] == [TABLE]


@every_face
def test_a_key_without_the_permission_stops_nothing(world: Worlds, face: str) -> None:
    """A 403 leaves the stream out until the daily pass."""
    w = organised(world)
    w.sim.usage_readable = False
    assert synced(w, face) in (1, 2)  # the next month may have been asked ahead
    assert [synced(w, face, hours=2) for _ in range(2)] == [0, 0]
    w.assert_complete(face)
    w.sim.usage_readable = True
    assert synced(w, face, hours=25) == 14
    w.assert_complete(face)


def test_the_switch_turns_it_off(world: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    """No request, and no line about it."""
    w = organised(world)
    w.configure(SYNC_USAGE="false", LANGSMITH_ORG_ID="")
    assert synced(w, "duckdb") == 0
    assert w.request("GET", "/sync").get_json()["left_out"] == []
    assert not any(TABLE in record.message for record in caplog.records if "left out" in record.message)


def test_excluded_projects_have_no_usage(world: Worlds) -> None:
    """What PROJECTS_EXCLUDE names does not leave, and its usage neither."""
    w = organised(world)
    hidden = next(iter(w.workspace.projects.values()))
    w.configure(PROJECTS_EXCLUDE=hidden.name)
    synced(w, "fivetran")
    shown = {row["project_id"] for row in w.in_fivetran(TABLE).values()}
    assert shown == {row["project_id"] for row in w.truth()[TABLE].values()} - {hidden.id}
    assert hidden.name not in str(w.in_fivetran(TABLE))


def test_a_large_answer_is_taken_in_parts(world: Worlds) -> None:
    """An answer of more than a thousand rows is asked for again, from the row on that was taken last."""
    w = organised(world)
    for number in range(105):
        project = w.workspace.add_project(f"many {number}")
        for day in range(10):
            w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=day, hours=1))
    assert synced(w, "fivetran") == 15
    w.assert_complete("fivetran")
