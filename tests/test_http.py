"""Tests of both targets as they run: a functions-framework process, a simulator on a socket, a strict Fivetran over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import leaks
import pytest
import requests

from fivetran_model import CallFailed, Fivetran, over_http
from product import JSON_COLUMNS, TIMESTAMP_COLUMNS, known_truth, rows_of
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Simulator

ROOT = Path(__file__).parents[1]


@pytest.fixture
def sim() -> Iterator[tuple[Simulator, str]]:
    """Return a simulated workspace with some data, on a loopback port, in real time."""
    simulator = Simulator(mode="dual", seed=7)
    simulator.corpus(projects=3, runs=300, days=20)
    with simulator.serve() as base_url:
        yield simulator, base_url


@contextmanager
def served(target: str, folder: Path, **environment: str) -> Iterator[str]:
    """Serve the target in a functions-framework process of its own. Yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--source", str(ROOT / "main.py"), "--target", target]
    log = (folder / f"{target}-{port}.log").open("wb")
    process = subprocess.Popen(  # noqa: S603  our own interpreter and arguments
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "THREADS": "4", **environment},
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(port, process, Path(log.name))
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()
        log.close()
        assert not leaks.KEY.search(Path(log.name).read_text())


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(log.read_text())
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server did not come up")


def test_fivetran_over_real_http(sim: tuple[Simulator, str], tmp_path: Path) -> None:
    """A strict Fivetran gets every row of the workspace from a real server, with its secrets in the request."""
    simulator, base_url = sim
    secrets = {"LANGSMITH_API_KEY": DEFAULT_API_KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "LANGSMITH_BASE_URL": base_url}
    with served("fivetran", tmp_path) as url:
        fivetran = Fivetran(over_http(url), json_columns=JSON_COLUMNS, timestamp_columns=TIMESTAMP_COLUMNS)
        fivetran.setup_test(secrets=secrets)
        with pytest.raises(CallFailed, match="401: LANGSMITH_API_KEY"):
            fivetran.setup_test(secrets={**secrets, "LANGSMITH_API_KEY": "lsv2_pt_wrong"})
        fivetran.sync(secrets=secrets, custom_payload={"MAX_RESPONSE_MB": "0.5", "PAGE_SIZE": 50})
    for table, records in known_truth(simulator.workspace).items():
        assert {key[0] for key in fivetran.tables[table]} == set(records)


def _pieces(size: int) -> Iterator[bytes]:
    """Yield a body of so many bytes, as a client sends one whose length it does not know."""
    for _ in range(size // 100_000):
        yield b" " * 100_000


@pytest.mark.parametrize("target", ["fivetran", "sync"])
def test_a_body_beyond_the_bound_is_refused_over_real_http(tmp_path: Path, target: str) -> None:
    """A body that is too large is a 400, announced or chunked, read or not. The server then answers the next request."""
    environment = {"LANGSMITH_API_KEY": "", "LANGSMITH_TENANT_ID": ""}
    with served(target, tmp_path, **environment) as url:
        for body in (b" " * 5_000_000, _pieces(5_000_000), _pieces(40_000_000)):
            answer = requests.post(url, data=body, timeout=60)
            assert (answer.status_code, answer.json()["errorMessage"].split(";")[0]) == (400, "body: larger than 4000000 bytes")
        for size in (3_000_000, 0):
            answer = requests.post(url, data=_pieces(size), timeout=60)
            assert (answer.status_code, "larger" in answer.json()["errorMessage"]) == (400, False)


def test_a_length_that_is_a_lie_is_no_fault_of_ours(tmp_path: Path) -> None:
    """A body that ends before its length is a 400, or the connection ends. The next request is answered."""
    with served("fivetran", tmp_path, LANGSMITH_API_KEY="", LANGSMITH_TENANT_ID="") as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        for announced in (100, 5_000_000):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n{}" % announced)
                client.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: client.recv(65_536), b""))
            assert answer.startswith(b"HTTP/1.1 400") or answer == b""
        assert requests.post(url, data=b"{}", timeout=60).json()["errorMessage"].startswith("LANGSMITH_API_KEY: missing")


def test_sync_over_real_http(sim: tuple[Simulator, str], tmp_path: Path) -> None:
    """POST until hasMore is false lands every row in the file. GET shows the status with the same counts."""
    simulator, base_url = sim
    database = str(tmp_path / "rows.duckdb")
    environment = {
        "LANGSMITH_API_KEY": DEFAULT_API_KEY,
        "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
        "LANGSMITH_BASE_URL": base_url,
        "LOCAL_DB": database,
        "MAX_SECONDS": "0.2",
    }
    with served("sync", tmp_path, **environment) as url:
        answers = [requests.post(url, timeout=60).json()]
        while answers[-1]["hasMore"]:
            answers.append(requests.post(url, timeout=60).json())
        status = requests.get(url, timeout=60).json()
    truth = known_truth(simulator.workspace)
    assert set(answers[0]) == {"hasMore", "rows", "requests", "seconds"}
    assert status["rows"] == {table: len(records) for table, records in truth.items()}
    for table, records in truth.items():
        assert set(rows_of(database, table)) == set(records)


def test_a_second_process_on_the_file_is_told_so(sim: tuple[Simulator, str], tmp_path: Path) -> None:
    """A pass is a 409 that names the file while another process has it open. Afterwards the pass runs."""
    database = str(tmp_path / "rows.duckdb")
    environment = {
        "LANGSMITH_API_KEY": DEFAULT_API_KEY,
        "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
        "LANGSMITH_BASE_URL": sim[1],
        "LOCAL_DB": database,
    }
    with served("sync", tmp_path, **environment) as url:
        with duckdb.connect(database):
            busy = requests.post(url, timeout=60)
        assert busy.status_code == 409
        assert json.loads(busy.content)["errorMessage"].startswith(f"LOCAL_DB: another process has {database} open")
        assert requests.post(url, timeout=60).status_code == 200
