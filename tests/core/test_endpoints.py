"""Every request as a whole and every shape of page. Not here: dataset versions (test_endpoints_versions)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from core.samples import FIXTURES, encoded, fixture
from langsmith_core import endpoints, run_queries
from langsmith_core.calls import Call, Page
from langsmith_core.records.json_text import MalformedError
from langsmith_core.run_queries import V1_SELECT, V2_SELECTS
from langsmith_core.sync.state import Slice
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN

LO, HI = datetime(2026, 5, 31, tzinfo=UTC), datetime(2026, 6, 1, 12, 30, 0, 5, tzinfo=UTC)
LO_TEXT, HI_TEXT = "2026-05-31T00:00:00.000000Z", "2026-06-01T12:30:00.000005Z"
RUNS = Slice(RUN.name, ("p", "q"), lo=LO - timedelta(days=400), hi=HI, floor=LO, ceiling=HI)
PLACE = (("offset", "99"), ("limit", "50"))
WINDOW = f'gte(start_time, "{LO_TEXT}"), lt(start_time, "{HI_TEXT}")'
SESSIONS = (("include_stats", "true"), ("sort_by", "start_time"), ("sort_by_desc", "false"))
DATASETS = (("sort_by", "created_at"), ("sort_by_desc", "false"))
V1_BODY = {"session": ["p", "q"], "filter": f"and({WINDOW})", "start_time": LO_TEXT, "select": V1_SELECT, "limit": 50}
V2_BODY = {
    "project_ids": ["p", "q"],
    "min_start_time": LO_TEXT,
    "max_start_time": HI_TEXT,
    "selects": V2_SELECTS,
    "page_size": 50,
}


def runs(api: str, tier: str, body: dict[str, Any]) -> Call:
    """A run query."""
    return Call("POST", f"/api/{api}/runs/query", f"{api}_{tier}", body=body)


# A slice, the API, and the request for its next fifty rows.
CALLS: list[tuple[Slice, str, Call]] = [
    (Slice(PROJECT.name, offset=99), "v1", Call("GET", "/api/v1/sessions", query=SESSIONS + PLACE)),
    (Slice(DATASET.name, offset=99), "v2", Call("GET", "/api/v1/datasets", query=DATASETS + PLACE)),
    (
        Slice(EXAMPLE.name, ("d",), hi=HI, offset=99),
        "v1",
        Call("GET", "/api/v1/examples", query=(("order", "id"), ("dataset", "d"), ("as_of", HI_TEXT), *PLACE)),
    ),
    (
        Slice(FEEDBACK.name, ("p", "q"), lo=LO, hi=HI, offset=99),
        "v1",
        Call(
            "GET",
            "/api/v1/feedback",
            query=(("session", "p"), ("session", "q"), ("min_created_at", LO_TEXT), ("max_created_at", HI_TEXT), *PLACE),
        ),
    ),
    (
        Slice(FEEDBACK.name, lo=LO, hi=HI, offset=99),
        "v2",
        Call("GET", "/api/v1/feedback", query=(("min_created_at", LO_TEXT), ("max_created_at", HI_TEXT), *PLACE)),
    ),
    (Slice(DATASET.name, ids=("d",)), "v1", Call("GET", "/api/v1/datasets/d")),
    (RUNS, "v1", runs("v1", "week", V1_BODY)),
    (RUNS, "v2", runs("v2", "week", V2_BODY)),
    (replace(RUNS, cursor="c"), "v1", runs("v1", "week", {**V1_BODY, "cursor": "c"})),
    (replace(RUNS, cursor="c"), "v2", runs("v2", "week", {**V2_BODY, "cursor": "c"})),
    (
        replace(RUNS, ended_since=LO),
        "v1",
        runs("v1", "week", {**V1_BODY, "filter": f'and({WINDOW}, gte(end_time, "{LO_TEXT}"))'}),
    ),
    (replace(RUNS, ended_since=LO), "v2", runs("v2", "week", {**V2_BODY, "filter": f'gte(end_time, "{LO_TEXT}")'})),
    (replace(RUNS, ids=("a", "b")), "v1", runs("v1", "week", {"id": ["a", "b"], "select": V1_SELECT, "limit": 50})),
    (replace(RUNS, ids=("a", "b")), "v2", runs("v2", "week", {**V2_BODY, "ids": ["a", "b"]})),
]


@pytest.mark.parametrize(("piece", "api", "call"), CALLS)
def test_every_request_as_a_whole(piece: Slice, api: str, call: Call) -> None:
    """Path, rate tier, parameters and body of every kind of page."""
    assert endpoints.call(piece, api, 50) == call


def test_a_project_asked_for_by_its_id_comes_with_its_statistics() -> None:
    """A project that a shifted listing hid has the same columns as any other."""
    call = endpoints.call(Slice(PROJECT.name, ids=("p",)), "v1", 50)
    assert (call.path, ("include_stats", "true") in call.query) == ("/api/v1/sessions/p", True)


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize(("span", "tier"), [(timedelta(days=7), "week"), (timedelta(days=7, microseconds=1), "long")])
def test_the_rate_tier_follows_the_span_of_the_query(span: timedelta, tier: str, api: str) -> None:
    """At most seven days are the fast tier; what counts is the query, not the whole window of the slice."""
    assert endpoints.call(replace(RUNS, floor=HI - span), api, 50).tier == f"{api}_{tier}"


SIZES = [
    # table, API, configured page size, rows asked for
    *[(stream.name, "v2", 1000, 100) for stream in (PROJECT, DATASET, EXAMPLE, FEEDBACK)],
    *[(stream.name, "v1", 7, 7) for stream in (PROJECT, DATASET, EXAMPLE, FEEDBACK, RUN)],
    *[(RUN.name, "v1", 200, 100), (RUN.name, "v2", 200, 200), (RUN.name, "v2", 5000, 1000)],
]


@pytest.mark.parametrize(("table", "api", "page_size", "rows"), SIZES)
def test_each_endpoints_own_maximum_caps_the_page(table: str, api: str, page_size: int, rows: int) -> None:
    """100 everywhere but on v2's runs, where it is 1000; a smaller configured size is kept."""
    assert endpoints.rows_max(table, api, page_size) == rows


