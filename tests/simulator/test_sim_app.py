"""The simulator's entry: paths, hosts, methods, recorded requests."""

import subprocess
import sys
import threading

import pytest
import requests
from werkzeug.test import Client

import simulator
from simulator import Clock, Simulator
from simulator.client import Api, make
from simulator.settings import Mode


def test_exports_are_what_the_package_names() -> None:
    """Every name in `__all__` exists."""
    assert all(hasattr(simulator, name) for name in simulator.__all__)


@pytest.mark.parametrize("prefix", ["/api/v1", "/v1", "/api", ""])
def test_v1_is_served_under_every_prefix(prefix: str) -> None:
    """The SDK calls bare paths, the specification prefixed ones."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    answer = api.session.get(f"https://api.smith.langchain.com{prefix}/sessions", timeout=5)
    assert [row["id"] for row in answer.json()] == [project]


@pytest.mark.parametrize("prefix", ["/api", ""])
def test_v2_is_served_with_and_without_api(prefix: str) -> None:
    """v2 stands under /api/v2 and /v2."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    url = f"https://api.smith.langchain.com{prefix}/v2/runs/query"
    assert api.session.post(url, json={"project_ids": [project]}, timeout=5).json()["items"] == []


def test_unknown_paths_and_methods_are_refused() -> None:
    """An unknown path is a 404; a known path with another method is a 405, as GET /runs."""
    _, api = make()
    assert [api.get(path).status_code for path in ("/nothing", "/runs/query")] == [404, 422]
    assert api.session.delete("https://api.smith.langchain.com/api/v1/info", timeout=5).status_code == 405
    assert api.post("/sessions/1/2/3", {}).status_code == 404


def test_ui_host_answers_html_as_nginx_does() -> None:
    """A request to the UI's host gets a 405 with HTML."""
    sim, _ = make()
    session = requests.Session()
    session.mount("https://", sim.adapter())
    answer = session.get("https://eu.smith.langchain.com/api/v1/sessions", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "text/html")
    assert "nginx" in answer.text


def test_date_header_is_the_clocks() -> None:
    """Every answer, refusals included, carries the simulator's time."""
    sim, api = make()
    assert api.get("/info").headers["Date"] == "Mon, 01 Jun 2026 00:00:00 GMT"
    sim.clock.advance(hours=1)
    assert Api(sim, **{"X-API-Key": "no"}).get("/sessions").headers["Date"] == "Mon, 01 Jun 2026 01:00:00 GMT"


def test_requests_are_recorded_in_order() -> None:
    """The simulator records method, path, query, body, headers, status and kind of every request, in order."""
    sim, api = make()
    api.get("/sessions", id=["00000000-0000-4000-8000-000000000001"], limit=5)
    api.post("/runs/query", {"session": []})
    recorded = [(one.method, one.path, one.query, one.body, one.status, one.kind) for one in sim.requests]
    assert recorded == [
        (
            "GET",
            "/api/v1/sessions",
            [("id", "00000000-0000-4000-8000-000000000001"), ("limit", "5")],
            None,
            200,
            "sessions",
        ),
        ("POST", "/api/v1/runs/query", [], {"session": []}, 400, "runs"),
    ]
    assert sim.requests[0].headers.get("x-api-key") == sim.api_key
    sim.requests.clear()
    assert sim.requests == []


@pytest.mark.parametrize(
    ("mode", "flags"),
    [
        ("clickhouse", {"ch_query_enabled": True}),
        ("dual", {"ch_query_enabled": True, "sdb_query_enabled": True}),
        ("smithdb", {"ch_query_enabled": False, "sdb_query_enabled": True}),
    ],
)
def test_info_tells_the_backend_without_a_key(mode: Mode, flags: dict[str, bool]) -> None:
    """/info needs no key and follows the mode, which may change at any moment."""
    sim, api = make()
    sim.mode = mode
    api.session.headers.clear()
    info = api.get("/info").json()
    shown = {name: value for name, value in info["instance_flags"].items() if name.endswith("query_enabled")}
    assert shown == flags
    assert info["batch_ingest_config"]["size_limit_bytes"] == 20_971_520


def test_query_string_that_is_too_long_breaks_the_server() -> None:
    """Too many ids in a URL are a 500, as users reported of the real server."""
    sim, api = make()
    ids = [sim.workspace.new_id() for _ in range(300)]
    assert api.get("/feedback", run=ids[:50]).status_code == 200
    assert api.get("/feedback", run=ids).status_code == 500


def test_socket_and_adapter_answer_the_same() -> None:
    """The loopback server and the in-process adapter give the same bytes and the same Date."""
    sim, api = make("dual")
    sim.corpus(projects=2, runs=20)
    project = api.get("/sessions").json()[0]["id"]
    body = {"session": [project], "limit": 3}
    with sim.serve() as base_url:
        served = requests.post(f"{base_url}/api/v1/runs/query", json=body, headers={"X-API-Key": sim.api_key}, timeout=5)
    own = api.post("/runs/query", body)
    assert served.content == own.content
    same = ("Date", "Content-Type", "Content-Length", "Deprecation", "Sunset")
    assert [served.headers[name] for name in same] == [own.headers[name] for name in same]


def test_server_answers_many_threads_at_once() -> None:
    """Requests of several threads are all answered and all recorded."""
    sim, _ = make()
    sim.workspace.add_project("one")
    answers: list[int] = []

    def ask(url: str) -> None:
        with requests.Session() as session:
            session.headers["X-API-Key"] = sim.api_key
            answers.extend(session.get(f"{url}/sessions", timeout=5).status_code for _ in range(10))

    with sim.serve() as base_url:
        threads = [threading.Thread(target=ask, args=(base_url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (answers, len(sim.requests)) == ([200] * 40, 40)


def test_wsgi_app_is_a_plain_wsgi_app() -> None:
    """`sim.wsgi` can be put behind any WSGI server or test client."""
    sim = Simulator(clock=Clock("2026-06-01T00:00:00Z"))
    assert Client(sim.wsgi).get("/info").status_code == 200


def test_command_line_serves_a_corpus() -> None:
    """`python -m simulator` prints its address, key and workspace, and answers."""
    command = [sys.executable, "-m", "simulator", "--port", "0", "--projects", "2", "--runs", "10", "--mode", "dual"]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--now", "2026-06-01T00:00:00Z"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        shown = dict(process.stdout.readline().strip().split("=", 1) for _ in range(3))
        answer = requests.get(
            f"{shown['LANGSMITH_BASE_URL']}/api/v1/sessions",
            headers={"X-API-Key": shown["LANGSMITH_API_KEY"], "X-Tenant-Id": shown["LANGSMITH_TENANT_ID"]},
            timeout=5,
        )
        process.terminate()
    assert len(answer.json()) == 2
    assert answer.headers["Date"] == "Mon, 01 Jun 2026 00:00:00 GMT"
