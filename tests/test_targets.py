"""Tests of both targets' answers to bad input: a status, a key and a remedy in JSON. The state does not move."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from langsmith_core.faces import fivetran as protocol
from langsmith_core.settings.config import KEYS
from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_SERVICE_KEY, DEFAULT_TENANT_ID, Fault

UI_HOST = b"<html>\r\n<head><title>405 Not Allowed</title></head>\r\n</html>"
TENANT = {"LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID}
GOOD = {"LANGSMITH_API_KEY": DEFAULT_API_KEY, **TENANT}
# name: (secrets, state, status, what the message says)
REFUSED: dict[str, tuple[dict[str, Any], Any, int, str]] = {
    "wrong key": ({"LANGSMITH_API_KEY": "lsv2_pt_wrong", **TENANT}, {}, 401, "LANGSMITH_API_KEY: LangSmith refuses the key"),
    "legacy key": ({"LANGSMITH_API_KEY": "ls__old", **TENANT}, {}, 401, "Using legacy API key"),
    "another workspace": (
        {"LANGSMITH_API_KEY": DEFAULT_SERVICE_KEY, "LANGSMITH_TENANT_ID": "0c0ffee0-0000-4000-8000-000000000000"},
        {},
        403,
        "LANGSMITH_TENANT_ID: the key may not read this workspace",
    ),
    "unparsable boolean": ({"SYNC_RUNS": "perhaps"}, {}, 400, "SYNC_RUNS: write true or false"),
    "unparsable number": ({"PAGE_SIZE": "many"}, {}, 400, "PAGE_SIZE: write a whole number above 0"),
    "negative number": ({"MAX_SECONDS": "-1"}, {}, 400, "MAX_SECONDS: write a number above 0"),
    "not a number": ({"MAX_RESPONSE_MB": "nan"}, {}, 400, "MAX_RESPONSE_MB: write a number above 0"),
    "unparsable time": ({"START_TIME": "last week"}, {}, 400, "START_TIME: write a date or time such as"),
    "unencrypted": ({**GOOD, "LANGSMITH_BASE_URL": "http://langsmith.example"}, {}, 400, "LANGSMITH_BASE_URL: write https://"),
    "no address": ({**GOOD, "LANGSMITH_BASE_URL": "langsmith"}, {}, 400, "LANGSMITH_BASE_URL: write the API's address"),
    "an address without its key": (
        {"LANGSMITH_BASE_URL": "https://x.example"},
        {},
        400,
        "LANGSMITH_BASE_URL: give LANGSMITH_API_KEY beside it",
    ),
    "a column that is not there": (
        {"EXCLUDE_COLUMNS": "*.raws"},
        {},
        400,
        "EXCLUDE_COLUMNS: item 1 is not a column; write one that the README lists",
    ),
    "a state that is a list": ({}, [1], 400, "state: expected an object"),
    "a state of another program": ({}, {"synced_at": "2026-01-01"}, 400, "state: "),
    "a state of another workspace": ({}, {"version": 1, "source": "0" * 16}, 400, "LANGSMITH_TENANT_ID back"),
    "a newer state": ({}, {"version": 3, "source": "x"}, 400, "state: it has layout 3, and this program has layout 2"),
}


# A setup test reads no state, since Fivetran sends it before there is one.
CALLS = [(name, test) for name, case in REFUSED.items() for test in (False, True) if not (test and case[1])]


@pytest.mark.parametrize(("name", "setup_test"), CALLS)
def test_bad_input_is_refused_with_its_key_and_a_remedy(world: Callable[..., World], name: str, setup_test: bool) -> None:
    """Each bad value is a 4xx JSON answer that names the key. A setup test finds all but a bad state."""
    secrets, state, status, message = REFUSED[name]
    w = world()
    body = {"state": state, "secrets": secrets, "setup_test": setup_test}
    response = w.post("/fivetran", json.dumps(body).encode())
    assert response.status_code == status
    assert set(response.get_json()) == {"errorMessage"}
    assert message in response.get_json()["errorMessage"]
    assert str(secrets.get("LANGSMITH_API_KEY", "lsv2")) not in response.text


@pytest.mark.parametrize("key", [key.name for key in KEYS if key.required])
@pytest.mark.parametrize("target", ["/fivetran", "/sync"])
def test_a_missing_required_key_is_named_before_any_request(world: Callable[..., World], key: str, target: str) -> None:
    """A missing required key is a 400 that names it, before any request."""
    w = world()
    w.configure(**{key: ""})
    response = w.post(target, b"{}")
    assert (response.status_code, response.get_json()["errorMessage"].split(".")[0]) == (400, f"{key}: missing")
    assert w.sim.requests == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'"state"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(world: Callable[..., World], body: bytes) -> None:
    """A body that is no JSON object is a 400 that shows what to send."""
    response = world().post("/fivetran", body)
    assert response.status_code == 400
    assert response.get_json()["errorMessage"].startswith("body: not")


def test_the_page_for_people_is_not_the_api(world: Callable[..., World]) -> None:
    """The UI's host answers 405 in HTML. The message names LANGSMITH_BASE_URL and the right host."""
    w = world()
    w.sim.faults.add(Fault(status=405, body=UI_HOST, content_type="text/html", times=None))
    response = w.post("/fivetran", b'{"setup_test": true}')
    assert response.status_code == 400
    assert response.get_json()["errorMessage"].startswith("LANGSMITH_BASE_URL: this is not the API's host; write api.smith")


