"""The versions of a dataset: which is the newest, which go out as rows, and how far back they are read."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.records import rows
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.streams.bounds import OVERLAP
from langsmith_core.streams.context import Context
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.dataset_versions import NewestVersion, OlderVersions, newest
from langsmith_core.streams.example_versions import RemovedExamples, WholeVersion
from langsmith_core.streams.examples import ChangedExamples
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.registry import EXAMPLE
from samples import NOW, encoded
from streams.contexts import DEEP, DONE, FIRST, HOUR, MINUTE, A, B, C, context, page, uid, without

OLD_TEXT, NEW_TEXT = "2026-05-01T00:00:00.000000Z", "2026-05-31T12:00:00.000005Z"
OLD, NEW = parse(OLD_TEXT), parse(NEW_TEXT)
SEEN = NOW + timedelta(seconds=2)
ITEM = NewestVersion(Ids([A, B]))
NEXT = NewestVersion(Ids([B]))


def version(as_of: Any, **fields: Any) -> Row:
    """A version's row; the record does not say whose it is."""
    return rows.to_row(DATASET_VERSION, encoded({"as_of": as_of, **fields}), {}, given=ITEM.given)


def hourly(count: int, newest_at: datetime = NEW) -> list[Row]:
    """So many versions, newest first, an hour between them."""
    return [version(render(newest_at - number * HOUR)) for number in range(count)]


def knowing(at: datetime | None, **fields: Any) -> Context:
    """A later look that knows the first dataset at that version."""
    return context(memory=Memory(examples=Examples(Versions({A: at} if at else {}))), **fields)


NEWEST: list[tuple[list[str | None], datetime | None]] = [
    ([], None),
    ([NEW_TEXT, OLD_TEXT], NEW),
    ([OLD_TEXT, NEW_TEXT], NEW),
    (["9999-12-31T23:59:59", OLD_TEXT, "2026-06-02T00:00:02", "1969-12-31T00:00:00"], OLD),
    (["2026-05-31T12:00:00.000005", "2026-05-31T12:00:00.000004+00:00"], NEW),
]


@pytest.mark.parametrize(("listed", "found"), NEWEST)
def test_the_newest_version_wherever_it_stands(listed: list[str], found: datetime | None) -> None:
    """The order of the list is not documented; times may be naive; one that nobody can use, or to come, hides no other."""
    assert newest(page(*map(version, listed), at=NOW)) == found


@pytest.mark.parametrize("as_of", ["9999-12-31T23:59:59", "1969-12-31T00:00:00", "2026-06-02T00:00:00"])
def test_versions_of_which_none_can_be_used_are_malformed(as_of: str) -> None:
    """It is no dataset without a version: that one would be read whole in every look."""
    with pytest.raises(MalformedError, match="a version of a dataset that is not a time"):
        newest(page(version(as_of), at=NOW))


@pytest.mark.parametrize("as_of", [None, "soon", 5, {}])
def test_a_version_without_a_time_is_no_row(as_of: Any) -> None:
    """Its key is made of its time: the record is remarked on and passed over, and the newest is one of the others."""
    with pytest.raises(MalformedError, match="has no id"):
        version(as_of)
    others = replace(page(version(OLD_TEXT)), marks=[uid("e"), uid("f")])
    assert newest(others) == OLD
    with pytest.raises(MalformedError, match="not a time"):
        newest(replace(others, rows=[]))


def test_a_version_is_a_row_of_its_dataset() -> None:
    """Its key is the dataset and the time, which is what runs of experiments name."""
    row = version("2026-05-31T12:00:00.000005", tags=["latest", "prod"])
    assert (row["version_id"], row["dataset_id"], row["as_of"]) == (f"{A}@{NEW_TEXT}", A, NEW_TEXT)
    assert row["tags"] == '["latest","prod"]'
    assert OlderVersions(dataset=A).given == ITEM.given == {"dataset_id": A}


