"""A version of a dataset read whole, and what a version no longer has. Not here: differences (test_examples)."""

from datetime import datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from langsmith_core.records import rows
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.example_versions import RemovedExamples, StillThere, WholeVersion
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.registry import EXAMPLE
from samples import NOW, encoded
from streams.contexts import A, B, C, D, context, page, remembered, uid

OLD, NEW, SEEN = NOW - timedelta(days=3), NOW - timedelta(days=1), NOW + timedelta(seconds=2)
WHOLE = WholeVersion(dataset=A, seen=SEEN, version=NEW)
REMOVED = RemovedExamples(dataset=A, seen=SEEN, before=OLD, version=NEW)
THERE = StillThere(dataset=A, seen=SEEN, version=NEW, ids=Ids([B, C, D]))
KNOWN = context(memory=Memory(examples=Examples(Versions({A: OLD}))))
WORN = Trail(ids=Ids([A]), home=9, repeats=REPEATS_MAX)
"""One more page without any known row, and the list is broken off."""


def example(ident: str) -> Row:
    """An example's row."""
    return rows.to_row(EXAMPLE, encoded({"id": ident, "dataset_id": A}), {})


def test_a_version_is_noted_once_it_was_read_to_its_end() -> None:
    """Not before: an interrupted reading is gone on with."""
    half = WHOLE.after(page(example(B), example(C), limit=2), KNOWN)
    assert half.memory is None
    (rest,) = half.rest
    assert isinstance(rest, WholeVersion)
    assert (rest.offset, rest.anchor) == (1, C)
    ended = rest.after(page(example(C), example(D), limit=3), KNOWN)
    assert (ended.rest, remembered(ended).examples.versions) == ((), Versions({A: NEW}))


@pytest.mark.parametrize("item", [replace(WHOLE, unversioned=True), WHOLE])
def test_a_dataset_without_a_version_is_read_anew_each_time(item: WholeVersion) -> None:
    """Our clock stands for its version and is no version: what is added a moment later may be older by LangSmith's.

    So is a dataset with an example that has no id, wherever it stood in the list.
    """
    (rest,) = item.after(page(example(B), example(C), limit=2, whole=item.unversioned), KNOWN).rest
    assert isinstance(rest, WholeVersion)
    assert rest.unversioned
    ended = rest.after(page(example(C), limit=2), KNOWN)
    assert remembered(ended).examples.versions == Versions()


def test_versions_are_noted_as_far_as_there_is_room() -> None:
    """A dataset without room is read whole in every look."""
    outcome = WHOLE.after(page(), context(version_bytes=23))
    assert remembered(outcome).examples.versions == Versions()


def test_a_version_whose_list_shifts_too_often_counts_as_read_in_part() -> None:
    """The next look reads a version again, and knows of which one examples were delivered."""
    outcome = replace(WHOLE, offset=9, anchor=A, trail=WORN).after(page(example(B), example(C), limit=2), KNOWN)
    known = Examples(Versions({A: OLD}), begun=Versions({A: NEW}))
    assert (outcome.rest, remembered(outcome).examples) == ((), known)
    read = WHOLE.after(page(), replace(KNOWN, memory=Memory(examples=known)))
    assert remembered(read).examples == Examples(Versions({A: NEW}))


def test_an_older_version_whose_list_shifts_too_often_is_read_again() -> None:
    """What is known of the dataset stays as it was."""
    outcome = replace(REMOVED, offset=9, anchor=A, trail=WORN).after(page(example(B), example(C), limit=2), KNOWN)
    assert (outcome.rest, outcome.memory) == ((), None)


@pytest.mark.parametrize(("room", "begun"), [(48, {A: NEW}), (47, {})])
def test_a_version_read_in_part_takes_room_beside_those_read_whole(room: int, begun: dict[str, datetime]) -> None:
    """Each takes 24 bytes. Without room the next look does not see what was removed."""
    full = context(memory=Memory(examples=Examples(Versions({B: OLD}))), version_bytes=room)
    outcome = replace(WHOLE, offset=9, anchor=A, trail=WORN).after(page(example(B), example(C), limit=2), full)
    assert remembered(outcome).examples == Examples(Versions({B: OLD}), begun=Versions(begun))


def test_an_example_that_is_too_large_to_be_read_is_passed_over() -> None:
    """The version goes on behind its place. One that is looked for by its id cannot be passed over: it would be deleted."""
    passed = replace(WHOLE, offset=5, anchor=B).behind_one(KNOWN, b"")
    assert passed is not None
    assert passed.rest == (replace(WHOLE, offset=6),)
    assert (REMOVED.behind_one(KNOWN, b""), THERE.behind_one(KNOWN, b"")) == (None, None)


def test_examples_of_an_older_version_are_looked_for_in_the_newer() -> None:
    """Fifty at a time; then the newer version is read whole."""
    many = [uid("e", number) for number in range(IDS_MAX + 1)]
    outcome = REMOVED.after(page(*map(example, [*many, "no uuid"])), KNOWN)
    assert outcome.first == (replace(THERE, ids=Ids(many[:IDS_MAX])), replace(THERE, ids=Ids(many[IDS_MAX:])))
    assert outcome.rest == (WHOLE,)
    (rest,) = REMOVED.after(page(example(B), example(C), limit=2), KNOWN).rest
    assert isinstance(rest, RemovedExamples)
    assert (rest.offset, rest.before, rest.version) == (1, OLD, NEW)


def test_an_older_version_that_is_gone_does_not_hold_up_the_newer() -> None:
    """What it had that the newer has not cannot be found out."""
    outcome = REMOVED.without(KNOWN)
    assert outcome is not None
    assert (outcome.rest, outcome.gone) == ((WHOLE,), ())


def test_what_a_version_no_longer_has_is_deleted() -> None:
    """What did not come is gone, as of when the version was seen. A record without an id may be any of them."""
    outcome = THERE.after(page(example(C)), KNOWN)
    assert (outcome.gone, outcome.gone_at) == (((EXAMPLE.name, B), (EXAMPLE.name, D)), SEEN)
    assert THERE.after(page(example(C), whole=False), KNOWN).gone == ()
    none_left = THERE.without(KNOWN)
    assert none_left is not None
    assert (none_left.gone, none_left.gone_at) == (tuple((EXAMPLE.name, one) for one in (B, C, D)), SEEN)


def test_rows_of_a_comparison_do_not_go_out() -> None:
    """They are read for their ids: an older version's rows would hide the newer ones."""
    row = example(B)
    assert [item.delivers(row, KNOWN) for item in (WHOLE, REMOVED, THERE)] == [True, False, False]


def test_a_comparison_by_ids_is_exact() -> None:
    """It names one to fifty examples, and a record that was not asked for makes the answer unreadable."""
    assert (THERE.is_exact, THERE.asked_ids(50, b"")) == (True, THERE.ids)
    too_many = Ids(uid("e", number) for number in range(IDS_MAX + 1))
    assert [replace(THERE, ids=ids).is_sound for ids in (THERE.ids, NO_IDS, too_many)] == [True, False, False]


def test_a_dataset_that_was_never_read_in_part_takes_no_room_for_it() -> None:
    """A state leaves out the empty ledger."""
    read = remembered(WHOLE.after(page(), KNOWN))
    assert msgspec.to_builtins(read.examples, enc_hook=Versions.packed) == {"versions": Versions({A: NEW}).packed()}
