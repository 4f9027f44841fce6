"""What every listed table shares: what a list has shown and what it misses, how it is broken off, where it ends.

Not here: how a list pages while it shifts (test_offset_list), what its rows lead to (test_projects, test_datasets).
"""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.streams.context import Context
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.listing import BEFORE_ALL, ListAll, is_younger, opened
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, EXAMPLE, PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.stream import listing_of
from samples import NOW
from streams.contexts import DONE, MINUTE, A, B, C, D, context, dataset, knowing, page, project, remembered, uid, without

# What datasets lead to is no matter here.
ALONE = context(scope=without(RUN, EXAMPLE))
E = uid("e")
WORN = Trail(ids=Ids([A]), home=9, repeats=REPEATS_MAX)
"""One more page without any known row, and the list is broken off."""


def test_a_list_begins_with_what_was_known_as_not_seen() -> None:
    """Nothing is known until it was shown: a call that dies on the way loses nothing of it."""
    outcome = opened(DATASET.name)(replace(ALONE, memory=knowing(DATASET, A, B)))
    assert outcome.rest == (ListAll(table=DATASET.name, unseen=Ids([A, B])),)
    assert remembered(outcome).known(DATASET.name) == NO_IDS


def test_a_page_moves_what_it_shows_from_unseen_to_seen() -> None:
    """The next page begins with the last row of this one; a row that both have counts once."""
    item = ListAll(table=DATASET.name, unseen=Ids([B, D]))
    outcome = item.after(page(dataset(A), dataset(B), limit=2), ALONE)
    (following,) = outcome.rest
    assert isinstance(following, ListAll)
    assert (following.seen, following.unseen, following.offset, following.anchor) == (Ids([A, B]), Ids([D]), 1, B)
    ended = following.after(page(dataset(B), dataset(C), limit=3), ALONE)
    assert ended.rest == (LookUp(DATASET.name, Ids([D])),)
    assert remembered(ended).known(DATASET.name) == Ids([A, B, C])


def test_a_list_is_known_as_far_as_the_state_has_room() -> None:
    """What is beyond is a row, and no more."""
    item = ListAll(table=DATASET.name)
    outcome = item.after(page(dataset(A), dataset(B), dataset(C)), replace(ALONE, room=2))
    assert remembered(outcome).known(DATASET.name) == Ids([A, B])


def test_a_list_beyond_the_room_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """While there is room nothing is said; deletes of what is not known are not seen."""
    (full,) = ListAll(table=DATASET.name).after(page(dataset(A), dataset(B), limit=2), replace(ALONE, room=2)).rest
    assert caplog.messages == []
    (over,) = full.after(page(dataset(B), dataset(C), limit=2), replace(ALONE, room=2)).rest
    assert ["too many ids for the state" in message for message in caplog.messages] == [True]
    assert isinstance(over, ListAll)
    assert over.seen == Ids([A, B])


BROKEN: list[tuple[Any, Row, Row, Row]] = [
    (ListAll(table=DATASET.name), dataset(B), dataset(E), dataset(C)),
    (ListProjects(), project(B, NOW), project(E, NOW), project(C, NOW)),
]


@pytest.mark.parametrize(("item", "first", "second", "third"), BROKEN)
def test_a_list_that_shifts_too_often_goes_on_with_known_records_by_their_ids(
    item: Any, first: Row, second: Row, third: Row
) -> None:
    """What it has shown stays; what was known and has not come is asked for by id, and what is missing then is looked up."""
    known = uid("c"), *(uid("d", number) for number in range(IDS_MAX))
    item = replace(item, offset=9, anchor=A, trail=WORN, unseen=Ids([B, *known]), seen=Ids([A]))
    (broken,) = item.after(page(first, second, limit=2), ALONE).rest
    assert (broken.past, broken.offset, broken.trail, broken.seen) == (BEFORE_ALL, 0, None, Ids([A, B, E]))
    assert broken.unseen == Ids(known)
    batch = broken.batch(ALONE)
    assert batch == Ids(sorted(known)[:IDS_MAX])
    (following,) = broken.after(page(third), ALONE).rest
    assert (following.past, following.batch(ALONE)) == (batch[-1], Ids(sorted(known)[IDS_MAX:]))
    ended = following.after(page(), ALONE)
    assert ended.rest == (LookUp(item.table_name, Ids(known[1:])),)
    assert remembered(ended).known(item.table_name) == Ids([A, B, E, C])


