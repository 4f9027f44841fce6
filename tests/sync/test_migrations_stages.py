"""Each stage of a cycle of layout 1 becomes the work that it still had, and the streams behind it."""

from __future__ import annotations

from sync.old_states import (
    DATASET,
    ENDED,
    EXAMPLE,
    FEEDBACK,
    OLDEST,
    PROJECT,
    RUN,
    RUNS_FROM,
    RUNS_TO,
    Json,
    at,
    day,
    ids,
    in_hand,
    look,
    one,
    packed,
    window,
    works,
)

from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback, EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs import Unfinished
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import Task

QUEUES = ("langsmith_annotation_queue", "langsmith_annotation_queue_item")
PROMPTS = ("langsmith_prompt", "langsmith_prompt_commit", "langsmith_usage_day")
BEHIND_RUNS = (DATASET, "langsmith_dataset_version", EXAMPLE, FEEDBACK, "langsmith_feedback_config", *QUEUES, *PROMPTS)
BEHIND_DATASETS, BEHIND_FEEDBACK = BEHIND_RUNS[1:], BEHIND_RUNS[4:]


def test_projects_go_on_where_they_were() -> None:
    """Slices come first, then projects that wait, then the list with what it has shown and what it still has to show."""
    walk = {
        "slices": [window(7, 8, 1), {"table": PROJECT, "ids": packed(6)}],
        "pending": packed(2),
        "late": packed(3),
        "listing": {"table": PROJECT, "offset": 99, "anchor": one(4), "limit": 9},
        "stats_seen": True,
    }
    found = look(0, walk, known=packed(5), listed=packed(1, 2, 3, 4))
    assert works(found.agenda) == [
        in_hand(7, 8, 1),
        LookUp(PROJECT, ids(6)),
        RunWindow(lo=RUNS_FROM, hi=RUNS_TO, waiting=ids(2)),
        RunWindow(lo=OLDEST, hi=RUNS_TO, waiting=ids(3)),
        ListProjects(offset=99, anchor=one(4), limit=9, seen=ids(1, 2, 3, 4), unseen=ids(5), stats_seen=True),
    ]
    assert found.to_open == (RUN, *BEHIND_RUNS)


def test_missing_projects_are_looked_up_after_all_runs() -> None:
    """What was known and is listed no more is asked for by its id, once the projects listed are read."""
    found = look(0, {"pending": packed(2), "missing": packed(5, 6)})
    assert works(found.agenda)[-1] == LookUp(PROJECT, ids(5, 6))


def test_a_list_by_ids_goes_on_at_its_batch() -> None:
    """A list that was broken off asks for known records by id: the batch in hand is asked for again, and none before it."""
    walk = {"listing": {"table": PROJECT, "parents": packed(3, 4), "anchor": one(4)}}
    (item,) = works(look(0, walk, known=packed(1, 3, 4, 5)).agenda)
    assert isinstance(item, ListProjects)
    assert (item.offset, item.anchor, item.unseen) == (0, None, ids(1, 3, 4, 5))
    assert item.past is not None
    assert one(2) < item.past < one(3)


def test_unfinished_runs_go_on_behind_the_last_slice() -> None:
    """A slice of unfinished runs knew where the ledger goes on."""
    slices = [window(1, 10, 1, ids=packed(8), offset=1_780_000_000, anchor=one(8))]
    found = look(1, {"slices": slices})
    assert works(found.agenda) == [
        RunsById(lo=day(1), hi=day(10), ids=ids(8), parents=ids(1)),
        Unfinished(1_780_000_000, one(8)),
    ]
    assert found.to_open == BEHIND_RUNS


def test_unfinished_runs_that_are_all_read_are_not_read_again() -> None:
    """At the end of the stage only those that the ledger could not hold are left."""
    (item,) = works(look(1).agenda)
    assert isinstance(item, Unfinished)
    assert item.start > day(10).timestamp()


