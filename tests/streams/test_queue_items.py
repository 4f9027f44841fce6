"""Items of annotation queues: which queues are read, section by section, and what is deleted. Pages in, outcomes out."""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import rows
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE, ANNOTATION_QUEUE_ITEM
from langsmith_core.streams.annotation_queues import STREAM, ReadQueues, mark_of
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Memory, Queue
from langsmith_core.streams.queue_items import PAGES_MAX, REFUSED_MAX, SECTIONS, QueueItems
from langsmith_core.streams.run_queries import CURSOR_MAX
from samples import NOW, encoded
from streams.contexts import DEEP, A, B, C, D, context, page, remembered, without

ITEM = QueueItems(queue=A, mark="m")
LAST = replace(ITEM, section=2)
ROOM = {"queue_room": 1_000, "item_room": 1_000}


def queue(ident: str, runs: int = 1, **fields: Any) -> Row:
    """A queue's row."""
    return rows.to_row(ANNOTATION_QUEUE, encoded({"id": ident, "name": "q", "total_runs": runs, **fields}), {})


def item(ident: str, **fields: Any) -> Row:
    """An item's row, in the first section."""
    return rows.to_row(ANNOTATION_QUEUE_ITEM, encoded({"id": ident, "item_type": "RUN", **fields}), {}, given=ITEM.given)


def knowing(items: tuple[str, ...] = (), unseen: tuple[str, ...] = (), mark: str = "", **fields: Any) -> Context:
    """A later look that remembers this of queue A."""
    return context(memory=Memory().with_queue(A, Queue(mark, Ids(items), Ids(unseen))), **{**ROOM, **fields})


def found(*listed: Row, **fields: Any) -> tuple[Any, ...]:
    """What the list of queues leads to."""
    return ListAll(table=ANNOTATION_QUEUE.name).after(page(*listed), context(**{**ROOM, **fields})).first


def of_a(outcome: Outcome) -> Queue:
    """What an outcome remembers of queue A."""
    return remembered(outcome).queue(A)


def test_an_item_is_a_row_of_its_queue_and_section() -> None:
    """The record does not say in which section it was found: the question does."""
    row = item(B, queue_id=A, run_id=C, completed_by=[D], agreement_state="agreed")
    chosen = {
        name: row[name] for name in ("item_id", "queue_id", "status", "item_type", "run_id", "completed_by", "agreement_state")
    }
    assert chosen == {
        "item_id": B,
        "queue_id": A,
        "status": "needs_my_review",
        "item_type": "run",
        "run_id": C,
        "completed_by": f'["{D}"]',
        "agreement_state": "agreed",
    }


def test_queues_whose_counters_have_moved_are_read() -> None:
    """A queue that was never read is, and one whose number of items or modification time is another. The daily pass reads all."""
    mark = mark_of(queue(A))
    assert found(queue(A), queue(B, 2)) == (ReadQueues({A: mark, B: mark_of(queue(B, 2))}),)
    known = Memory().with_queue(A, Queue(mark))
    assert found(queue(A), memory=known) == ()
    for moved in (queue(A, 2), queue(A, updated_at="2026-06-01T00:00:00Z")):
        assert found(moved, memory=known) == (ReadQueues({A: mark_of(moved)}),)
    assert found(queue(A), memory=known, bounds=DEEP) == (ReadQueues({A: mark}),)


def test_items_that_are_off_or_not_offered_are_not_read() -> None:
    """The list of queues goes on alone."""
    assert found(queue(A), scope=without(ANNOTATION_QUEUE_ITEM)) == ()
    assert found(queue(A), not_offered=(ANNOTATION_QUEUE_ITEM.name,)) == ()


def test_one_queue_is_read_after_the_other() -> None:
    """What the reading before knew has not been shown by this one."""
    outcome = ReadQueues({A: "m", B: "n"}).request(knowing((C,), (D,), "old"), 1, b"")
    assert isinstance(outcome, Outcome)
    assert (outcome.first, outcome.rest) == ((ITEM,), (ReadQueues({B: "n"}),))
    assert of_a(outcome) == Queue(unseen=Ids([C, D]))
    assert ReadQueues({A: "m"}).joined(ReadQueues({B: "n"})) == ReadQueues({A: "m", B: "n"})


