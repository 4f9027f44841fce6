"""Tests of who may call a target off Google Cloud, by which method, and that every answer is JSON.

They run in the process, and on a functions-framework process started as the README says. Not here: what a good call does
(test_http).
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_http import served

from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Simulator

HERE = [
    {"Host": "localhost"},
    {"Host": "LOCALHOST.:8080"},
    {"Host": "127.0.0.1:8080"},
    {"Host": "127.8.8.8"},
    {"Host": "[::1]:8080"},
    {"Host": "localhost", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
    {"Host": "localhost", "Origin": "https://127.0.0.1", "Sec-Fetch-Site": "same-origin"},
    {"Host": "localhost", "Sec-Fetch-Site": "none"},
]
OTHER_HOSTS = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8080",
    "evil.localhost",
    "192.168.0.7:8080",
    "0.0.0.0:8080",
    "[::]",
    "[2001:db8::1]:8080",
    "localhost, evil.example",
    "user@localhost",
    "2130706433",
    "",
]
OTHER_ORIGINS = [
    "https://evil.example",
    "null",
    "",
    "http://localhost.evil.example",
    "file://",
    "http://192.168.0.7",
    "localhost",
]
ELSEWHERE = [
    *({"Host": host} for host in OTHER_HOSTS),
    *({"Host": "localhost", "Origin": origin} for origin in OTHER_ORIGINS),
    {"Host": "localhost", "Sec-Fetch-Site": "cross-site"},
]
TARGETS = {"fivetran": ("POST",), "sync": ("GET", "HEAD", "POST")}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


@pytest.fixture
def w(world: Callable[..., World]) -> World:
    """Return an empty workspace."""
    return world("dual")


def message(answer: Any) -> str:
    """Return what a failing JSON answer says, and check that it says nothing else."""
    assert answer.content_type == "application/json"
    told = json.loads(answer.data)
    assert told.keys() == {"errorMessage"}
    return str(told["errorMessage"])


@pytest.mark.parametrize("headers", HERE, ids=str)
def test_this_machine_may_call(w: World, headers: dict[str, str]) -> None:
    """A call by any name or address of this machine is allowed, also from a page that it serves."""
    assert w.post("/sync", b"", **headers).status_code == 200


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_nobody_else_may(w: World, headers: dict[str, str], target: str) -> None:
    """Any other call is a 403 before anything is done: no request, no file. The answer says how to call."""
    answer = w.post(f"/{target}", b"{}", **headers)
    assert answer.status_code == 403
    assert message(answer).startswith("Host: " if headers["Host"] != "localhost" else "Origin: ")
    assert w.sim.requests == []
    assert not Path(w.database).exists()


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_on_google_cloud_it_is_iam_who_decides(w: World, headers: dict[str, str]) -> None:
    """On Google Cloud, Host is the service's own address, and IAM decides."""
    w.configure(K_SERVICE="langsmith-fivetran")
    assert w.post("/fivetran", b"{}", **headers).status_code == 200


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_its_methods_and_names_them(w: World, target: str, method: str) -> None:
    """Any other method is a 405 with an Allow header (RFC 9110). HEAD is GET without its body."""
    answer = w.request(method, f"/{target}")
    if method in TARGETS[target]:
        assert (answer.status_code, "Allow" in answer.headers) == (200, False)
    else:
        assert (answer.status_code, answer.headers["Allow"]) == (405, ", ".join(TARGETS[target]))
    assert answer.content_type == "application/json"
    assert (len(answer.data) > 0) == (method != "HEAD")
    if method == "HEAD":
        assert w.request("GET", f"/{target}").status_code == answer.status_code