def test_projects_are_found_again_for_runs_that_have_ended() -> None:
    """Where the ledger overflowed, the projects are listed once more for what has ended since."""
    listing = {"table": PROJECT, "offset": 99, "anchor": one(4)}
    slices = [window(1, 2, 1, ended_since=at(3))]
    found = look(2, {"listing": listing, "pending": packed(2), "slices": slices, "stats_seen": True})
    assert works(found.agenda)[1:] == [
        RunWindow(**ENDED, waiting=ids(2)),
        FindProjects(**ENDED, offset=99, anchor=one(4), stats_seen=True),
    ]
    assert works(found.agenda)[0].ended_since == day(3)
    assert found.to_open == BEHIND_RUNS


def test_datasets_go_on_where_they_were() -> None:
    """Datasets that wait are asked for their newest version; those that are listed no more are looked up."""
    slices = [{"table": EXAMPLE, "parents": packed(1)}]
    found = look(3, {"slices": slices, "pending": packed(2), "listing": {"table": DATASET}}, known=packed(5), listed=packed(1, 2))
    assert works(found.agenda) == [
        NewestVersion(ids(1)),
        NewestVersion(ids(2)),
        ListAll(table=DATASET, seen=ids(1, 2), unseen=ids(5)),
    ]
    assert works(look(3, {"missing": packed(5)}).agenda) == [LookUp(DATASET, ids(5))]
    assert found.to_open == BEHIND_DATASETS


def test_feedback_goes_on_with_further_projects() -> None:
    """Only the last slice of feedback goes on with the projects behind its own. Edits come after all of it."""
    first, last = ({"table": FEEDBACK, "parents": packed(n), "lo": at(1), "hi": at(10)} for n in (1, 2))
    found = look(4, {"slices": [window(1, 2, 1, ids=packed(8)), first, last]})
    bounds: Json = {"lo": day(1), "hi": day(10)}
    assert works(found.agenda)[1:] == [
        FeedbackWindow(**bounds, parents=ids(1)),
        FeedbackWindow(**bounds, parents=ids(2), onward=True),
        EditedFeedback(),
    ]
    assert found.to_open == BEHIND_FEEDBACK


def test_feedback_that_is_read_is_not_read_again() -> None:
    """Behind the last page of feedback there are the runs that it touches, and edits."""
    whole = {"table": FEEDBACK, "lo": at(1), "hi": at(10)}
    assert works(look(4, {"slices": [whole]}).agenda) == [FeedbackWindow(lo=day(1), hi=day(10)), EditedFeedback()]
    touched = window(1, 2, 1, ids=packed(8))
    assert works(look(4, {"slices": [touched]}).agenda)[1:] == [EditedFeedback()]


def test_edited_feedback_goes_on_with_further_projects() -> None:
    """The slice of edited feedback counted the projects that are done with."""
    edited, feedback = window(1, 10, 1, edited_since=at(8), offset=50), {"table": FEEDBACK, "ids": packed(8)}
    found = look(5, {"slices": [feedback, edited]})
    kinds = [type(item) for item in works(found.agenda)]
    assert kinds == [FeedbackOfRuns, EditedRuns, EditedFeedback]
    assert works(found.agenda)[-1] == EditedFeedback(50)
    assert found.to_open == BEHIND_FEEDBACK
    assert [type(item) for item in works(look(5, {"slices": [feedback]}).agenda)] == [FeedbackOfRuns]


def test_the_last_stage_is_a_last_try() -> None:
    """What failed and what waits for payloads is tried for the last time in the look; no stream is opened behind it."""
    slices = [window(1, 2, 1, unfilled_since=at(3)), window(2, 3, 1)]
    found = look(6, {"slices": slices})
    assert found.agenda == (Task(in_hand(2, 3, 1), "failed"), Task(in_hand(1, 2, 1), "payload", day(3)))
    assert (found.retrying, found.to_open) == (True, ())