# The version known, the newest one, and what is read of the examples.
READ: list[tuple[datetime | None, datetime | None, tuple[Item, ...]]] = [
    (None, NEW, (WholeVersion(dataset=A, version=NEW, seen=SEEN),)),
    (None, None, (WholeVersion(dataset=A, version=NOW, seen=SEEN, unversioned=True),)),
    (OLD, None, (WholeVersion(dataset=A, version=NOW, seen=SEEN, unversioned=True),)),
    (OLD, NEW, (ChangedExamples(dataset=A, lo=OLD, hi=NEW, seen=SEEN),)),
    (NEW, OLD, (ChangedExamples(dataset=A, lo=NEW, hi=OLD, seen=SEEN),)),
    (NEW, NEW, ()),
]


@pytest.mark.parametrize(("known", "found", "read"), READ)
def test_what_is_read_follows_the_newest_version(known: datetime | None, found: datetime | None, read: tuple[Item, ...]) -> None:
    """A dataset at the version it was read at costs nothing more; another one is read by the difference, a new one whole."""
    answer = page(*([version(render(found))] if found else []), at=SEEN)
    outcome = ITEM.after(answer, knowing(known))
    assert (outcome.first, outcome.rest) == (read, (NEXT,))
    without_examples = ITEM.after(answer, knowing(known, scope=without(EXAMPLE)))
    assert (without_examples.first, without_examples.rest) == ((), (NEXT,))


@pytest.mark.parametrize("known", [None, OLD])
@pytest.mark.parametrize(
    ("begun", "read"),
    [
        (MINUTE, (RemovedExamples(dataset=A, before=OLD + MINUTE, version=NEW, seen=SEEN),)),
        (NEW - OLD, (WholeVersion(dataset=A, version=NEW, seen=SEEN),)),
    ],
)
def test_what_a_version_read_in_part_has_lost_is_deleted(
    known: datetime | None, begun: timedelta, read: tuple[Item, ...]
) -> None:
    """Its examples are looked for in the newest version. The same version is just read again."""
    examples = Examples(Versions({A: known} if known else {}), begun=Versions({A: OLD + begun}))
    outcome = ITEM.after(page(version(NEW_TEXT), at=SEEN), replace(knowing(known), memory=Memory(examples=examples)))
    assert (outcome.first, outcome.rest) == (read, (NEXT,))


# The look, the last version known, and which of an old, a recent and a new version go out.
OUT: list[tuple[Context, list[bool]]] = [
    (knowing(OLD + HOUR), [False, True, True]),
    (knowing(NEW - MINUTE), [False, False, True]),
    (knowing(NEW + MINUTE), [False, False, False]),
    (knowing(None), [True, True, True]),
    (replace(knowing(NEW), bounds=FIRST), [True, True, True]),
    (replace(knowing(NEW), bounds=DEEP), [True, True, True]),
    (knowing(NEW, scope=without(DATASET_VERSION)), [False, False, False]),
    (replace(knowing(NEW), bounds=DEEP, scope=without(DATASET_VERSION)), [False, False, False]),
]


@pytest.mark.parametrize(("asked", "out"), OUT)
def test_new_versions_go_out_and_all_of_them_once_a_day(asked: Context, out: list[bool]) -> None:
    """Past the version that the examples were read at, or all in a first look; a tag may move unseen, so all in a deep one."""
    assert [ITEM.delivers(version(render(one)), asked) for one in (OLD, NEW - HOUR, NEW)] == out


@pytest.mark.parametrize(("tags", "again"), [(["latest"], False), (["latest", "prod"], False), ([], True), (None, True)])
def test_the_version_that_was_the_newest_goes_out_once_more(tags: list[str] | None, again: bool) -> None:
    """The tag `latest` has moved from it to a newer one. While it has the tag, nothing of it has changed that a look can see."""
    row = version(NEW_TEXT, tags=tags)
    assert ITEM.delivers(row, knowing(NEW)) is OlderVersions(dataset=A, known=NEW).delivers(row, knowing(NEW)) is again


