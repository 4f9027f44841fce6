"""Run queries as a whole, and every shape of their pages. Not here: other requests (test_requests), which API (test_run_api)."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call, Only, RecordPage
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import parse
from langsmith_core.streams.context import Api
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.run_queries import CURSOR_MAX, NEEDED, V1_SELECT, V2_SELECTS
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from samples import encoded, fixture
from streams.contexts import A, B, C, D, context
from streams.documents import document

LO_TEXT, HI_TEXT = "2026-05-31T00:00:00.000000Z", "2026-06-01T12:30:00.000005Z"
LO, HI = parse(LO_TEXT), parse(HI_TEXT)
WINDOW = RunWindow(lo=LO - timedelta(days=400), hi=HI, parents=Ids([A, B]), top=HI, floor=LO, ceiling=HI)
BY_ID = RunsById(lo=LO, hi=HI, ids=Ids([C, D]), parents=Ids([A, B]))
BETWEEN = f'gte(start_time, "{LO_TEXT}"), lt(start_time, "{HI_TEXT}")'
V1_BODY = {"session": [A, B], "filter": f"and({BETWEEN})", "start_time": LO_TEXT, "select": V1_SELECT, "limit": 50}
V2_BODY = {
    "project_ids": [A, B],
    "min_start_time": LO_TEXT,
    "max_start_time": HI_TEXT,
    "selects": V2_SELECTS,
    "include_subtree_usage": True,
    "page_size": 50,
}
Queried = RunWindow | RunsById


def runs(tier: str, body: dict[str, Any]) -> Call:
    """A run query."""
    return Call("POST", f"/api/{tier[:2]}/runs/query", tier, body=body)


# A work item, the API, and the request for its next fifty runs.
CALLS: list[tuple[Queried, Api, Call]] = [
    (WINDOW, "v1", runs("v1_week", V1_BODY)),
    (WINDOW, "v2", runs("v2", V2_BODY)),
    (replace(WINDOW, cursor="c"), "v1", runs("v1_week", {**V1_BODY, "cursor": "c"})),
    (replace(WINDOW, cursor="c"), "v2", runs("v2", {**V2_BODY, "cursor": "c"})),
    (
        replace(WINDOW, ended_since=LO),
        "v1",
        runs("v1_week", {**V1_BODY, "filter": f'and({BETWEEN}, gte(end_time, "{LO_TEXT}"))'}),
    ),
    (replace(WINDOW, ended_since=LO), "v2", runs("v2", {**V2_BODY, "filter": f'gte(end_time, "{LO_TEXT}")'})),
    (BY_ID, "v1", runs("v1_long", {"id": [C, D], "select": V1_SELECT, "limit": 50})),
    (BY_ID, "v2", runs("v2", {**V2_BODY, "ids": [C, D]})),
    (replace(BY_ID, cursor="c"), "v2", runs("v2", {**V2_BODY, "ids": [C, D], "cursor": "c"})),
]


@pytest.mark.parametrize(("item", "api", "call"), CALLS)
def test_every_run_query_as_a_whole(item: Queried, api: Api, call: Call) -> None:
    """Path, rate tier and body of every kind of page. With ids, v1 ignores every other filter, so none is sent."""
    assert item.request(context(api=api), 50, b"") == call


@pytest.mark.parametrize(("span", "v1"), [(timedelta(days=7), "v1_week"), (timedelta(days=7, microseconds=1), "v1_long")])
def test_the_rate_tier_follows_the_span_of_the_query(span: timedelta, v1: str) -> None:
    """At most seven days are v1's fast tier; what counts is the query, not the whole window. v2 has one tier."""
    asked = replace(WINDOW, floor=HI - span)
    calls = [asked.request(context(api=api), 50, b"") for api in ("v1", "v2")]
    assert [call.tier for call in calls if isinstance(call, Call)] == [v1, "v2"]


@pytest.mark.parametrize("item", [WINDOW, BY_ID])
def test_each_apis_own_maximum_caps_the_page(item: Queried) -> None:
    """A hundred runs on v1, a thousand on v2."""
    assert (item.rows_max(context(api="v1")), item.rows_max(context(api="v2"))) == (100, 1_000)


@pytest.mark.parametrize("own_usage", ["refused", "ignored"])
def test_a_parents_usage_is_asked_for_unless_langsmith_refuses_to_be_asked(own_usage: Any) -> None:
    """A server that ignores the field may serve it tomorrow; one that refuses it would refuse every query."""
    call = WINDOW.request(context(api="v2", memory=Memory(runs=Runs(own_usage=own_usage))), 50, b"")
    assert isinstance(call, Call)
    assert call.body is not None
    assert ("include_subtree_usage" in call.body) == (own_usage == "ignored")


