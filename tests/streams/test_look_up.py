"""Records that their list no longer shows: there all the same, or gone."""

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.registry import DATASET, PROJECT
from langsmith_core.streams.run_window import RunWindow
from samples import NOW
from streams.contexts import DAY, SINCE, SOON, A, B, C, context, dataset, knowing, page, project, remembered

FOUND: list[tuple[str, Row, Item]] = [
    (PROJECT.name, project(A, NOW), RunWindow(lo=SINCE, hi=SOON, waiting=Ids([A]))),
    (DATASET.name, dataset(A), NewestVersion(Ids([A]))),
]


@pytest.mark.parametrize(("table", "row", "children"), FOUND)
def test_what_is_there_all_the_same_is_known_again_and_read(table: str, row: Row, children: Item) -> None:
    """A list that shifted hid it: its children are read like any other's, then the next record is looked up."""
    asked = context(memory=Memory().with_known(table, Ids([C])))
    outcome = LookUp(table, Ids([A, B])).after(page(row), asked)
    assert (outcome.first, outcome.rest, outcome.gone) == ((children,), (LookUp(table, Ids([B])),), ())
    assert remembered(outcome).known(table) == Ids([C, A])


def test_a_project_without_new_runs_is_not_asked_for_any() -> None:
    """It is known again, and that is all."""
    outcome = LookUp(PROJECT.name, Ids([A])).after(page(project(A, NOW - 9 * DAY)), context())
    assert (outcome.first, outcome.rest, remembered(outcome).known(PROJECT.name)) == ((), (), Ids([A]))


@pytest.mark.parametrize("table", [PROJECT.name, DATASET.name])
def test_a_record_that_is_gone_is_deleted_and_forgotten(table: str) -> None:
    """A 404 is the proof. The next record is looked up."""
    asked = context(memory=Memory().with_known(table, Ids([C])))
    outcome = LookUp(table, Ids([A, B])).without(asked)
    assert outcome is not None
    assert (outcome.gone, outcome.rest) == (((table, A),), (LookUp(table, Ids([B])),))
    assert remembered(outcome).known(table) == Ids([C])


def test_the_version_of_a_dataset_that_is_gone_is_forgotten() -> None:
    """It would take room for ever; and if the dataset comes back, all its examples are read again."""
    memory = Memory(examples=Examples(Versions({A: NOW, B: NOW})))
    outcome = LookUp(DATASET.name, Ids([A])).without(context(memory=memory))
    assert outcome is not None
    assert remembered(outcome).examples.versions == Versions({B: NOW})


@pytest.mark.parametrize("asked", [context(), context(memory=knowing(PROJECT, C))])
def test_a_record_that_is_too_large_to_be_read_is_there(asked: Context) -> None:
    """Nothing is deleted, and nothing of it can be read."""
    outcome = LookUp(PROJECT.name, Ids([A, B])).behind_one(asked, b"")
    assert outcome is not None
    assert (outcome.first, outcome.rest, outcome.gone) == ((), (LookUp(PROJECT.name, Ids([B])),), ())
    assert A in remembered(outcome).known(PROJECT.name)


def test_a_record_that_cannot_be_read_stays_known() -> None:
    """LangSmith answers something by that id, so it is there."""
    outcome = LookUp(PROJECT.name, Ids([A])).after(page(), context())
    assert (outcome.first, remembered(outcome).known(PROJECT.name)) == ((), Ids([A]))


def test_a_look_up_that_had_failed_leads_to_nothing() -> None:
    """It is tried again after the streams that read children; the next look lists the record."""
    outcome = LookUp(DATASET.name, Ids([A])).after(page(dataset(A)), context(retried=True))
    assert (outcome.first, remembered(outcome).known(DATASET.name)) == ((), Ids([A]))


def test_one_record_is_asked_for_at_a_time() -> None:
    """Its id is what a message names, and another record is no answer; one that fails does not hold up the others."""
    item = LookUp(PROJECT.name, Ids([A, B, C]))
    assert (item.asked_ids(50, b""), item.about, item.is_exact, item.is_record) == (Ids([A]), A, True, True)
    assert item.parted(context()) == (LookUp(PROJECT.name, Ids([A])), (LookUp(PROJECT.name, Ids([B, C])),))
    assert (item.is_sound, replace(item, ids=NO_IDS).is_sound) == (True, False)
