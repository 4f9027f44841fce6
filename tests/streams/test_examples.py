"""Examples that changed between two versions of their dataset. Not here: whole versions (test_example_versions)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import rows
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.example_versions import RemovedExamples, WholeVersion
from langsmith_core.streams.examples import WHOLE_FROM, ChangedExamples, Weigh
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.registry import DATASET, EXAMPLE
from samples import NOW, encoded
from streams.contexts import A, B, C, D, context, dataset, page, remembered, uid, without

OLD, NEW, SEEN = NOW - timedelta(days=3), NOW - timedelta(days=1), NOW + timedelta(seconds=2)
ITEM = ChangedExamples(dataset=A, lo=OLD, hi=NEW, seen=SEEN)
READING = replace(ITEM, weighed=True)
"""Once what was removed is deleted, and the changes are known to be few."""
KNOWN = context(memory=Memory(examples=Examples(Versions({A: OLD}))))
E = uid("e")


def difference(added: Any = (), modified: Any = (), removed: Any = ()) -> bytes:
    """The answer to what differs between two versions."""
    return encoded({"examples_added": list(added), "examples_modified": list(modified), "examples_removed": list(removed)})


def example(ident: str) -> Row:
    """An example's row."""
    return rows.to_row(EXAMPLE, encoded({"id": ident, "dataset_id": A}), {})


def asked(item: ChangedExamples, knowledge: bytes, limit: int = 50) -> list[str]:
    """The ids that the next request names."""
    call = item.request(KNOWN, limit, knowledge)
    assert isinstance(call, Call)
    found = [value for name, value in call.query if name == "id"]
    assert Ids(found) == item.asked_ids(limit, knowledge)
    return found


def begun(knowledge: bytes) -> Outcome:
    """What follows once the difference is known."""
    outcome = ITEM.request(KNOWN, 50, knowledge)
    assert isinstance(outcome, Outcome)
    return outcome


CHANGES: list[tuple[bytes, list[str], list[str]]] = [
    # the difference, what is read, what is gone
    (difference([B], [C, A], [E, D]), [A, B, C], [E, D]),
    (difference([A], [A]), [A], []),
    (difference([A]), [A], []),
    (b'{"examples_modified": ["%s"]}' % B.encode(), [B], []),
]


@pytest.mark.parametrize(("knowledge", "read", "gone"), CHANGES)
def test_a_difference_is_what_to_read_and_what_is_gone(knowledge: bytes, read: list[str], gone: list[str]) -> None:
    """Added and modified are read again, each once and in an order that a later call finds again; removed are deleted first."""
    outcome = begun(knowledge)
    assert (outcome.rest, outcome.memory, outcome.gone_at) == ((READING,), None, SEEN)
    assert outcome.gone == tuple((EXAMPLE.name, one) for one in gone)
    assert asked(READING, knowledge) == read


@pytest.mark.parametrize("knowledge", [difference(), b"{}", difference(removed=[B])])
def test_a_difference_without_changes_is_at_its_end(knowledge: bytes) -> None:
    """Nothing is read, and the newer version is known."""
    outcome = READING.request(KNOWN, 50, knowledge)
    assert isinstance(outcome, Outcome)
    assert (outcome.rest, remembered(outcome).examples.versions) == ((), Versions({A: NEW}))


@pytest.mark.parametrize(
    "answer", [[], None, "text", {"examples_added": None}, {"examples_removed": {}}, {"examples_added": [A, "x"]}]
)
def test_a_difference_of_another_shape_is_malformed(answer: Any) -> None:
    """What is no object of lists of ids is an error: then all examples are read."""
    with pytest.raises(MalformedError):
        ITEM.understand(encoded(answer))


def test_where_langsmith_gives_no_difference_the_older_version_is_compared() -> None:
    """What was removed is found by comparison; then the newer version is read whole."""
    assert ITEM.unanswered().rest == (RemovedExamples(dataset=A, seen=SEEN, before=OLD, version=NEW),)
    ITEM.understand(difference([B]))


def test_a_version_is_noted_once_it_was_read_to_its_end() -> None:
    """Not before: an interrupted reading is gone on with, and a difference begins where the last whole reading ended."""
    knowledge = difference([B, C, D])
    assert asked(READING, knowledge, 2) == [B, C]
    half = READING.after(page(example(B), example(C), limit=2, knowledge=knowledge), KNOWN)
    assert (half.rest, half.memory) == ((replace(READING, past=C),), None)
    (rest,) = half.rest
    assert isinstance(rest, ChangedExamples)
    assert asked(rest, knowledge, 2) == [D]
    ended = rest.after(page(example(D), limit=2, knowledge=knowledge), KNOWN)
    assert (ended.rest, remembered(ended).examples.versions) == ((), Versions({A: NEW}))


