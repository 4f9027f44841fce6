"""Tests of the figures' texts: what is known of a sync, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.state import Backfill, Look, State, Task
from langsmith_sync.screen import figures
from langsmith_sync.screen.figures import Expected, Figures

SETTINGS = config.load({"LANGSMITH_API_KEY": "a-key", "LANGSMITH_TENANT_ID": "a-workspace"})
ONE, TWO, THREE = (f"{number:08x}-0000-4000-8000-000000000000" for number in (1, 2, 3))
AT = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
BOUNDS = Bounds(until=AT, oldest=AT, runs_from=AT, feedback_from=AT)
WINDOW = RunWindow(lo=AT, hi=AT, parents=Ids([ONE]), top=AT)
LISTING = State(source="", look=Look(BOUNDS, (Task(ListProjects()),)))
COUNTS = {ONE: 100, TWO: 20, THREE: 3}


@pytest.mark.parametrize(
    ("state", "counts", "settings", "found"),
    [
        (State(source=""), COUNTS, SETTINGS, Expected(123, is_whole=True)),
        (LISTING, COUNTS, SETTINGS, Expected(123)),
        (State(source="", projects=Ids([ONE, THREE])), COUNTS, SETTINGS, Expected(103, is_whole=True)),
        (State(source="", projects=Ids([ONE, THREE])), {ONE: 100}, SETTINGS, Expected(100)),
        (State(source="", left_out=Ids([ONE])), COUNTS, SETTINGS, Expected(23, is_whole=True)),
        (State(source=""), {ONE: 100, TWO: None}, SETTINGS, Expected(100)),
        (State(source=""), {}, SETTINGS, Expected(why="LangSmith has given no count yet")),
        (State(source=""), COUNTS, replace(SETTINGS, start_time=AT), Expected(why="LangSmith's counts know no START_TIME")),
        (State(source=""), COUNTS, replace(SETTINGS, off=("langsmith_run",)), Expected(why="SYNC_RUNS is off")),
    ],
)
def test_what_is_expected_is_the_sum_of_langsmiths_counts(
    state: State, counts: dict[str, int | None], settings: Settings, found: Expected
) -> None:
    """The sum is of the projects that are read. It is whole once all of them are listed with a count, else at least so much."""
    assert figures.expected(state, counts, settings) == found


@pytest.mark.parametrize(
    ("held", "expected", "text", "share"),
    [
        (2_511, Expected(2_967, is_whole=True), "2,511 of 2,967 runs", 2_511 / 2_967),
        (2_511, Expected(2_967), "2,511 of at least 2,967 runs", None),
        (2_967, Expected(2_967, is_whole=True), "2,967 of 2,967 runs", 1.0),
        (3_000, Expected(2_967, is_whole=True), "3,000 runs, more than the 2,967 that LangSmith counts", None),
        (0, Expected(0, is_whole=True), "0 of 0 runs", None),
        (7, Expected(), "7 runs", None),
        (7, Expected(why="SYNC_RUNS is off"), "7 runs (SYNC_RUNS is off)", None),
    ],
)
def test_a_share_is_only_shown_of_a_number_that_is_known(held: int, expected: Expected, text: str, share: float | None) -> None:
    """A bar has a whole count that was not passed; everything else is words."""
    now = Figures(held={"langsmith_run": held}, expected=expected)
    assert (figures.runs(now), figures.share(now)) == (text, share)


def test_without_a_file_the_rows_that_were_read_are_counted() -> None:
    """BigQuery's rows are not counted while a sync runs."""
    assert figures.runs(Figures(rows={"langsmith_run": 40, "langsmith_project": 2})) == "40 runs"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State(source=""), ""),
        (State(source="", done_to=AT), "complete up to 14 Nov 2026 09:30"),
        (LISTING, "reads langsmith_project"),
        (State(source="", look=Look(BOUNDS, (Task(WINDOW),))), "reads recent runs back from 14 Nov 2026 09:30"),
        (
            State(source="", backfill=Backfill(Past(AT, AT, NO_IDS), (Task(WINDOW),))),
            "reads the history back from 14 Nov 2026 09:30",
        ),
    ],
)
def test_the_place_is_what_the_state_goes_on_with(state: State, text: str) -> None:
    """Runs are read back in time: the place is the moment above which they are there."""
    assert figures.place(state) == text


def test_the_line_of_a_call() -> None:
    """It has the three largest tables and the sum of the others, after the runs of those expected."""
    rows = {
        "langsmith_run": 2_511,
        "langsmith_feedback": 752,
        "langsmith_project": 8,
        "langsmith_dataset": 4,
        "langsmith_example": 44,
    }
    now = Figures(calls=2, rows=rows, requests=47, seconds=1.24)
    assert figures.call(now) == "call 2: run 2,511, feedback 752, example 44, others 12; 47 requests, 1.2 s"
    known = replace(now, expected=Expected(2_967, is_whole=True))
    assert figures.call(known) == "call 2: 2,511 of 2,967 runs, feedback 752, example 44, others 12; 47 requests, 1.2 s"


def test_the_speed_and_the_requests_under_way() -> None:
    """Requests in flight are only named where somebody counts them."""
    now = Figures(rows={"langsmith_run": 2_400}, requests=46, in_flight=3, seconds=2.0)
    assert figures.speed(now) == "1,200 rows/s, 46 requests, 3 in flight"
    assert figures.speed(Figures(requests=1)) == "0 rows/s, 1 requests"
