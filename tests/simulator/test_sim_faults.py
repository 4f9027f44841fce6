"""Planned faults: which requests they strike, and what the client receives."""

import pytest
import requests

from simulator import Fault, Simulator
from simulator.client import Api, make

HTML = b"<html><head><title>502 Server Error</title></head></html>"


@pytest.fixture
def full() -> tuple[Simulator, Api, dict[str, object]]:
    """A project with three runs and a query of two pages."""
    sim, api = make("dual")
    project = sim.workspace.add_project("one")
    for second in range(3):
        sim.workspace.add_run(project, start_time=f"2026-05-31T10:00:0{second}Z")
    return sim, api, {"session": [project], "limit": 2}


def test_status_body_and_headers_replace_the_answer(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """Only the nth request of a kind gets the planned answer, and it is recorded."""
    sim, api, body = full
    fault = sim.faults.add(
        Fault(kind="runs", nth=2, status=502, body=HTML, content_type="text/html", headers={"X-Cache": "miss"})
    )
    answers = [api.post("/runs/query", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 502, 200]
    assert (answers[1].content, answers[1].headers["Content-Type"], answers[1].headers["X-Cache"]) == (
        HTML,
        "text/html",
        "miss",
    )
    assert [request.status for request in sim.requests] == [200, 502, 200]
    assert (fault.matched, fault.struck) == (3, 1)
    assert api.get("/sessions").status_code == 200


def test_predicate_times_and_clearing_choose_what_is_struck(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """A fault strikes requests that meet its predicate, as often as `times` says, until the plan is cleared."""
    sim, api, _ = full
    sim.faults.add(Fault(when=lambda request: dict(request.query).get("limit") == "7", status=500, body="no", times=2))
    statuses = [api.get("/sessions", limit=limit).status_code for limit in (7, 6, 7, 7)]
    assert statuses == [500, 200, 500, 200]
    sim.faults.add(Fault(kind="sessions", status=503, body={"detail": "later"}, times=None))
    assert [api.get("/sessions").json() for _ in range(2)] == [{"detail": "later"}] * 2
    sim.faults.clear()
    assert api.get("/sessions").status_code == 200


def test_probability_is_seeded() -> None:
    """The same seed strikes the same requests."""

    def struck() -> list[int]:
        sim, api = make()
        sim.faults.add(Fault(kind="sessions", probability=0.3, status=500, times=None))
        return [api.get("/sessions").status_code for _ in range(30)]

    assert struck() == struck()
    assert 0 < struck().count(500) < 30


@pytest.mark.parametrize("socket", [False, True])
def test_connections_break(full: tuple[Simulator, Api, dict[str, object]], socket: bool) -> None:
    """A reset is the same error in-process and over a socket. A request whose answer is lost is carried out."""
    sim, api, _ = full
    sim.faults.add(Fault(kind="sessions", reset=True))
    sim.faults.add(Fault(kind="write", lose_answer=True))
    with sim.serve() as base_url:
        url = base_url if socket else "https://api.smith.langchain.com"
        with pytest.raises(requests.ConnectionError, match="Connection aborted"):
            api.session.get(f"{url}/sessions", timeout=5)
        with pytest.raises(requests.ConnectionError, match="Connection aborted"):
            api.session.post(f"{url}/sessions", json={"name": "two"}, timeout=5)
        assert len(api.session.get(f"{url}/sessions", timeout=5).json()) == 2


@pytest.mark.parametrize("socket", [False, True])
@pytest.mark.parametrize("cut", [0, 20, 0.5])
def test_answers_are_cut(full: tuple[Simulator, Api, dict[str, object]], socket: bool, cut: float) -> None:
    """A truncated answer is a connection error for the client, never shorter data."""
    sim, api, _ = full
    sim.faults.add(Fault(kind="sessions", truncate=cut))
    with sim.serve() as base_url:
        url = base_url if socket else "https://api.smith.langchain.com"
        with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
            api.session.get(f"{url}/sessions", timeout=5)
        assert api.session.get(f"{url}/sessions", timeout=5).status_code == 200


def test_redirects_lead_elsewhere(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """A redirect names another host, and a client that follows it sends the request there."""
    sim, api, _ = full
    sim.faults.add(Fault(kind="sessions", redirect="https://elsewhere.example.com/sessions"))
    answer = api.session.get("https://api.smith.langchain.com/sessions", allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example.com/sessions")


def test_slow_answers_take_the_clocks_time(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """In-process a slow answer moves the clock. Past the timeout it is a ReadTimeout, after exactly the timeout."""
    sim, api, _ = full
    sim.faults.add(Fault(kind="sessions", slow=30.0, times=2))
    before = sim.clock.now()
    answer = api.get("/sessions")
    assert (answer.status_code, (sim.clock.now() - before).total_seconds()) == (200, 30.0)
    assert answer.headers["Date"] == "Mon, 01 Jun 2026 00:00:00 GMT"
    with pytest.raises(requests.ReadTimeout):
        api.session.get("https://api.smith.langchain.com/sessions", timeout=(5, 10))
    assert (sim.clock.now() - before).total_seconds() == 40.0


def test_slow_answers_over_a_socket_take_real_time(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """Over a socket the client's own timeout runs out."""
    sim, api, _ = full
    sim.faults.add(Fault(kind="sessions", slow=0.5))
    with sim.serve() as base_url, pytest.raises(requests.ReadTimeout):
        api.session.get(f"{base_url}/sessions", timeout=0.1)


def test_repeated_cursor_serves_the_first_page_again(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """With the fault a cursor leads to the first page again, on both API versions; the first page itself is unaffected."""
    sim, api, body = full
    sim.faults.add(Fault(kind="runs", cursor="repeat", times=2))
    first = api.post("/runs/query", body).json()
    again = api.post("/runs/query", {**body, "cursor": first["cursors"]["next"]}).json()
    assert again == first
    v2 = {"project_ids": body["session"], "page_size": 2}
    first = api.post("/api/v2/runs/query", v2).json()
    again = api.post("/api/v2/runs/query", {**v2, "cursor": first["next_cursor"]}).json()
    assert again == first


def test_expired_cursor_is_refused_once(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """The fault refuses a cursor once, on both API versions; the next try works."""
    sim, api, body = full
    sim.faults.add(Fault(kind="runs", cursor="expire", times=2))
    cursor = api.post("/runs/query", body).json()["cursors"]["next"]
    v2 = {"project_ids": body["session"], "page_size": 2}
    v2_cursor = api.post("/api/v2/runs/query", v2).json()["next_cursor"]
    assert api.post("/runs/query", {**body, "cursor": cursor}).status_code == 400
    assert api.post("/api/v2/runs/query", {**v2, "cursor": v2_cursor}).status_code == 400
    assert api.post("/runs/query", {**body, "cursor": cursor}).status_code == 200


@pytest.mark.parametrize(("shift", "seen"), [(-1, [0, 1, 1, 2]), (1, [0, 1, 3])])
def test_offsets_shift_behind_the_first_page(shift: int, seen: list[int]) -> None:
    """A shifted offset repeats or skips rows, as additions and deletions between two pages do."""
    sim, api = make()
    made = [sim.workspace.add_project(str(number), start_time=f"2026-05-0{9 - number}") for number in range(4)]
    sim.faults.add(Fault(kind="sessions", offset_shift=shift))
    pages = [api.get("/sessions", limit=2, offset=offset).json() for offset in (0, 2)]
    assert [made.index(row["id"]) for page in pages for row in page] == seen


def test_an_answer_may_be_rewritten(full: tuple[Simulator, Api, dict[str, object]]) -> None:
    """`rewrite` changes the body of a true 200; an answer that is an error stays as it is."""
    sim, api, body = full
    fault = sim.faults.add(Fault(rewrite=lambda content: content.replace(b'"one"', b"null"), times=None))
    assert [one["name"] for one in api.get("/sessions").json()] == [None]
    assert api.get("/sessions/none").status_code == 422
    assert fault.struck == 2
    sim.faults.clear()
    assert [one["name"] for one in api.get("/sessions").json()] == ["one"]
    assert len(api.post("/runs/query", body).json()["runs"]) == 2