def test_a_broken_list_of_which_nothing_more_is_known_is_at_its_end() -> None:
    """What nobody knew is listed by the next look."""
    item = ListAll(table=DATASET.name, offset=9, anchor=A, trail=WORN, seen=Ids([A]))
    outcome = item.after(page(dataset(B), dataset(C), limit=2), ALONE)
    assert (outcome.rest, remembered(outcome).known(DATASET.name)) == ((), Ids([A, B, C]))


def test_projects_listed_again_are_asked_for_by_all_ids_that_are_known() -> None:
    """Which of them this list has shown is not remembered; nor is anything of them deleted."""
    asked = context(None, memory=knowing(PROJECT, A, B), shown={PROJECT.name: Ids([C])})
    item = FindProjects(lo=DONE, hi=NOW, offset=9, anchor=A, trail=WORN)
    (broken,) = item.after(page(project(D, NOW), project(E), limit=2), asked).rest
    assert isinstance(broken, FindProjects)
    assert broken.batch(asked) == Ids([A, B, C])
    outcome = broken.after(page(project(A, NOW), project(B), project(C)), asked)
    assert (outcome.first, outcome.rest) == ((RunWindow(lo=DONE, hi=NOW, waiting=Ids([A])),), ())


# The times of a page's records that are new to the list, and whether the list ends there: NOW is when the look began.
YOUNG: list[tuple[list[datetime | None], bool]] = [
    ([NOW + MINUTE, NOW + 2 * MINUTE], True),
    ([NOW, NOW + MINUTE], False),
    ([NOW + MINUTE, None], False),
    ([], False),
]


@pytest.mark.parametrize(("times", "ends"), YOUNG)
def test_a_list_ends_where_only_what_was_made_after_the_look_began_follows(times: list[datetime | None], ends: bool) -> None:
    """Oldest come first, so the rest is younger still. Else a list that grows as fast as it is read would never end."""
    item = ListAll(table=DATASET.name, offset=1, anchor=A, trail=Trail(ids=Ids([A]), home=1))
    rows = [dataset(A), *(dataset(uid("e", n), created_at=at and render(at)) for n, at in enumerate(times))]
    found = page(*rows, limit=len(rows))
    assert is_younger(item, found, ALONE) is ends
    assert (item.after(found, ALONE).rest == ()) is ends


def test_only_a_later_page_of_a_list_that_begins_with_the_oldest_ends_it() -> None:
    """The first page of a workspace that is new shows all that there is. A backfill goes by the last look."""
    young = page(dataset(B, created_at=render(NOW + MINUTE)), limit=1)
    item = ListAll(table=DATASET.name, offset=1, anchor=A)
    assert not is_younger(ListAll(table=DATASET.name), young, ALONE)
    assert not is_younger(item, young, replace(ALONE, bounds=None))
    assert is_younger(item, young, replace(ALONE, bounds=None, done_to=NOW))
    unordered = replace(ALONE.streams[DATASET.name], listing=replace(listing_of(DATASET.name, ALONE), oldest_first=False))
    assert not is_younger(item, young, replace(ALONE, streams={DATASET.name: unordered}))


READ: list[tuple[Item, Context, bool]] = [
    (ListAll(table=DATASET.name), context(), True),
    (ListAll(table=DATASET.name), context(scope=without(DATASET)), False),
    (ListProjects(), context(projects=NO_IDS), True),
]


@pytest.mark.parametrize(("item", "asked", "left"), READ)
def test_a_list_is_read_whatever_projects_are(item: Item, asked: Context, left: bool) -> None:
    """PROJECTS limits runs and feedback; a list goes with its switch alone."""
    assert item.within(asked) == ((item,) if left else ())
    assert item.is_list


def test_a_table_that_is_not_listed_cannot_be() -> None:
    """A state that lists runs was not written by this program."""
    with pytest.raises(ValueError, match="langsmith_run is not a listed table"):
        ListAll(table=RUN.name).request(context(), 50, b"")
