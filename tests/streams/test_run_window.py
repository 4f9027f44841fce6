"""Windows of runs as work: cursors that die, projects in hand and waiting, what is left of one that fails or is not wanted.

Not here: how a window moves down page by page (test_window_steps), what is asked (test_run_queries).
"""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.errors import UpstreamError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.times import render
from langsmith_core.streams.context import Api, Context, Scope
from langsmith_core.streams.registry import PROJECT, RUN
from langsmith_core.streams.run_queries import CURSOR_MAX, PROJECTS_A_QUERY, ROWS_MAX
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_steps import REFUSED_MAX, from_top
from samples import NOW
from streams.contexts import DAY, DONE, HOUR, MINUTE, A, B, C, D, context, page, remembered, run, uid, without
from streams.cursor_api import at, row

V1, V2 = context(), context(api="v2")
ITEM = RunWindow(lo=at(0), hi=at(100), waiting=Ids([A])).begun(V1)


def test_a_refused_cursor_asks_the_rest_again_and_three_that_helped_nothing_are_enough() -> None:
    """What is left is asked from its top; where `top` has been lowered since, the count begins anew."""
    lowered = replace(ITEM, top=at(50), cursor="dead", refused=2)
    first = lowered.again()
    assert first == replace(lowered.restarted(), refused=1)
    second = replace(first, cursor="dead").again()
    assert second == replace(first, refused=2)
    third = replace(second, cursor="dead").again()
    assert third == replace(first, refused=3)
    assert replace(third, cursor="dead").again() is None


def test_a_state_keeps_no_long_cursor_and_counts_it_like_one_that_was_refused() -> None:
    """The window is asked again after a call that ends at a long cursor. Where no call gets on, the window fails in the end."""
    short, long = replace(ITEM, cursor="c" * CURSOR_MAX), replace(ITEM, cursor="c" * (CURSOR_MAX + 1))
    assert short.kept() == short
    assert long.kept() == replace(ITEM, refused=1)
    worn = replace(long, refused=REFUSED_MAX)
    assert worn.kept() == replace(ITEM, refused=REFUSED_MAX)
    rows = [row(0, render(at(99)))]
    with pytest.raises(UpstreamError, match="no call gets past one"):
        worn.kept().after(page(*rows, cursor="d" * (CURSOR_MAX + 1)), V1)


def test_a_page_is_cut_where_a_later_one_can_go_on() -> None:
    """From the last of the rows on, all but among rows of one moment at the top of the window."""
    rows = [(uid("e", number), render(at(one))) for number, one in enumerate((90, 80, 70))]
    assert ITEM.cut_before(rows, V1) == replace(ITEM, top=at(71)).restarted()
    assert replace(ITEM, top=at(71)).cut_before(rows[2:], V1) is None
    assert ITEM.cut_before([(uid("e"), None)], V1) is None


@pytest.mark.parametrize(("api", "projects"), [("v1", 1), ("v2", 50)])
def test_projects_are_taken_in_hand_as_many_as_a_query_takes(api: Api, projects: int) -> None:
    """v1 honours only the first project; v2 takes fifty. The others wait, and follow once the window is drained."""
    asked, ids = context(None, api=api), Ids(uid("e", number) for number in range(120))
    waiting = RunWindow(lo=at(0), hi=at(100), waiting=ids)
    assert (waiting.gathering, waiting.waiting_for_names) == (120, tuple(ids))
    item = waiting.begun(asked)
    assert (item.parents, item.waiting, item.gathering) == (ids[:projects], ids[projects:], 0)
    assert (item.in_hand, item.about) == (tuple(ids[:projects]), ids[0])
    assert item.after(page(), asked).rest == (replace(waiting, waiting=ids[projects:]),)
    assert (PROJECTS_A_QUERY[api], item.rows_max(asked)) == (projects, ROWS_MAX[api])


BATCH = RunWindow(
    lo=DONE - DAY,
    hi=NOW,
    parents=Ids([A, B, C]),
    waiting=Ids([D]),
    top=NOW - HOUR,
    floor=DONE,
    ceiling=NOW,
    cursor="v2's",
    limit=500,
)


def test_the_other_api_gets_batches_of_its_own() -> None:
    """v1 asks one project at a time, from the window and not from v2's cursor; what was delivered is not read again."""
    hand, others = BATCH.of_api(V1)
    assert hand == RunWindow(lo=DONE - DAY, hi=NOW - HOUR, waiting=Ids([A, B, C]))
    assert others == RunWindow(lo=DONE - DAY, hi=NOW, waiting=Ids([D]))
    assert isinstance(hand, RunWindow)
    assert hand.begun(V1).parents == Ids([A])
    waiting = RunWindow(lo=DONE, hi=NOW, waiting=Ids([A]), limit=7)
    assert waiting.of_api(V2) == (replace(waiting, limit=0),)