@pytest.mark.parametrize(("target", "method"), [("/fivetran", "GET"), ("/fivetran", "PUT"), ("/sync", "PUT")])
def test_a_wrong_method_is_a_405(world: Callable[..., World], target: str, method: str) -> None:
    """A method that a target does not take is answered as JSON."""
    response = world().request(method, target)
    assert response.status_code == 405
    assert set(response.get_json()) == {"errorMessage"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(status=500, times=None), 502),
        (Fault(status=503, times=None), 503),
        (Fault(reset=True, times=None), 503),
        (Fault(status=200, body="<html>", content_type="text/html", times=None), 502),
        (Fault(truncate=0.5, times=None), 502),
    ],
    ids=["500", "503", "reset", "not json", "truncated"],
)
@pytest.mark.parametrize("target", ["/fivetran", "/sync"])
def test_langsmith_down_is_no_empty_success(world: Callable[..., World], fault: Fault, status: int, target: str) -> None:
    """A call that got nothing after its retries is a 502 or 503 with a message and no state."""
    w = world()
    w.sim.corpus(projects=1, runs=10)
    w.sim.faults.clear()
    fault.struck = 0
    w.sim.faults.add(fault)
    response = w.post(target, b"{}")
    assert response.status_code == status
    assert set(response.get_json()) == {"errorMessage"}


def test_a_setup_test_is_one_small_authenticated_request(world: Callable[..., World]) -> None:
    """setup_test makes one request, moves nothing, and answers in under 4 KB."""
    w = world()
    w.sim.corpus(projects=3, runs=50)
    step = w.fivetran.setup_test()
    assert (step.rows, step.has_more, len(w.sim.requests)) == ({}, False, 1)
    assert step.response_bytes < 4096


def test_a_setup_test_of_a_hanging_langsmith_ends_soon(world: Callable[..., World]) -> None:
    """The setup test is answered within half a minute, however long LangSmith hangs."""
    w = world()
    w.sim.faults.add(Fault(slow=3600.0, times=None))
    begun = w.clock.now()
    assert w.post("/fivetran", b'{"setup_test": true}').status_code == 503
    assert (w.clock.now() - begun).total_seconds() <= 30


def test_a_fault_of_our_own_is_a_500_that_says_nothing_of_the_data(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception becomes a JSON 500 with its class only, because its text may hold data."""
    w = world()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a payload")

    monkeypatch.setattr(protocol, "parse", broken)
    response = w.post("/fivetran", b"{}")
    assert response.status_code == 500
    assert response.get_json() == {
        "errorMessage": "internal error (ZeroDivisionError); report it with the trace in the log; the state has not moved"
    }


def test_duckdb_is_refused_on_cloud_run(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """A DuckDB file is refused where K_SERVICE is set: the disk is memory there, and every row would be lost."""
    w = world()
    monkeypatch.setenv("K_SERVICE", "sync")
    response = w.post("/sync", b"")
    assert (response.status_code, response.get_json()["errorMessage"].split(" ")[0]) == (400, "SINK:")


def test_status_has_no_side_effects(world: Callable[..., World], tmp_path: Any) -> None:
    """GET on `sync` creates no file and makes no request. After a pass it shows rows and state."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"))
    empty = w.request("GET", "/sync?state=1").get_json()
    assert {name: empty[name] for name in ("exists", "busy", "rows", "state", "complete_to", "passes", "last_error")} == {
        "exists": False,
        "busy": False,
        "rows": {},
        "state": None,
        "complete_to": None,
        "passes": [],
        "last_error": None,
    }
    assert list(tmp_path.iterdir()) == []
    assert w.sim.requests == []
    w.sync_locally()
    status = w.request("GET", "/sync?state=1").get_json()
    assert (status["rows"]["langsmith_run"], status["state"]["version"]) == (1, 2)
    assert "state" not in w.request("GET", "/sync").get_json()
