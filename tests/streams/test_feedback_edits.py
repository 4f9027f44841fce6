"""Runs whose feedback was edited, and that feedback: v2 alone can be asked for them."""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids
from langsmith_core.records.times import render
from langsmith_core.streams.bounds import INDEX_LAG
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.feedback_edits import EDITED_MAX, EditedFeedback, EditedRuns, feedback_keys
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.memory import Feedback, Memory, Runs
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.window_steps import TICK
from samples import NOW, encoded
from streams.contexts import (
    DAY,
    DONE,
    FIRST,
    HOUR,
    LATER,
    SOON,
    YEAR_AGO,
    A,
    B,
    C,
    D,
    context,
    page,
    remembered,
    run,
    uid,
    without,
)

TOUCHED = DONE - INDEX_LAG
PROJECTS = Ids(f"{number:08x}-0000-4000-8000-000000000000" for number in range(120))


def judging(*projects: str, **feedback: Any) -> Memory:
    """The memory of a look whose list has shown feedback of these projects."""
    judged = NO_PREFIXES.with_more(projects, 300)
    return Memory(feedback=Feedback(judged=judged, **feedback)).with_known(PROJECT.name, PROJECTS.with_more([A, B, C]))


def edited(*projects: str) -> EditedRuns:
    """The runs of these projects with edited feedback."""
    return EditedRuns(lo=YEAR_AGO, hi=SOON, edited_since=TOUCHED, waiting=Ids(projects))


def asked(item: EditedFeedback, within: Context) -> Outcome:
    """What follows: it asks no question of its own."""
    outcome = item.request(within, 50, b"")
    assert isinstance(outcome, Outcome)
    return outcome


def test_projects_with_feedback_are_asked_for_by_fifties() -> None:
    """In the order of the list of projects, until none is left."""
    within = context(api="v2", memory=judging(*PROJECTS))
    first = asked(EditedFeedback(), within)
    assert (first.first, first.rest) == ((edited(*PROJECTS[:50]),), (EditedFeedback(50),))
    third = asked(EditedFeedback(100), within)
    assert (third.first, third.rest) == ((edited(*PROJECTS[100:]),), (EditedFeedback(120),))
    assert asked(EditedFeedback(120), within) == Outcome()


def test_only_projects_that_are_read_are_asked_for() -> None:
    """PROJECTS limits them, and no project is asked for that has no feedback."""
    memory = judging(A, B)
    assert asked(EditedFeedback(), context(api="v2", memory=memory, projects=Ids([B, C]))).first == (edited(B),)
    assert asked(EditedFeedback(), context(api="v2", memory=memory, left_out=Ids([A, B]))) == Outcome()
    shown = context(api="v2", memory=replace(memory, lists={}), shown={PROJECT.name: Ids([A, D])})
    assert asked(EditedFeedback(), shown).first == (edited(A),)


NOTHING: list[tuple[str, dict[str, Any]]] = [
    ("v1", {}),
    ("v2", {"memory": judging(A, edits_served=False)}),
    ("v2", {"scope": without(RUN)}),
    ("v2", {"scope": without(FEEDBACK)}),
    ("v2", {"bounds": FIRST}),
    ("v2", {"bounds": None}),
    ("v2", {"bounds": replace(LATER, oldest=SOON)}),
]


@pytest.mark.parametrize(("api", "fields"), NOTHING)
def test_nothing_is_asked_where_edits_cannot_be_known_or_are_not_wanted(api: str, fields: dict[str, Any]) -> None:
    """v1 cannot say; a first look reads all feedback anyway; an empty window has none."""
    within = context(**{"api": api, "memory": judging(A), **fields})
    assert asked(EditedFeedback(), within) == Outcome()
    assert EditedFeedback(50).within(within) == (EditedFeedback(50),)


def stats(*projects: Any) -> bytes:
    """The answer of a list of projects, each with these statistics of feedback."""
    return encoded([{"id": A, "feedback_stats": one} for one in projects])


ITEM = edited(A, B).begun(context(api="v2"))


