"""The model over a real socket: a function that functions-framework serves in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fivetran_model import CallFailed, Fivetran, ProtocolViolation, over_http
from fivetran_model.samples import KEY, WHOLE
from fivetran_model.tiny_function import PEOPLE_COUNT

SOURCE = Path(__file__).with_name("tiny_function.py")
START_SECONDS_MAX = 60


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of the tiny function, served until the last test of this file."""
    port = _free_port()
    command = [sys.executable, "-m", "functions_framework", "--source", str(SOURCE), "--target", "tiny"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 -- own file
        try:
            _wait_until_it_answers(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"the function does not answer on port {port}; its process ended with {process.returncode}")


def test_a_sync_over_a_socket(url: str) -> None:
    """Every row of the source is in the table, non-ASCII text included, and a second sync changes nothing."""
    fivetran = Fivetran(over_http(url))
    assert fivetran.sync(secrets=KEY).rows == {"person": PEOPLE_COUNT}
    assert fivetran.tables == WHOLE
    fivetran.sync(secrets=KEY)
    assert fivetran.tables == WHOLE


def test_a_failure_over_a_socket(url: str) -> None:
    """Status and message of a failure come through."""
    with pytest.raises(CallFailed) as caught:
        Fivetran(over_http(url)).setup_test(secrets={"API_KEY": "wrong"})
    assert caught.value.status == 401


def test_a_crash_of_the_function_is_refused(url: str) -> None:
    """The framework's own error page is no answer of the protocol."""
    with pytest.raises(ProtocolViolation, match=r"^content-type: .*status 500"):
        Fivetran(over_http(url)).step(secrets=["no object"])


def test_a_function_that_is_not_there() -> None:
    """No answer at all is the transport's error, and nothing moves."""
    fivetran = Fivetran(over_http(f"http://127.0.0.1:{_free_port()}"))
    with pytest.raises(requests.ConnectionError):
        fivetran.sync()
    assert fivetran.states == [{}]