def test_a_batch_with_a_project_that_is_gone_is_asked_in_halves() -> None:
    """A 404 on a batch says that one of it is gone. The one that is left alone is passed over."""
    gone = BATCH.without(V2)
    assert gone is not None
    left, right, others = gone.rest
    alone = replace(from_top(BATCH), waiting=NO_IDS)
    assert (left, right) == (replace(alone, parents=Ids([A])), replace(alone, parents=Ids([B, C])))
    assert others == RunWindow(lo=DONE - DAY, hi=NOW, waiting=Ids([D]))
    assert (left.halves(), right.halves()) == ((), tuple(replace(alone, parents=Ids([one])) for one in (B, C)))
    passed = left.without(V2)
    assert passed is not None
    assert passed.rest == ()


def test_failing_projects_wait_alone() -> None:
    """What fails is put aside without the projects that wait behind it."""
    hand, others = BATCH.parted(context())
    assert (hand, others) == (replace(BATCH, waiting=NO_IDS), (RunWindow(lo=DONE - DAY, hi=NOW, waiting=Ids([D])),))


def test_windows_of_the_same_bounds_are_read_together() -> None:
    """So a list of many projects leads to full queries; another window, or one under way, is left as it is."""
    first, second = (RunWindow(lo=DONE, hi=NOW, waiting=Ids(ids)) for ids in ((A, B), (B, C)))
    assert first.joined(second) == replace(first, waiting=Ids([A, B, C]))
    assert BATCH.joined(RunWindow(lo=BATCH.lo, hi=BATCH.hi, waiting=Ids([A]))) == replace(BATCH, waiting=Ids([D, A]))
    assert first.joined(second.begun(V1)) is None
    assert [first.joined(replace(second, **other)) for other in ({"lo": NOW}, {"hi": DONE}, {"ended_since": DONE})] == [None] * 3


READ: list[tuple[Context, tuple[RunWindow, ...]]] = [
    (context(), (BATCH,)),
    (context(scope=without(PROJECT)), (BATCH,)),
    (context(scope=without(RUN)), ()),
    (context(projects=NO_IDS), ()),
    (context(projects=Ids([A, B, D])), (replace(from_top(BATCH), parents=Ids([A, B])),)),
    (context(left_out=Ids([D])), (replace(from_top(BATCH), waiting=NO_IDS),)),
    (context(projects=Ids([D])), (RunWindow(lo=BATCH.lo, hi=BATCH.hi, waiting=Ids([D])),)),
    (context(scope=Scope(start_time=BATCH.lo)), (BATCH,)),
    (context(scope=Scope(start_time=DONE)), (from_top(replace(BATCH, lo=DONE)),)),
    (context(scope=Scope(start_time=NOW - MINUTE)), (RunWindow(lo=BATCH.lo, hi=NOW, waiting=Ids([D])),)),
    (context(scope=Scope(start_time=NOW)), ()),
]


@pytest.mark.parametrize(("asked", "left"), READ)
def test_what_is_left_of_a_window_under_the_configuration_of_this_call(asked: Context, left: tuple[RunWindow, ...]) -> None:
    """No project that is not read, nothing before START_TIME, and nothing at all without SYNC_RUNS."""
    assert BATCH.within(asked) == left


SOUND: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"lo": NOW, "hi": DONE}, False),
    ({"floor": NOW, "ceiling": DONE}, False),
    ({"parents": NO_IDS, "waiting": NO_IDS}, False),
    ({"parents": Ids(uid("e", number) for number in range(51))}, False),
]


@pytest.mark.parametrize(("fields", "sound"), SOUND)
def test_a_window_that_this_program_could_have_written_is_sound(fields: dict[str, Any], sound: bool) -> None:
    """Bounds have an order, a query has at most fifty projects, and a window is of some project."""
    assert replace(BATCH, **fields).is_sound is sound


def test_unfinished_runs_of_every_page_are_noted() -> None:
    """Whichever work brings it, a run without an end is asked for again, and one with an end no longer."""
    item = replace(BATCH, cursor=None)
    rows = run(uid("e"), A, NOW - HOUR), run(uid("f"), A, NOW - HOUR, NOW - HOUR)
    memory = remembered(item.after(page(*rows), context()))
    assert [one.run_id for one in memory.runs.unfinished.runs] == [uid("e")]
    ended = item.after(page(run(uid("e"), A, NOW - HOUR, NOW - HOUR)), context(memory=memory))
    assert remembered(ended).runs.unfinished.runs == ()