def test_a_status_by_head_changes_nothing(w: World) -> None:
    """HEAD creates no file, as GET creates none."""
    assert w.request("HEAD", "/sync").status_code == 200
    assert not Path(w.database).exists()


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Run both targets in processes of their own, each on its port."""
    folder, sim = tmp_path_factory.mktemp("processes"), Simulator(mode="dual", seed=7)
    sim.workspace.add_run(sim.workspace.add_project("p"))
    with sim.serve() as base_url:
        environment = {
            "LANGSMITH_API_KEY": DEFAULT_API_KEY,
            "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
            "LANGSMITH_BASE_URL": base_url,
            "LOCAL_DB": str(folder / "rows.duckdb"),
        }
        with served("sync", folder, **environment) as sync, served("fivetran", folder, **environment) as fivetran:
            yield {name: int(url.rstrip("/").rpartition(":")[2]) for name, url in {"sync": sync, "fivetran": fivetran}.items()}


def raw(port: int, request: bytes, method: str = "POST") -> http.client.HTTPResponse:
    """Send these bytes, whatever they are, and return the server's answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        response.data = response.read()  # type: ignore[attr-defined]
        response.content_type = response.headers["Content-Type"]  # type: ignore[attr-defined]
    return response


def lines(*headers: str, method: str = "POST", path: str = "/", body: bytes = b"", host: str = "localhost") -> bytes:
    """Return a request as bytes for the connection."""
    named = [f"Host: {host}", *headers, "Connection: close"]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *named, "", ""]).encode() + body


@pytest.mark.parametrize("target", TARGETS)
def test_a_real_server_lets_this_machine_in_and_nobody_else(processes: dict[str, int], target: str) -> None:
    """A DNS name that an attacker points here, and a page's POST, are 403. The same call by localhost is made."""
    port = processes[target]
    for refused in (lines(host="evil.example"), lines("Origin: https://evil.example"), lines("Sec-Fetch-Site: cross-site")):
        assert (answer := raw(port, refused)).status == 403
        assert "call" in message(answer)
    body = b"{}"
    for host in ("localhost", f"127.0.0.1:{port}"):
        assert raw(port, lines(f"Content-Length: {len(body)}", host=host, body=body)).status == 200


# name: (the request, the status)
REFUSED: dict[str, tuple[bytes, int]] = {
    "a wrong method": (lines(method="DELETE"), 405),
    "a wrong method with a body": (lines("Content-Length: 5", method="PUT", body=b"hello"), 405),
    "OPTIONS, as before a page's call": (lines("Access-Control-Request-Method: POST", method="OPTIONS"), 405),
    "a path that the framework keeps": (lines(path="/robots.txt"), 404),
    "a page's icon": (lines(path="/favicon.ico", method="GET"), 404),
    "a body that breaks off": (lines("Content-Length: 500", body=b"{}"), 400),
    "a chunk that is none": (lines("Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"), 400),
    "chunks that break off": (lines("Transfer-Encoding: chunked", body=b"5\r\n{}"), 400),
    "a chunk without its end": (lines("Transfer-Encoding: chunked", body=b"2\r\n{}xx0\r\n\r\n"), 400),
    "a wrong method with chunks that are none": (lines("Transfer-Encoding: chunked", method="PUT", body=b"zz\r\n"), 400),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("target", TARGETS)
def test_every_answer_of_a_real_server_is_json(processes: dict[str, int], target: str, case: str) -> None:
    """The framework or server would refuse these in HTML or close the connection. The answer is JSON with the status."""
    request, status = REFUSED[case]
    answer = raw(processes[target], request)
    assert (answer.status, message(answer) != "") == (status, True)


@pytest.mark.parametrize("path", ["/anything", "/%00%ff", "/a/../b?c=d"])
def test_a_path_is_nothing_to_a_target(processes: dict[str, int], path: str) -> None:
    """A target ignores the path, because Google hands on whatever path was asked for."""
    answer = raw(processes["sync"], lines(method="GET", path=path))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(("target", "status"), [("sync", 200), ("fivetran", 405)])
def test_head_on_a_real_server_has_no_body(processes: dict[str, int], target: str, status: int) -> None:
    """A HEAD answer has GET's headers and no body."""
    answer = raw(processes[target], lines(method="HEAD"), method="HEAD")
    assert (answer.status, answer.headers["Content-Type"], answer.read()) == (status, "application/json", b"")
    assert int(answer.headers["Content-Length"]) > 0