def test_runs_are_asked_for_by_the_keys_that_feedback_was_given_under() -> None:
    """A condition on feedback must stand beside the time of the edit."""
    one = ITEM.request(context(api="v2"), 50, stats({"score": {"n": 1}}))
    assert isinstance(one, Call)
    assert one.body is not None
    assert (one.body["filter"], one.body["min_feedback_modified_at"]) == ('eq(feedback_key, "score")', render(TOUCHED))
    assert (one.body["project_ids"], one.body["min_start_time"]) == ([A, B], render(YEAR_AGO))
    two = ITEM.request(context(api="v2"), 50, stats({"score": {}}, None, {'a "b"': {}, "score": {}}))
    assert isinstance(two, Call)
    assert two.body is not None
    assert two.body["filter"] == 'or(eq(feedback_key, "a \\"b\\""), eq(feedback_key, "score"))'


def test_projects_that_have_no_feedback_any_more_are_passed_over() -> None:
    """There is no key to ask by; the projects that wait follow."""
    item = replace(ITEM, waiting=Ids([C]))
    outcome = item.request(context(api="v2"), 50, stats(None, {}))
    assert outcome == Outcome(rest=(edited(C),))


@pytest.mark.parametrize("answer", [{}, None, "text", {"items": []}])
def test_keys_are_those_of_a_list_of_projects(answer: Any) -> None:
    """An answer of another shape is an error; what is no project in a list has no keys."""
    with pytest.raises(MalformedError):
        feedback_keys(encoded(answer))
    assert feedback_keys(encoded([None, 5, [], {"feedback_stats": []}, {"feedback_stats": {"b": 1, "a": 2}}])) == ("a", "b")


def test_a_page_of_edited_runs_leads_to_their_feedback() -> None:
    """All of it, of fifty runs at a time; then the window goes on like any other."""
    ids = [uid("e", number) for number in range(60)]
    found = [run(one, A, NOW - number * HOUR) for number, one in enumerate(ids)]
    outcome = replace(ITEM, lo=NOW - 3 * DAY).restarted().after(page(*found, cursor="next"), context(api="v2"))
    assert outcome.first == (FeedbackOfRuns(runs=Ids(ids[:50])), FeedbackOfRuns(runs=Ids(ids[50:])))
    (rest,) = outcome.rest
    assert isinstance(rest, EditedRuns)
    assert (rest.cursor, rest.edited_since, rest.top) == ("next", TOUCHED, NOW - 59 * HOUR + TICK["v2"])
    assert len(remembered(outcome).runs.unfinished) == 60
    assert ITEM.after(page(), context(api="v2")).rest == ()


def test_v1_has_the_last_word_on_runs_that_it_knows_better() -> None:
    """v2 may know the feedback of a run from before it was installed, and not all of the run."""
    memory = Memory(runs=Runs(v1_before=NOW - DAY))
    old, young = run(uid("e", 1), A, NOW - 2 * DAY), run(uid("e", 2), A, NOW - HOUR)
    outcome = ITEM.after(page(young, old), context(api="v2", memory=memory))
    by_id, feedback = outcome.first
    assert by_id == RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids([uid("e", 1)]), parents=Ids([A]))
    assert feedback == FeedbackOfRuns(runs=Ids([uid("e", 2), uid("e", 1)]))


def test_edits_are_asked_of_v2_alone() -> None:
    """Once v1 answers, the daily pass finds them. Even old runs are asked of v2, in pages of at most 200."""
    both = context(api="v2", memory=Memory(runs=Runs(v1_before=NOW)))
    assert (ITEM.api(both), ITEM.rows_max(both), EDITED_MAX) == ("v2", EDITED_MAX, 200)
    begun = replace(ITEM, cursor="c", limit=5)
    assert begun.of_api(context(api="v1")) == ()
    assert begun.of_api(context(api="v2")) == (ITEM,)


def test_edited_runs_that_fail_are_put_aside_whole_and_a_project_that_is_gone_is_found_in_halves() -> None:
    """Halving every failing query would ask for the keys again and again; a 404 says that one project is gone."""
    assert ITEM.halves() == ()
    gone = ITEM.without(context(api="v2"))
    assert gone is not None
    assert gone.rest == (replace(ITEM, parents=Ids([A])), replace(ITEM, parents=Ids([B])))
    alone = gone.rest[0].without(context(api="v2"))
    assert alone is not None
    assert alone.rest == ()


def test_edited_runs_wait_for_no_others() -> None:
    """Their projects are all there: they join no other window, and no list is read on before them."""
    item = edited(A)
    assert (item.gathering, item.joined(edited(B)), RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids([A])).joined(item)) == (
        0,
        None,
        None,
    )
    assert (item.is_sound, replace(item, waiting=NO_IDS).is_sound, item.outlives_look) == (True, False, True)