def test_without_examples_versions_go_out_by_the_time_of_the_last_look() -> None:
    """No version is noted then: those of the day before the last look are sent again."""
    asked, border = knowing(NEW, scope=without(EXAMPLE)), DONE - OVERLAP
    moments = [border - MINUTE, border + MINUTE, NOW]
    assert [ITEM.delivers(version(render(one)), asked) for one in moments] == [False, True, True]


def test_a_full_page_of_new_versions_is_followed_by_the_older_ones() -> None:
    """A hundred come with the newest; those behind are read from there, back to the version that is known."""
    outcome = ITEM.after(page(*hourly(100)), knowing(None))
    whole, older = outcome.first
    assert whole == WholeVersion(dataset=A, version=NEW, seen=NOW)
    assert isinstance(older, OlderVersions)
    assert (older.dataset, older.known, older.offset, outcome.rest) == (A, None, 99, (NEXT,))
    known = NEW - 500 * HOUR
    (_, older) = ITEM.after(page(*hourly(100)), knowing(known)).first
    assert isinstance(older, OlderVersions)
    assert older.known == known
    assert [older.delivers(version(render(one)), knowing(known)) for one in (known - HOUR, known + HOUR)] == [False, True]


@pytest.mark.parametrize(
    ("count", "asked"),
    [(99, knowing(None)), (100, knowing(NEW - 99 * HOUR)), (100, knowing(OLD, scope=without(DATASET_VERSION)))],
)
def test_older_versions_are_not_asked_for_where_none_are_new(count: int, asked: Context) -> None:
    """A short page is the last one; one that shows a known version has all new ones; switched off, none are rows."""
    assert [one for one in ITEM.after(page(*hourly(count)), asked).first if isinstance(one, OlderVersions)] == []


def test_older_versions_are_read_until_a_page_shows_what_is_known() -> None:
    """In a deep look to the end of the list. One that shifts too often is left: the next deep look reads it again."""
    item = OlderVersions(dataset=A, known=NEW - 7 * HOUR, trail=Trail(), limit=0)
    (following,) = item.after(page(*hourly(3), limit=3), context()).rest
    assert isinstance(following, OlderVersions)
    assert (following.offset, following.known) == (2, item.known)
    assert item.after(page(*hourly(3, NEW - 5 * HOUR), limit=3), context()).rest == ()
    assert len(replace(item, known=None).after(page(*hourly(3, NEW - 5 * HOUR), limit=3), context()).rest) == 1
    assert item.after(page(*hourly(2), limit=3), context()).rest == ()
    worn = replace(item, known=None, offset=9, anchor=A, trail=Trail(ids=Ids([A]), home=9, repeats=REPEATS_MAX))
    assert worn.after(page(*hourly(3), limit=3), context()).rest == ()


def test_a_version_that_is_too_large_to_be_read_is_passed_over() -> None:
    """The list goes on behind its place."""
    passed = OlderVersions(dataset=A, offset=5, anchor=C).behind_one(context(), b"")
    assert passed is not None
    assert passed.rest == (OlderVersions(dataset=A, offset=6),)


def test_a_dataset_that_is_gone_meanwhile_is_passed_over() -> None:
    """What is remembered of it stays, and the next dataset follows; the last one leaves nothing."""
    gone, last, older = ITEM.without(knowing(OLD)), NEXT.without(context()), OlderVersions(dataset=A).without(context())
    assert gone is not None
    assert (gone.rest, gone.memory) == ((NEXT,), None)
    assert (last and last.rest, older and older.rest) == ((), ())


def test_datasets_wait_together_and_are_asked_one_by_one() -> None:
    """Their names are asked for together; one that fails does not hold up the others; a state names each once."""
    assert ITEM.joined(NewestVersion(Ids([B, C]))) == NewestVersion(Ids([A, B, C]))
    assert ITEM.joined(OlderVersions(dataset=C)) is None
    assert ITEM.parted(context()) == (NewestVersion(Ids([A])), (NEXT,))
    assert (ITEM.about, ITEM.gathering, ITEM.waiting_for_names) == (A, 2, (A, B))
    assert (ITEM.is_sound, NewestVersion(NO_IDS).is_sound, OlderVersions(dataset=A).about) == (True, False, A)