@pytest.mark.parametrize(("only", "payloads"), [(Only.NEEDED, True), (Only.LIGHT, False)])
def test_fewer_fields_are_asked_for_where_all_are_refused_or_too_heavy(only: Only, payloads: bool) -> None:
    """Those that columns are made of; without payloads, those of them that may hold megabytes are left out as well."""
    for api, name in (("v1", "select"), ("v2", "selects")):
        call = WINDOW.request(context(api=api, only=only), 50, b"")
        assert isinstance(call, Call)
        assert call.body is not None
        asked = {one.lower() for one in call.body[name]}
        assert asked <= NEEDED
        assert ("inputs" in asked, "id" in asked, "start_time" in asked) == (payloads, True, True)


def test_fields_that_are_hidden_are_not_asked_for() -> None:
    """What the configuration hides wholly is not even sent by LangSmith."""
    hiding = context(fields=lambda _table, names: [one for one in names if one != "inputs"])
    call = WINDOW.request(hiding, 50, b"")
    assert isinstance(call, Call)
    assert call.body is not None
    assert call.body["select"] == [one for one in V1_SELECT if one != "inputs"]


def test_every_field_that_is_asked_for_is_one_that_langsmith_knows() -> None:
    """The documents list what can be selected; what opens a run to strangers is not asked for."""
    v1 = set(document("v1")["components"]["schemas"]["RunSelect"]["enum"])
    v2 = set(document("v2-alpha")["components"]["schemas"]["query.RunSelectField"]["enum"])
    newer = {"LAST_QUEUED_AT"}  # of the SDK of August 2026
    assert set(V1_SELECT) <= v1
    assert set(V2_SELECTS) - newer <= v2
    assert "share_token" not in V1_SELECT
    assert "SHARE_URL" not in V2_SELECTS


V1_PAGES, V2_PAGES = fixture("07"), fixture("08")
RUN_PAGES: list[tuple[Api, Any, str | None]] = [
    ("v1", V1_PAGES["page_with_next"], "cursor-2"),
    ("v1", V1_PAGES["page_next_null"], None),
    ("v1", V1_PAGES["last_page_empty_cursors"], None),
    ("v1", V1_PAGES["empty"], None),
    ("v1", {"runs": []}, None),
    ("v1", {"runs": [], "cursors": None}, None),
    ("v1", {"runs": [], "cursors": {"next": ""}}, None),
    ("v1", {"runs": [], "cursors": {"next": "c", "prev": "b"}, "search_cursors": None, "parsed_query": "x"}, "c"),
    ("v2", V2_PAGES["page_with_next"], V2_PAGES["page_with_next"]["next_cursor"]),
    ("v2", V2_PAGES["selects_omitted_only_id"], None),
    ("v2", V2_PAGES["last_page_cursor_absent"], None),
    ("v2", V2_PAGES["short_page_with_cursor"], V2_PAGES["short_page_with_cursor"]["next_cursor"]),
    ("v2", {"items": [], "next_cursor": ""}, None),
]


@pytest.mark.parametrize("item", [WINDOW, BY_ID])
@pytest.mark.parametrize(("api", "answer", "cursor"), RUN_PAGES)
def test_every_page_of_runs_that_is_known(item: Queried, api: Api, answer: Any, cursor: str | None) -> None:
    """The records in order, and the cursor where there is one: null, empty, missing and an empty object all mean the end."""
    records = answer["runs" if api == "v1" else "items"]
    expected = RecordPage([encoded(record) for record in records], cursor)
    assert item.page(encoded(answer), context(api=api), 100) == expected


def test_a_page_that_is_longer_than_asked_is_cut_and_says_so() -> None:
    """No answer holds more records than a call has room for."""
    answer = encoded({"runs": [{"id": A}, {"id": B}], "cursors": {"next": "c"}})
    assert WINDOW.page(answer, context(), 1) == RecordPage([encoded({"id": A})], "c", longer=True)


def test_a_cursor_is_kept_only_as_far_as_a_state_may_hold_it() -> None:
    """Only the part that a state would keep is looked through, and what is longer is cut."""
    answer = encoded({"items": [], "next_cursor": "c" * (CURSOR_MAX + 9)})
    assert WINDOW.page(answer, context(api="v2"), 50).cursor == "c" * (CURSOR_MAX + 9)


NO_ENVELOPES: list[Any] = [[], None, "text", {}, {"detail": "x"}]
NO_LISTS: list[Any] = [{}, None, "text", {"detail": "x"}, {"items": []}]
WRONG: list[tuple[Api, Any]] = [
    *[("v1", body) for body in NO_ENVELOPES],
    *[("v2", body) for body in NO_ENVELOPES],
    ("v1", {"items": []}),
    ("v2", {"runs": []}),
    *[("v1", {"runs": body}) for body in NO_LISTS],
]


@pytest.mark.parametrize(("api", "answer"), WRONG)
def test_an_answer_of_another_shape_is_malformed(api: Api, answer: Any) -> None:
    """A changed API or a proxy's JSON is an error and never an empty page."""
    with pytest.raises(MalformedError):
        WINDOW.page(encoded(answer), context(api=api), 100)