def test_fixed_requests() -> None:
    """The instance's abilities, the cheapest proof of a key, projects by name or id, parents by id."""
    assert Call("GET", "/api/v1/info") == endpoints.INFO
    assert Call("GET", "/api/v1/sessions", query=(("limit", "1"), ("include_stats", "false"))) == endpoints.CREDENTIALS
    few = (("include_stats", "false"), ("limit", "1"))
    assert endpoints.named("a b", is_id=False) == Call("GET", "/api/v1/sessions", query=(("name", "a b"), *few))
    assert endpoints.named("a b", is_id=True) == Call("GET", "/api/v1/sessions", query=(("id", "a b"), *few))
    by_id = endpoints.by_ids(DATASET.name, ("d", "e"))
    assert by_id == Call("GET", "/api/v1/datasets", query=(("id", "d"), ("id", "e"), ("limit", "100")))


def document(name: str) -> Any:
    """One of LangSmith's OpenAPI documents."""
    return json.loads((FIXTURES.parent / f"langsmith-openapi-{name}.json").read_bytes())


def test_every_field_that_is_asked_for_is_one_that_langsmith_knows() -> None:
    """The documents list what can be selected; what opens a run to strangers is not asked for."""
    v1 = set(document("v1")["components"]["schemas"]["RunSelect"]["enum"])
    v2 = set(document("v2-alpha")["components"]["schemas"]["query.RunSelectField"]["enum"])
    newer = {"LAST_QUEUED_AT"}  # of the SDK of August 2026
    assert set(V1_SELECT) <= v1
    assert set(V2_SELECTS) - newer <= v2
    assert "share_token" not in V1_SELECT
    assert "SHARE_URL" not in V2_SELECTS