def test_an_example_that_goes_from_the_difference_takes_no_place() -> None:
    """One that is deleted for good is named no longer: the next ones are those behind the last one read."""
    rest = replace(READING, past=C)
    assert asked(rest, difference([B, C, D])) == asked(rest, difference([C, D])) == asked(rest, difference([D])) == [D]


def test_examples_are_asked_for_by_fifties() -> None:
    """However large pages are elsewhere."""
    many = [uid("e", number) for number in range(IDS_MAX + 1)]
    knowledge = difference(many)
    assert asked(READING, knowledge, 100) == many[:IDS_MAX]
    (rest,) = READING.after(page(limit=100, knowledge=knowledge), KNOWN).rest
    assert rest == replace(READING, past=many[IDS_MAX - 1])


def test_an_example_without_an_id_makes_the_dataset_one_without_a_version() -> None:
    """It may be any example: the dataset is read whole in every look, so that none is missed."""
    knowledge = difference([B, C])
    (rest,) = READING.after(page(limit=1, whole=False, knowledge=knowledge), KNOWN).rest
    assert rest == replace(READING, past=B, unversioned=True)
    assert isinstance(rest, ChangedExamples)
    ended = rest.after(page(example(C), limit=1, knowledge=knowledge), KNOWN)
    assert remembered(ended).examples.versions == Versions()


def test_an_example_that_is_too_large_to_be_read_is_passed_over() -> None:
    """The ones behind it are asked for; behind the last one the version is known."""
    passed = READING.behind_one(KNOWN, difference([B, C]))
    assert passed is not None
    assert passed.rest == (replace(READING, past=B),)
    last = replace(READING, past=B).behind_one(KNOWN, difference([B, C]))
    assert last is not None
    assert remembered(last).examples.versions == Versions({A: NEW})


# How many examples changed, and whether the dataset is weighed before they are read.
MANY = [(WHOLE_FROM, False), (WHOLE_FROM + 1, True)]


@pytest.mark.parametrize(("changed", "weighed"), MANY)
def test_many_changes_are_weighed_against_the_dataset(changed: int, weighed: bool) -> None:
    """Fewer could not cost less as a whole version. What was removed is deleted either way."""
    outcome = begun(difference([uid("e", number) for number in range(changed)], removed=[B]))
    weigh = Weigh(dataset=A, seen=SEEN, lo=OLD, hi=NEW, changed=changed)
    assert outcome.rest == ((weigh,) if weighed else (READING,))
    assert outcome.gone == ((EXAMPLE.name, B),)


# How many examples the dataset has, and whether the version is read whole where 200 have changed.
COUNTS: list[tuple[Any, bool]] = [(399, True), (400, False), (None, False), (0, False)]


@pytest.mark.parametrize(("count", "whole"), COUNTS)
def test_a_version_of_which_most_has_changed_is_read_whole(count: Any, whole: bool) -> None:
    """A page has a hundred of a whole version, and fifty by id. A dataset that does not say its count is read by its changes."""
    item = Weigh(dataset=A, seen=SEEN, lo=OLD, hi=NEW, changed=200)
    outcome = item.after(page(dataset(A, example_count=count)), KNOWN)
    assert outcome.rest == ((WholeVersion(dataset=A, seen=SEEN, version=NEW) if whole else READING),)
    assert (item.table_name, item.is_record, item.delivers(dataset(A), KNOWN)) == (DATASET.name, True, False)


def test_a_dataset_that_is_gone_meanwhile_is_passed_over() -> None:
    """What is remembered of it stays: its look-up forgets it."""
    gone = READING.without(KNOWN)
    assert gone is not None
    assert (gone.rest, gone.gone, gone.memory) == ((), (), None)


WITHIN: list[tuple[Context, bool]] = [
    (context(), True),
    (context(projects=Ids([D])), True),
    (context(scope=without(EXAMPLE)), False),
]


@pytest.mark.parametrize(("asked_in", "left"), WITHIN)
def test_examples_go_with_their_switch(asked_in: Context, left: bool) -> None:
    """Projects do not limit them."""
    assert READING.within(asked_in) == ((READING,) if left else ())


def test_rows_are_as_old_as_the_knowledge_of_their_version() -> None:
    """Whenever they are read, they show the dataset as it was then; and they carry its name."""
    moments: list[datetime | None] = [ITEM.seen_at, WholeVersion(dataset=A, seen=SEEN, version=NEW).seen_at]
    assert moments == [SEEN, SEEN]
    assert (ITEM.in_hand, ITEM.names_of, ITEM.about) == ((A,), DATASET.name, A)