def test_a_section_is_asked_for_page_by_page() -> None:
    """The section is always named; a cursor leads on within it."""
    path = f"/api/v1/platform/annotation-queues/{A}/items"
    assert ITEM.request(context(), 50, b"") == Call("GET", path, query=(("status", SECTIONS[0]), ("page_size", "50")))
    following = ITEM.after(page(item(B), cursor="c"), knowing()).rest[0]
    assert following == replace(ITEM, cursor="c", pages=1)
    query = (("status", SECTIONS[0]), ("page_size", "50"), ("cursor", "c"))
    assert following.request(context(), 50, b"") == Call("GET", path, query=query)


@pytest.mark.parametrize(
    ("body", "records", "cursor"),
    [
        ({"items": [{"id": B}], "next_cursor": "c"}, [b'{"id":"%s"}' % B.encode()], "c"),
        ({"items": [], "next_cursor": ""}, [], None),
        ({"items": None}, [], None),
    ],
)
def test_a_page_is_its_items_and_a_cursor(body: dict[str, Any], records: list[bytes], cursor: str | None) -> None:
    """A Go server writes an empty list as null."""
    assert ITEM.page(encoded(body), context(), 1) == RecordPage(records, cursor)


def test_an_answer_without_items_is_none() -> None:
    """It would delete all items of the queue."""
    with pytest.raises(MalformedError, match="without 'items'"):
        ITEM.page(b"{}", context(), 1)


def test_the_sections_are_read_one_after_the_other() -> None:
    """What a page shows is remembered as shown."""
    outcome = ITEM.after(page(item(B)), knowing(unseen=(B, C)))
    assert outcome.rest == (replace(ITEM, section=1),)
    assert of_a(outcome) == Queue(items=Ids([B]), unseen=Ids([C]))


def test_a_reading_that_lacks_nothing_ends_at_once() -> None:
    """The counters are remembered as they were before the reading."""
    outcome = LAST.after(page(item(B)), knowing(unseen=(B,)))
    assert (outcome.rest, outcome.gone, of_a(outcome)) == ((), (), Queue("m", Ids([B])))


def test_a_reading_that_lacks_an_item_is_made_again() -> None:
    """The item may have moved to a section that was read. What the second reading lacks as well has left the queue."""
    again = replace(ITEM, again=True)
    outcome = LAST.after(page(item(B)), knowing(unseen=(B, C)))
    assert (outcome.rest, outcome.gone) == ((again,), ())
    outcome = replace(LAST, again=True).after(page(item(B)), knowing((B,), (C,)))
    assert (outcome.rest, outcome.gone, outcome.gone_at) == ((), ((ANNOTATION_QUEUE_ITEM.name, C),), NOW)
    assert of_a(outcome) == Queue("m", Ids([B]))


@pytest.mark.parametrize("short", [{"longer": True}, {"whole": False}, {"cursor": "c"}])
def test_a_page_that_is_not_all_there_deletes_nothing(short: dict[str, Any]) -> None:
    """An answer that was too long, a record without an id, a cursor that leads back: the next look reads the queue again."""
    asked = replace(LAST, again=True, cursor="c")
    outcome = asked.after(page(item(B), **short), knowing((B,), (C,)))
    assert (outcome.rest, outcome.gone, of_a(outcome)) == ((), (), Queue("", Ids([B]), Ids([C])))


def test_a_section_without_an_end_is_left() -> None:
    """A server that gives one cursor after another does not keep a sync from ending."""
    outcome = replace(LAST, cursor="c", pages=PAGES_MAX).after(page(item(B), cursor="d"), knowing())
    assert (outcome.rest, outcome.gone, of_a(outcome).mark) == ((), (), "")


def test_a_cursor_that_dies_costs_the_section_so_far() -> None:
    """The section is asked from its top, a few times; a question without a cursor that is refused fails."""
    dead = replace(ITEM, cursor="c", pages=3)
    assert dead.from_top() == replace(ITEM, refused=1)
    assert replace(dead, refused=REFUSED_MAX).from_top() is None
    assert ITEM.from_top() is None
    assert dead.restarted() == ITEM