@pytest.mark.parametrize(("piece", "api", "call"), [case for case in CALLS if case[0].table != RUN.name])
def test_every_parameter_is_one_that_langsmith_knows(piece: Slice, api: str, call: Call) -> None:
    """An unknown parameter would be ignored: the documents have each one that is sent."""
    assert endpoints.call(piece, api, 50) == call
    if not piece.ids:
        known = {parameter["name"] for parameter in document("v1")["paths"][call.path]["get"]["parameters"]}
        assert {name for name, _ in call.query} <= known


V1_PAGES, V2_PAGES = fixture("07"), fixture("08")
RUN_PAGES: list[tuple[str, Any, str | None]] = [
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


@pytest.mark.parametrize(("api", "answer", "cursor"), RUN_PAGES)
def test_every_page_of_runs_that_is_known(api: str, answer: Any, cursor: str | None) -> None:
    """The records in order, and the cursor where there is one: null, empty, missing and an empty object all mean the end."""
    records = answer["runs" if api == "v1" else "items"]
    assert endpoints.page(RUNS, api, encoded(answer)) == Page([encoded(record) for record in records], cursor)


@pytest.mark.parametrize("table", [PROJECT.name, DATASET.name, EXAMPLE.name, FEEDBACK.name])
def test_every_other_page_is_a_list(table: str) -> None:
    """Bare JSON arrays, without a cursor; a record by its id stands alone."""
    assert endpoints.page(Slice(table), "v1", b'[{"id":"1"}, {"id":"2"}]') == Page([b'{"id":"1"}', b'{"id":"2"}'])
    assert endpoints.page(Slice(table), "v2", b"[]") == Page([])
    if table in (PROJECT.name, DATASET.name):
        assert endpoints.page(Slice(table, ids=("1",)), "v1", b'{"id": "1"}') == Page([b'{"id":"1"}'])


NO_ENVELOPES: list[Any] = [[], None, "text", {}, {"detail": "x"}]
NO_LISTS: list[Any] = [{}, None, "text", {"detail": "x"}, {"items": []}]
WRONG: list[tuple[Slice, str, Any]] = [
    *[(RUNS, api, body) for api in ("v1", "v2") for body in NO_ENVELOPES],
    (RUNS, "v1", {"items": []}),
    (RUNS, "v2", {"runs": []}),
    *[(RUNS, "v1", {"runs": body}) for body in NO_LISTS],
    *[(Slice(PROJECT.name), "v1", body) for body in NO_LISTS],
]


@pytest.mark.parametrize(("piece", "api", "answer"), WRONG)
def test_an_answer_of_another_shape_is_malformed(piece: Slice, api: str, answer: Any) -> None:
    """A changed API or a proxy's JSON is an error and never an empty page."""
    with pytest.raises(MalformedError):
        endpoints.page(piece, api, encoded(answer))


FLAGS = fixture("13")
BACKENDS = [
    ("flags_absent_old_backend", "v1"),
    ("clickhouse_only", "v1"),
    ("dual", "v2"),
    ("smithdb_only", "v2"),
    ("both_off_treated_as_clickhouse", "v1"),
    ("batch_ingest_config", "v1"),
]


@pytest.mark.parametrize(("name", "api"), BACKENDS)
def test_the_run_api_of_every_known_instance(name: str, api: str) -> None:
    """v2 wherever SmithDB answers; where nothing is said, the old one."""
    assert [case for case, _ in BACKENDS] == [case for case in FLAGS if not case.startswith("_")]
    assert run_queries.run_api(encoded(FLAGS[name])) == api


@pytest.mark.parametrize(
    ("flags", "api"),
    [(None, "v1"), ([], "v1"), ("x", "v1"), ({}, "v1"), *[({"sdb_query_enabled": x}, "v1") for x in (None, 0, False)]],
)
def test_flags_of_any_shape_are_read(flags: Any, api: str) -> None:
    """What is no object of flags says nothing; false, null and 0 all mean no."""
    assert run_queries.run_api(encoded({"instance_flags": flags})) == api
    assert run_queries.run_api(encoded({"instance_flags": {"sdb_query_enabled": 1}})) == "v2"
