"""Runs by their ids: what is asked for until it has come, and what is left of it when something fails or changes."""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.errors import UpstreamError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.times import render
from langsmith_core.streams.context import Context
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_queries import CURSOR_MAX
from langsmith_core.streams.runs_by_id import RunsById, by_id
from samples import NOW
from streams.contexts import DONE, HOUR, LATER, SOON, YEAR_AGO, A, B, C, context, page, remembered, run, uid, without

X, Y, Z = (uid("e", number) for number in range(3))
ITEM = RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids([X, Y, Z]), parents=Ids([A, B]))
V1, V2 = context(), context(api="v2")
PAGES: list[tuple[list[str], str | None, RunsById | None]] = [
    # delivered, the answer's cursor, what is asked for next
    ([X, Y, Z], None, None),
    ([X, Y, Z], "next", None),
    ([X], None, None),
    ([X], "next", replace(ITEM, ids=Ids([Y, Z]))),
    ([], "next", replace(ITEM, cursor="next")),
    ([], None, None),
]


def after(item: RunsById, *ids: str, cursor: str | None = "next", longer: bool = False) -> tuple[Item, ...]:
    """What is asked for after a page of these runs."""
    return item.after(page(*(run(one, A, NOW - HOUR, NOW) for one in ids), cursor=cursor, longer=longer), V1).rest


@pytest.mark.parametrize(("delivered", "cursor", "following"), PAGES)
def test_runs_by_id_are_asked_for_until_they_came(delivered: list[str], cursor: str | None, following: RunsById | None) -> None:
    """Ids that a short page left out are asked for again; those that no page has are gone."""
    assert after(ITEM, *delivered, cursor=cursor) == ((following,) if following else ())


def test_an_api_that_overlooks_the_ids_is_not_asked_for_ever() -> None:
    """Rows that were not asked for are no progress, and a cursor that repeats itself is the end."""
    following = after(ITEM, A, B)
    assert following == (replace(ITEM, cursor="next"),)
    assert after(replace(ITEM, cursor="next"), A, B) == ()


def test_a_page_that_is_longer_than_asked_leaves_what_has_not_come() -> None:
    """Its cursor points behind runs that were not taken. A page of none of these runs is an error."""
    assert after(ITEM, X, longer=True) == (replace(ITEM, ids=Ids([Y, Z])),)
    assert after(ITEM, X, Y, Z, longer=True) == ()
    with pytest.raises(UpstreamError, match="more records than were asked for"):
        after(ITEM, A, longer=True)


def test_a_page_is_cut_at_a_run_and_the_rest_is_asked_for_without_those_before() -> None:
    """The last of the rows is the first of the next page."""
    rows = [(one, render(NOW)) for one in (X, Y)]
    assert replace(ITEM, cursor="c").cut_before(rows, V1) == replace(ITEM, ids=Ids([Y, Z]))


def test_a_refused_or_a_long_cursor_is_dropped() -> None:
    """The ids that have come are out of the question, so nothing is read twice without it."""
    assert replace(ITEM, cursor="c").again() == replace(ITEM, cursor="c").restarted() == ITEM
    assert replace(ITEM, cursor="c").kept() == replace(ITEM, cursor="c")
    assert replace(ITEM, cursor="c" * (CURSOR_MAX + 1)).kept() == ITEM


def test_runs_of_no_project_are_asked_for_on_v1_alone() -> None:
    """v1 looks at the ids alone; v2 wants the project. A cursor and a page size are of one API."""
    item = replace(ITEM, cursor="c", limit=5)
    assert item.of_api(V2) == item.of_api(V1) == (ITEM,)
    alone = replace(item, parents=NO_IDS)
    assert (alone.of_api(V1), alone.of_api(V2)) == ((replace(ITEM, parents=NO_IDS),), ())


def test_runs_of_a_project_that_is_gone_hide_no_others() -> None:
    """The projects are asked for in halves; the one that is left alone is passed over."""
    gone = ITEM.without(V2)
    assert gone is not None
    assert gone.rest == tuple(replace(ITEM, parents=Ids([one])) for one in (A, B))
    passed = gone.rest[0].without(V2)
    assert passed is not None
    assert passed.rest == ()


READ: list[tuple[Context, tuple[RunsById, ...]]] = [
    (context(), (replace(ITEM, cursor="c"),)),
    (context(projects=Ids([B, C])), (replace(ITEM, parents=Ids([B])),)),
    (context(left_out=Ids([A])), (replace(ITEM, parents=Ids([B])),)),
    (context(projects=Ids([C])), ()),
    (context(scope=without(RUN)), ()),
]


@pytest.mark.parametrize(("asked", "left"), READ)
def test_what_is_left_of_runs_under_the_configuration_of_this_call(asked: Context, left: tuple[RunsById, ...]) -> None:
    """Runs of projects that are read; a cursor is of the projects that it was given for."""
    assert replace(ITEM, cursor="c").within(asked) == left


def test_runs_of_no_project_are_read_where_every_project_is() -> None:
    """Nobody knows whose they are."""
    alone = replace(ITEM, parents=NO_IDS)
    assert alone.within(context()) == (alone,)
    assert alone.within(context(projects=Ids([A]))) == alone.within(context(left_out=Ids([A]))) == ()


SOUND: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"lo": NOW, "hi": DONE}, False),
    ({"ids": NO_IDS}, False),
    ({"ids": Ids(uid("e", number) for number in range(51))}, False),
    ({"parents": Ids(uid("e", number) for number in range(51))}, False),
]


@pytest.mark.parametrize(("fields", "sound"), SOUND)
def test_runs_that_this_program_could_have_asked_for_are_sound(fields: dict[str, Any], sound: bool) -> None:
    """A window has an order; a query names one to fifty ids and at most fifty projects."""
    assert replace(ITEM, **fields).is_sound is sound


def test_a_run_that_has_not_ended_yet_stays_noted() -> None:
    """Read again by its id, it leaves the ledger once it has ended."""
    memory = remembered(ITEM.after(page(run(X, A, NOW - HOUR)), V1))
    assert [one.run_id for one in memory.runs.unfinished.runs] == [X]
    assert remembered(ITEM.after(page(run(X, A, NOW - HOUR, NOW - HOUR)), context(memory=memory))).runs.unfinished.runs == ()


def test_runs_are_gathered_by_fifties_beside_their_projects() -> None:
    """Each query names the projects of its own runs, each once; without a look there is no window to ask in."""
    pairs = [(uid("e", number), (A, B, None)[number % 3]) for number in range(60)]
    first, second = by_id(pairs, V1)
    assert first == RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids(run_id for run_id, _ in pairs[:50]), parents=Ids([A, B]))
    assert second == replace(first, ids=Ids(run_id for run_id, _ in pairs[50:]), parents=Ids([A, B]))
    assert by_id(pairs, context(None)) == ()
    assert by_id(pairs, context(replace(LATER, oldest=SOON))) == ()
