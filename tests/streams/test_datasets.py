"""The list of datasets, and the versions that it leads to."""

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.context import Context
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.registry import BY_TABLE, DATASET, EXAMPLE, RUN
from streams.contexts import A, B, C, context, dataset, page, remembered, without

LIST = ListAll(table=DATASET.name)
NEWEST: list[tuple[Context, bool]] = [
    (context(), True),
    (context(scope=without(RUN)), True),
    (context(scope=without(EXAMPLE)), True),
    (context(scope=without(DATASET_VERSION)), True),
    (context(scope=without(EXAMPLE, DATASET_VERSION)), False),
]


@pytest.mark.parametrize(("asked", "read"), NEWEST)
def test_every_dataset_is_asked_for_its_newest_version(asked: Context, read: bool) -> None:
    """It says whether the examples have changed, and is a row of its own: so for either table, and not without both."""
    outcome = LIST.after(page(dataset(A), dataset(B)), asked)
    assert outcome.first == ((NewestVersion(Ids([A, B])),) if read else ())
    assert remembered(outcome).known(DATASET.name) == Ids([A, B])


def test_a_dataset_on_two_pages_is_asked_once() -> None:
    """Pages overlap by a row."""
    first = LIST.after(page(dataset(A), dataset(B), limit=2), context())
    second = first.rest[0].after(page(dataset(B), dataset(C)), context())
    assert (first.first, second.first) == ((NewestVersion(Ids([A, B])),), (NewestVersion(Ids([C])),))


def test_a_dataset_whose_id_is_none_is_a_row_and_no_more() -> None:
    """A path is made of no such id."""
    outcome = LIST.after(page(dataset("no uuid")), context())
    assert (outcome.first, remembered(outcome).known(DATASET.name)) == ((), Ids())


WITHIN: list[tuple[Item, Context, bool]] = [
    (NewestVersion(Ids([A])), context(), True),
    (NewestVersion(Ids([A])), context(scope=without(EXAMPLE)), True),
    (NewestVersion(Ids([A])), context(scope=without(DATASET_VERSION)), True),
    (NewestVersion(Ids([A])), context(scope=without(EXAMPLE, DATASET_VERSION)), False),
]


@pytest.mark.parametrize(("item", "asked", "left"), WITHIN)
def test_what_waits_is_dropped_with_both_switches(item: Item, asked: Context, left: bool) -> None:
    """A call that reads neither examples nor versions asks for no version, whatever the state says."""
    assert item.within(asked) == ((item,) if left else ())


def test_rows_that_go_with_a_dataset() -> None:
    """LangSmith deletes examples and versions with it."""
    assert BY_TABLE[DATASET.name].children == (EXAMPLE, DATASET_VERSION)
    assert replace(LIST, offset=5).table_name == DATASET.name
