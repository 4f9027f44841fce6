"""All feedback of a few runs: of those whose feedback was edited."""

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.registry import FEEDBACK
from samples import NOW
from streams.contexts import A, B, C, context, feedback, page, uid, without

ITEM = FeedbackOfRuns(runs=Ids([A, B, C]))
WORN = Trail(ids=Ids([A]), home=9, repeats=REPEATS_MAX)
"""One more page without any known row, and the list is broken off."""
FOUND = feedback(uid("f", 1), A, NOW), feedback(uid("f", 2), B, NOW)


def test_feedback_of_runs_is_read_to_its_end() -> None:
    """It touches no runs: they have just been read."""
    half = ITEM.after(page(*FOUND, limit=2), context())
    (rest,) = half.rest
    assert isinstance(rest, FeedbackOfRuns)
    assert (half.first, rest.offset, rest.runs) == ((), 1, ITEM.runs)
    assert rest.after(page(FOUND[1], limit=2), context()).rest == ()


def test_a_list_that_shifts_too_often_is_read_in_halves() -> None:
    """Of fewer runs there is less to shift."""
    worn = replace(ITEM, offset=9, anchor=A, trail=WORN)
    halves = worn.after(page(*FOUND, limit=2), context()).rest
    assert halves == (FeedbackOfRuns(runs=Ids([A])), FeedbackOfRuns(runs=Ids([B, C])))


def test_feedback_of_one_run_that_cannot_be_read_is_given_up_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """The daily pass reads it again."""
    worn = replace(ITEM, runs=Ids([A]), offset=9, anchor=A, trail=WORN)
    assert worn.after(page(*FOUND, limit=2), context()).rest == ()
    assert ["the daily pass re-reads" in message for message in caplog.messages] == [True]


def test_a_record_that_is_too_large_to_be_read_is_passed_over() -> None:
    """The list goes on behind its place."""
    passed = replace(ITEM, offset=5, anchor=A).behind_one(context(), b"")
    assert passed is not None
    assert passed.rest == (replace(ITEM, offset=6),)


def test_feedback_is_asked_for_by_the_runs_it_was_given_to() -> None:
    """What names another run was not asked for; a request names one to fifty runs."""
    assert (ITEM.asked_column, ITEM.asked_ids(50, b""), ITEM.about) == ("run_id", ITEM.runs, A)
    too_many = Ids(uid("e", number) for number in range(IDS_MAX + 1))
    assert [replace(ITEM, runs=runs).is_sound for runs in (ITEM.runs, NO_IDS, too_many)] == [True, False, False]
    assert (ITEM.within(context()), ITEM.within(context(scope=without(FEEDBACK)))) == ((ITEM,), ())
