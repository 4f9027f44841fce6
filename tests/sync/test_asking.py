"""What one pass asks: whether a dense window may be cut in two. Not here: how many questions are under way (test_ahead)."""

import pytest
from msgspec.structs import replace
from sync.looks import HOUR, SOON, WEEK_AGO, A, done, opened, with_tasks
from sync.scripted import Source

from langsmith_core.records.packed_ids import Ids
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.asking import Asking
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.context import all_fields
from langsmith_core.sync.state import Task
from langsmith_core.sync.state_json import dump
from langsmith_core.sync.state_size import ROOM
from samples import NOW, settings

WINDOW = Task(RunWindow(lo=WEEK_AGO, hi=SOON, parents=Ids((A,))))


@pytest.mark.parametrize(
    ("windows", "depth", "weighed", "spare", "cut"),
    [
        (1, 3, True, ROOM, True),
        (1, 2, True, ROOM, False),  # its next page is under way while one is worked on
        (2, 3, True, ROOM, False),
        (1, 3, False, ROOM, False),  # nobody knows how large a page may be
        (1, 3, True, ROOM - 1, False),  # each part takes room in the state
    ],
)
def test_when_a_window_may_be_cut(windows: int, depth: int, weighed: bool, spare: int, cut: bool) -> None:
    """Where more answers can be under way than windows are, a row's weight is known, and the state has room."""
    state = replace(with_tasks(opened(done(NOW - HOUR)), *[WINDOW] * windows), weights={RUN.name: 1_000} if weighed else {})
    given = replace(settings(), state_bytes_max=len(dump(state)) + spare)
    asking = Asking(given, Source({}), lambda: NOW, Limits(8_000_000, lambda: 1.0), all_fields, Remarks())
    asking.ahead.depth = depth
    assert bool(asking.context(state, WINDOW).part_rows) is cut