def test_a_cursor_too_long_for_a_state_counts_as_refused() -> None:
    """It is followed within a call, and dropped between calls: a section that no call gets past is left in the end."""
    cursor = "c" * (CURSOR_MAX + 1)
    long = replace(ITEM, cursor=cursor)
    assert long.kept() == replace(ITEM, refused=1)
    assert long.within(context()) == (replace(ITEM, refused=1),)
    worn = replace(LAST, refused=REFUSED_MAX)
    assert worn.after(page(item(B), cursor=cursor), knowing()).rest == ()


def test_a_queue_that_is_gone_is_passed_over() -> None:
    """Its row is the list's to delete, and its items' rows go with it. Whether it is there, its own path tells."""
    assert ITEM.without(context()) == Outcome()
    assert ITEM.parent_question(context()) == Call("GET", f"/api/v1/annotation-queues/{A}")


def test_a_deleted_queue_takes_its_known_items_with_it() -> None:
    """Fivetran deletes by primary key: so the known items are named."""
    outcome = LookUp(ANNOTATION_QUEUE.name, Ids([A])).without(knowing((B,), (C,)))
    assert outcome is not None
    items = ((ANNOTATION_QUEUE_ITEM.name, B), (ANNOTATION_QUEUE_ITEM.name, C))
    assert outcome.gone == ((ANNOTATION_QUEUE.name, A), *items)
    assert remembered(outcome).queues == {}


def test_a_queue_that_its_list_had_hidden_is_no_row() -> None:
    """Its own path does not tell the number of items: the next look lists it."""
    look_up = LookUp(ANNOTATION_QUEUE.name, Ids([A]))
    assert not look_up.delivers(queue(A), context())
    assert remembered(look_up.after(page(queue(A)), context())).known(ANNOTATION_QUEUE.name) == Ids([A])


def test_items_past_the_room_are_not_known(caplog: pytest.LogCaptureFixture) -> None:
    """What the reading before knew needs no new room. The log tells once that others are not seen to leave."""
    outcome = ITEM.after(page(item(B), item(C), item(D)), knowing((), (B,), item_room=1))
    assert of_a(outcome) == Queue(items=Ids([B, C]))
    assert [record.message.partition(":")[0] for record in caplog.records] == [ANNOTATION_QUEUE_ITEM.name]
    outcome = ITEM.after(page(item(B), item(C), item(D)), knowing((B,), (), item_room=0))
    assert (of_a(outcome), len(caplog.records)) == (Queue(items=Ids([B])), 1)


def test_a_queue_without_room_is_read_in_every_look() -> None:
    """Without its mark nobody knows whether it has changed."""
    outcome = LAST.after(page(), context(queue_room=3))
    assert of_a(outcome) == Queue()
    assert of_a(LAST.after(page(), context(queue_room=4))) == Queue("m")


def test_what_comes_next_is_the_next_page_and_the_other_sections() -> None:
    """They are asked for before their turn."""
    sections = [replace(ITEM, section=1), LAST]
    assert list(ITEM.coming(context(), 50, None)) == sections
    assert list(ITEM.coming(context(), 50, RecordPage([], "c"))) == [replace(ITEM, cursor="c"), *sections]


def test_an_item_too_large_to_be_read_ends_its_section() -> None:
    """No cursor leads behind it."""
    outcome = ITEM.behind_one(context(), b"")
    assert outcome == Outcome(rest=(replace(ITEM, section=1, unsure=True),))
    assert LAST.behind_one(context(), b"") == Outcome()


def test_the_list_of_queues_begins_each_look() -> None:
    """Ids are asked for by `ids` where the list was broken off."""
    assert STREAM.opens is not None
    assert STREAM.opens(context()).rest == (ListAll(table=ANNOTATION_QUEUE.name, unseen=NO_IDS),)
    broken = ListAll(table=ANNOTATION_QUEUE.name, unseen=Ids([A]), past="00000000-0000-0000-0000-000000000000")
    question = broken.request(context(), 100, b"")
    assert isinstance(question, Call)
    assert question.query == (("ids", A), ("offset", "0"), ("limit", "100"))
