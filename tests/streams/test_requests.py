"""Every request but run queries, as a whole and against LangSmith's document; and every shape of a list's page."""

from typing import Any

import pytest

from langsmith_core.calls import CREDENTIALS, INFO, Call, Only, RecordPage
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import parse
from langsmith_core.streams.dataset_versions import NewestVersion, OlderVersions
from langsmith_core.streams.example_versions import RemovedExamples, StillThere, WholeVersion
from langsmith_core.streams.examples import ChangedExamples, Weigh
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import LISTING, FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, PROJECT, listing
from langsmith_core.streams.stream import by_id_call
from samples import NOW, encoded
from streams.contexts import A, B, C, D, context
from streams.documents import parameters_of

LO_TEXT, HI_TEXT = "2026-05-31T00:00:00.000000Z", "2026-06-01T12:30:00.000005Z"
LO, HI = parse(LO_TEXT), parse(HI_TEXT)
PLACE = (("offset", "99"), ("limit", "50"))
START = (("offset", "0"), ("limit", "50"))
STATS = ("include_stats", "true")
SESSIONS = (STATS, ("sort_by", "start_time"), ("sort_by_desc", "false"))
DATASETS = (("sort_by", "created_at"), ("sort_by_desc", "false"))
OF_VERSION = (("order", "id"), ("dataset", A))
CREATED = (("min_created_at", LO_TEXT), ("max_created_at", HI_TEXT))
DIFFERENCE = encoded({"examples_added": [C], "examples_modified": [B], "examples_removed": []})
CHANGED = ChangedExamples(dataset=A, seen=NOW, lo=LO, hi=HI, weighed=True)


def get(path: str, *query: tuple[str, str]) -> Call:
    """A GET."""
    return Call("GET", f"/api/v1{path}", query=query)


# A work item and the request for its next fifty records.
CALLS: list[tuple[Item, Call]] = [
    (ListProjects(offset=99), get("/sessions", *SESSIONS, *PLACE)),
    (FindProjects(lo=LO, hi=HI, offset=99), get("/sessions", *SESSIONS, *PLACE)),
    (ListAll(table=DATASET.name, offset=99), get("/datasets", *DATASETS, *PLACE)),
    (ListAll(table=FEEDBACK_CONFIG.name, offset=99), get("/feedback-configs", *PLACE)),
    (LookUp(PROJECT.name, Ids([A, B])), get(f"/sessions/{A}", STATS)),
    (LookUp(DATASET.name, Ids([A, B])), get(f"/datasets/{A}")),
    (NewestVersion(Ids([A, B])), get(f"/datasets/{A}/versions", ("limit", "100"))),
    (OlderVersions(dataset=A, offset=99), get(f"/datasets/{A}/versions", *PLACE)),
    (Weigh(dataset=A, seen=NOW, lo=LO, hi=HI, changed=200), get(f"/datasets/{A}")),
    (CHANGED, get("/examples", *OF_VERSION, ("id", B), ("id", C), ("as_of", HI_TEXT), *START)),
    (WholeVersion(dataset=A, seen=NOW, version=HI, offset=99), get("/examples", *OF_VERSION, ("as_of", HI_TEXT), *PLACE)),
    (
        RemovedExamples(dataset=A, seen=NOW, before=LO, version=HI, offset=99),
        get("/examples", *OF_VERSION, ("as_of", LO_TEXT), *PLACE),
    ),
    (
        StillThere(dataset=A, seen=NOW, version=HI, ids=Ids([B, C])),
        get("/examples", *OF_VERSION, ("id", B), ("id", C), ("as_of", HI_TEXT), *START),
    ),
    (FeedbackWindow(lo=LO, hi=HI, offset=99), get("/feedback", *CREATED, *PLACE)),
    (
        FeedbackWindow(lo=LO, hi=HI, parents=Ids([A, B]), offset=99),
        get("/feedback", ("session", A), ("session", B), *CREATED, *PLACE),
    ),
    (FeedbackOfRuns(runs=Ids([A, B]), offset=99), get("/feedback", ("run", A), ("run", B), *PLACE)),
]
FIRST_QUESTIONS: list[tuple[Item, Call]] = [
    (CHANGED, get(f"/datasets/{A}/versions/diff", ("from_version", LO_TEXT), ("to_version", HI_TEXT))),
    (
        EditedRuns(lo=LO, hi=HI, edited_since=LO, parents=Ids([A, B]), waiting=Ids([C])),
        get("/sessions", ("id", A), ("id", B), ("limit", "100"), STATS),
    ),
]


