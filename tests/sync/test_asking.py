"""What one pass asks: into how many parts a dense window may be cut. Not here: how many questions are under way (test_ahead)."""

import pytest
from msgspec.structs import replace
from sync.looks import HOUR, SOON, WEEK_AGO, A, done, opened, with_tasks
from sync.scripted import Source

from langsmith_core.records.packed_ids import Ids
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_queries import ROWS_MAX
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.asking import PART_BYTES, Asking
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.context import all_fields
from langsmith_core.sync.state import Task
from langsmith_core.sync.state_json import dump
from langsmith_core.sync.state_size import ROOM
from samples import NOW, settings

WINDOW = Task(RunWindow(lo=WEEK_AGO, hi=SOON, parents=Ids((A,))))


@pytest.mark.parametrize(
    ("windows", "depth", "seconds", "weighed", "spare", "parts"),
    [
        (1, 3, 0.3, True, 9 * PART_BYTES, 2),
        (1, 15, 0.3, True, 20 * PART_BYTES, 14),
        (1, 2, 0.3, True, 9 * PART_BYTES, 1),  # its next page is under way while one is worked on
        (2, 3, 0.3, True, 9 * PART_BYTES, 1),
        (1, 3, 0.3, False, 9 * PART_BYTES, 1),  # nobody knows how large a page may be
        (1, 15, 0.3, True, 5 * PART_BYTES, 6),  # each part takes room in the state
        (1, 15, 0.3, True, PART_BYTES - 1, 1),
        (1, 15, 0.3, True, -1, 1),
        (1, 15, 0.09, True, 20 * PART_BYTES, 1),  # no part is worth its last page, which may be half empty
    ],
)
def test_into_how_many_parts_a_window_may_be_cut(
    windows: int, depth: int, seconds: float, weighed: bool, spare: int, parts: int
) -> None:
    """As many as can be under way, where answers take long, a row's weight is known, and the state has room."""
    state = replace(with_tasks(opened(done(NOW - HOUR)), *[WINDOW] * windows), weights={RUN.name: 1_000} if weighed else {})
    given = replace(settings(), state_bytes_max=len(dump(state)) + ROOM + spare)
    asking = Asking(given, Source({}), lambda: NOW, Limits(8_000_000, lambda: 1.0), all_fields, Remarks())
    page_rows = ROWS_MAX["v1"]
    asking.ahead.seconds, asking.ahead.row_seconds = seconds, seconds / depth / page_rows
    made = asking.context(state, WINDOW)
    assert (made.parts if made.part_rows else 1) == parts
