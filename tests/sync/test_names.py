"""Names of parents: remembered from pages, asked for once and together, and forgotten where they may mean something else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import HOUR, done, opened, uid
from sync.scripted import Source, read, records
from sync.workspace import ONE, PROJECTS, TWO, Workspace

from langsmith_core.records import rows
from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import registry
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import DATASET, FEEDBACK, PROJECT
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.stream import by_id_call
from langsmith_core.streams.work import Work
from langsmith_core.sync.names import Names, Remembered
from langsmith_core.sync.project_names import Allowed
from samples import NOW, settings


def test_names_are_remembered_from_pages() -> None:
    """What a listing has shown is not asked for again; other tables have no names to remember."""
    names, workspace = Names(), Workspace(*PROJECTS)
    names.note(PROJECT, [rows.to_row(PROJECT, json.dumps(one).encode(), {}) for one in PROJECTS])
    names.note(FEEDBACK, [{"feedback_id": "f"}])
    names.learn(PROJECT.name, (ONE, TWO), (), workspace.fetch)
    assert (names.by_id, workspace.asked) == ({ONE: "one", TWO: "two"}, [])


@pytest.mark.parametrize("parents", [PROJECT, DATASET])
def test_unknown_parents_are_asked_for_once_and_together(parents: Any) -> None:
    """A call that goes on with parents of an earlier one asks for their names in one request; one that is gone has none."""
    names, workspace = Names(), Workspace(*PROJECTS)
    for _ in range(2):
        names.learn(parents.name, (ONE, TWO), ("gone",), workspace.fetch)
    assert names.by_id == {ONE: "one", TWO: "two", "gone": None}
    assert workspace.asked == [by_id_call(registry.listing(parents.name), (ONE, TWO, "gone"))]


def test_names_are_asked_for_by_fifty() -> None:
    """Those of the page first, then as many of those that come next as one request may name."""
    names, workspace = Names(), Workspace()
    ids = [uid("e", number) for number in range(80)]
    names.learn(PROJECT.name, ids[:20], ids[20:], workspace.fetch)
    (call,) = workspace.asked
    assert [one for name, one in call.query if name == "id"] == ids[:50]


WORK: list[tuple[Work, str]] = [
    (RunWindow(lo=NOW, hi=NOW), PROJECT.name),
    (WholeVersion(dataset=ONE, seen=NOW, version=NOW), DATASET.name),
    (NewestVersion(Ids((ONE,))), DATASET.name),
    (ListProjects(), ""),
    (ListAll(table=DATASET.name), ""),
    (FeedbackWindow(lo=NOW, hi=NOW), ""),
]


@pytest.mark.parametrize(("work", "parents"), WORK)
def test_each_kind_of_work_says_whose_names_its_rows_carry(work: Work, parents: str) -> None:
    """Runs carry their project's, examples their dataset's; feedback has a project, but joins no name."""
    assert work.names_of == parents


def test_names_of_listed_parents_are_not_asked_for() -> None:
    """A pass over projects with runs, and feedback of them, asks for no name: the list has shown all."""
    start = (NOW - HOUR).isoformat()
    run = {"id": uid("f"), "session_id": ONE, "start_time": start, "end_time": start}
    source = Source(
        {
            "/api/v1/sessions": records([{**PROJECTS[0], "last_run_start_time": start}]),
            "/api/v1/runs/query": lambda _: {"runs": [run]},
            "/api/v1/feedback": lambda _: [{"id": uid("e"), "run_id": uid("f"), "session_id": ONE}],
        }
    )
    lines = [line for batch in read(source) for line in batch.lines.get("langsmith_run", {}).values()]
    assert [json.loads(line)["project_name"] for line in lines] == ["one"]
    assert not [call for call in source.asked if "id" in dict(call.query)]


def test_names_are_kept_for_the_look_in_hand_alone() -> None:
    """By the next look, under another configuration or in another workspace a name may mean something else."""
    state = opened(done(NOW - HOUR))
    kept, names = Remembered(), Names()
    kept.keep(settings(), state, names)
    assert kept.of(settings(), state) is names
    assert kept.of(settings(), replace(state, empties=3)) is names
    for others in (
        (settings(EXCLUDE_COLUMNS="*.raw"), state),
        (settings(), opened(done(NOW - HOUR), None, NOW + timedelta(seconds=1))),
        (settings(), replace(state, source="another")),
        (settings(), done(NOW - HOUR)),
    ):
        assert kept.of(*others) is not names
    done_with = done(NOW)
    kept.keep(settings(), done_with, names)
    assert kept.of(settings(), done_with) is names


def test_projects_that_a_page_has_shown_as_excluded_stay_left_out() -> None:
    """A project took an excluded name while the list was read: the next call of the same look leaves it out as well."""
    kept, names = Remembered(), Names()
    names.allowed = Allowed(None, Ids((ONE,)), ((), ("x",)), NOW)
    state = replace(opened(done(NOW - HOUR)), left_out=Ids((TWO,)))
    kept.keep(settings(), state, names)
    again = kept.of(settings(), state).allowed
    assert again
    assert again.left_out == Ids((ONE, TWO))