@pytest.mark.parametrize(("item", "call"), CALLS)
def test_every_request_as_a_whole(item: Item, call: Call) -> None:
    """Path, rate tier and parameters of every kind of page, whichever run API is asked."""
    assert [item.request(context(api=api), 50, DIFFERENCE) for api in ("v1", "v2")] == [call, call]


@pytest.mark.parametrize(("item", "call"), FIRST_QUESTIONS)
def test_what_must_be_known_before_a_request_can_be_made(item: Item, call: Call) -> None:
    """The difference of two versions; the keys that feedback was given under. No other item has such a question."""
    assert item.first_question(context()) == call
    assert [one for one, _ in CALLS if one is not CHANGED and one.first_question(context())] == []


@pytest.mark.parametrize("call", [call for _, call in (*CALLS, *FIRST_QUESTIONS)])
def test_every_parameter_is_one_that_langsmith_knows(call: Call) -> None:
    """An unknown parameter would be ignored: the document has each path and each parameter that is sent."""
    assert {name for name, _ in call.query} <= parameters_of(call)


def test_fixed_requests() -> None:
    """The instance's abilities, the cheapest proof of a key, parents by their ids."""
    assert get("/info") == INFO
    assert get("/sessions", ("limit", "1"), ("include_stats", "false")) == CREDENTIALS
    assert by_id_call(listing(DATASET.name), (A, B)) == get("/datasets", ("id", A), ("id", B), ("limit", "100"))
    assert by_id_call(LISTING, (A,)) == get("/sessions", ("id", A), ("limit", "100"))


def test_known_records_of_a_list_that_was_broken_off_are_asked_for_by_id() -> None:
    """Those behind the last one asked for, fifty at a time, or as many as a page is to hold."""
    item = ListProjects(unseen=Ids([B, D, C]), past=B)
    assert item.request(context(), 50, b"") == get("/sessions", *SESSIONS, ("id", C), ("id", D), *START)
    assert item.request(context(page_size=1), 1, b"") == get("/sessions", *SESSIONS, ("id", C), ("offset", "0"), ("limit", "1"))


@pytest.mark.parametrize("odd", ["../x", "a/b", "a b", ".."])
def test_what_stands_in_the_place_of_an_id_leads_nowhere_else(odd: str) -> None:
    """Ids are ids by the time that they are in a path; if one were not, the path would still be that of a record."""
    call = OlderVersions(dataset=odd).request(context(), 50, b"")
    assert isinstance(call, Call)
    assert call.path.count("/") == get("/datasets/x/versions").path.count("/")
    assert not {".", " "} & set(call.path)


def test_examples_come_without_payloads_where_they_are_too_heavy_or_hidden() -> None:
    """Fields are named then; inputs come whatever is selected."""
    item = WholeVersion(dataset=A, seen=NOW, version=HI)
    light = item.request(context(only=Only.LIGHT), 50, b"")
    hidden = item.request(context(fields=lambda _table, names: [one for one in names if one != "metadata"]), 50, b"")
    for call, gone in ((light, {"outputs", "metadata"}), (hidden, {"metadata"})):
        assert isinstance(call, Call)
        selected = {value for name, value in call.query if name == "select"}
        assert {"id", "dataset_id", "inputs", "outputs", "metadata"} - selected == gone
        assert {name for name, _ in call.query} <= parameters_of(call)


LISTS = [item for item, _ in CALLS if not item.is_record]


@pytest.mark.parametrize("item", LISTS)
def test_every_page_but_one_of_runs_is_a_list(item: Item) -> None:
    """Bare JSON arrays, without a cursor, cut where they are longer than asked; at most a hundred records."""
    assert item.page(b'[{"id":"1"}, {"id":"2"}]', context(), 50) == RecordPage([b'{"id":"1"}', b'{"id":"2"}'])
    assert item.page(b"[]", context(), 50) == RecordPage([])
    long = item.page(encoded([{"id": number} for number in range(101)]), context(), 100)
    assert (len(long.records), long.longer, item.rows_max(context(api="v2"))) == (100, True, 100)


@pytest.mark.parametrize("item", [item for item, _ in CALLS if item.is_record])
def test_a_record_by_its_own_path_stands_alone(item: Item) -> None:
    """It is no list of one."""
    assert item.page(b'{"id": "1"}', context(), 50) == RecordPage([b'{"id":"1"}'])


@pytest.mark.parametrize("item", LISTS)
@pytest.mark.parametrize("answer", [{}, None, "text", {"detail": "x"}, {"items": []}])
def test_an_answer_of_another_shape_is_malformed(item: Item, answer: Any) -> None:
    """A changed API or a proxy's JSON is an error and never an empty page."""
    with pytest.raises(MalformedError):
        item.page(encoded(answer), context(), 50)
