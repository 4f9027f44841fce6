"""Feedback by creation time: its windows, which projects follow, and what is left of a window that fails.

Not here: runs that it touches (test_feedback_touched), all feedback of a few runs (test_feedback_of_runs), edits
(test_feedback_edits).
"""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams import feedback
from langsmith_core.streams.context import Context
from langsmith_core.streams.feedback import SHORTEST, FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.registry import FEEDBACK
from samples import NOW
from streams.contexts import FIRST, SINCE, YEAR_AGO, A, B, C, D, context, page, uid, without
from streams.contexts import feedback as given

E, F = uid("e"), uid("f")
WINDOW = FeedbackWindow(lo=SINCE, hi=NOW)
MANY = Ids(uid("9", number) for number in range(120))
NAMED = context(projects=MANY)
WORN = Trail(ids=Ids([A]), home=9, repeats=REPEATS_MAX)
"""One more page without any known row, and the list is broken off."""


def of(*projects: str, **fields: Any) -> FeedbackWindow:
    """The window of these projects."""
    return FeedbackWindow(**{"lo": SINCE, "hi": NOW, "parents": Ids(projects), **fields})


def test_a_look_reads_feedback_of_its_window_and_then_edits() -> None:
    """Of the whole workspace, or of the projects that PROJECTS means, fifty at a time."""
    assert feedback.opens(context()).rest == (WINDOW, EditedFeedback())
    assert feedback.opens(context(FIRST)).rest == (FeedbackWindow(lo=YEAR_AGO, hi=NOW), EditedFeedback())
    assert feedback.opens(NAMED).rest == (of(*MANY[:50], onward=True), EditedFeedback())
    named = context(projects=Ids([A, B]), left_out=Ids([A]))
    assert feedback.opens(named).rest == (of(B, onward=True), EditedFeedback())
    assert feedback.opens(context(projects=NO_IDS)).rest == (EditedFeedback(),)
    assert feedback.opens(context(None)).rest == ()


def test_the_projects_that_follow_are_read_after_those_in_hand() -> None:
    """Behind the last page of a window; a window that was cut off from them leads to none."""
    first, second, third = (of(*MANY[at : at + IDS_MAX], onward=True) for at in (0, 50, 100))
    (rest,) = first.after(page(given(F, None, NOW), limit=1), NAMED).rest
    assert isinstance(rest, FeedbackWindow)
    assert (rest.offset, rest.parents) == (1, first.parents)
    assert [one.after(page(), NAMED).rest for one in (first, second, third)] == [(second,), (third,), ()]
    assert replace(first, onward=False).after(page(), NAMED).rest == ()
    assert WINDOW.after(page(), context()).rest == ()


def test_projects_that_follow_are_those_that_are_read_now() -> None:
    """One that was excluded while the look went on is passed over; where none is left, nothing follows."""
    first = of(*MANY[:50], onward=True)
    assert first.others(replace(NAMED, left_out=MANY[50:119])) == (of(MANY[119], onward=True),)
    assert first.others(replace(NAMED, left_out=MANY[50:])) == ()


def test_a_failing_window_waits_alone() -> None:
    """The projects behind it are read all the same."""
    first = of(*MANY[:50], onward=True)
    assert first.parted(NAMED) == (replace(first, onward=False), (of(*MANY[50:100], onward=True),))
    assert WINDOW.parted(context()) == (WINDOW, ())


def test_a_project_that_is_gone_hides_no_others() -> None:
    """A 404 says that one of the projects is gone: they are asked in halves, and the one left alone is passed over."""
    gone = of(A, B, C, offset=9, onward=True).without(context(projects=Ids([A, B, C, D])))
    assert gone is not None
    assert gone.rest == (of(A), of(B, C), of(D, onward=True))
    alone = of(A).without(context())
    assert alone is not None
    assert alone.rest == ()


def test_a_window_that_shifts_too_often_is_read_in_halves() -> None:
    """What one page holds cannot shift. The later half comes first; the projects that follow come after both."""
    worn = of(*MANY[:50], offset=9, anchor=A, trail=WORN, limit=7, onward=True)
    found = page(given(uid("f", 1), E, NOW), given(uid("f", 2), E, NOW), limit=2)
    middle = SINCE + (NOW - SINCE) / 2
    late, early, others = worn.after(found, NAMED).rest
    assert (late, early) == (of(*MANY[:50], lo=middle, limit=7), of(*MANY[:50], hi=middle, limit=7))
    assert others == of(*MANY[50:100], onward=True)


def test_a_moment_that_cannot_be_read_is_given_up_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """The daily pass reads it again."""
    worn = replace(WINDOW, hi=SINCE + SHORTEST, offset=9, anchor=A, trail=WORN)
    assert worn.after(page(given(uid("f", 1), E, NOW), given(uid("f", 2), E, NOW), limit=2), context()).rest == ()
    assert ["the daily pass re-reads" in message for message in caplog.messages] == [True]


def test_a_record_that_is_too_large_to_be_read_is_passed_over() -> None:
    """The list goes on behind its place."""
    passed = of(A, offset=5, anchor=B).behind_one(context(), b"")
    assert passed is not None
    assert passed.rest == (of(A, offset=6),)


WITHIN: list[tuple[FeedbackWindow, Context, tuple[FeedbackWindow, ...]]] = [
    (WINDOW, context(), (WINDOW,)),
    (WINDOW, context(left_out=Ids([A])), (WINDOW,)),
    (WINDOW, context(scope=without(FEEDBACK)), ()),
    (replace(WINDOW, offset=9, anchor=A), context(projects=MANY), tuple(of(*MANY[at : at + 50]) for at in (0, 50, 100))),
    (of(A, B, offset=9), context(projects=Ids([A, B, C])), (of(A, B, offset=9),)),
    (of(A, B, offset=9), context(projects=Ids([B])), (of(B),)),
    (of(A, B, offset=9), context(left_out=Ids([A, B])), ()),
    (of(A, B, onward=True), context(projects=Ids([A, B, C]), left_out=Ids([B])), (of(A, onward=True),)),
    (of(A, B, onward=True), context(projects=Ids([A, B, C]), left_out=Ids([A, B])), (of(C, onward=True),)),
    (of(*MANY[:50], onward=True), context(projects=MANY[60:70]), (of(*MANY[60:70], onward=True),)),
]


@pytest.mark.parametrize(("item", "asked", "left"), WITHIN)
def test_what_is_left_of_a_window_under_the_configuration_of_this_call(
    item: FeedbackWindow, asked: Context, left: tuple[FeedbackWindow, ...]
) -> None:
    """Projects that are read, from the beginning of their list where some are left out; those that follow still do."""
    assert item.within(asked) == left


def test_a_window_that_this_program_could_have_written_is_sound() -> None:
    """Bounds have an order, and a request names at most fifty projects."""
    windows = [of(A), WINDOW, of(A, lo=NOW, hi=NOW - timedelta(1)), of(*MANY[:51])]
    assert [one.is_sound for one in windows] == [True, True, False, False]
    assert (of(A, B).in_hand, of(A, B).outlives_look) == ((A, B), True)
