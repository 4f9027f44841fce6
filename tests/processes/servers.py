"""The processes of these tests: a simulated LangSmith, and `sync` served by functions-framework and killed without warning.

Here: starting, watching, stopping and killing them. Each has a process group of its own, which ends with its block. The tests
check what the processes must have done.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import leaks
import requests
from processes.workspace import ROOT, made

from product import known_truth
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Simulator
from simulator.settings import Mode

WAITING_SECONDS = 300
"""The longest wait for an event that must come. No test measures time by it."""


class Source:
    """A simulated LangSmith that runs beside the test. `answered` counts its requests. `store` is what it holds."""

    def __init__(self, process: subprocess.Popen[str], simulator: Simulator) -> None:
        assert process.stdout
        self._process, self._lines = process, process.stdout
        self.url = self._lines.readline().strip()
        self.answered = 0
        self.store = simulator.workspace
        self.truth = known_truth(self.store)
        threading.Thread(target=self._count, daemon=True).start()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Take requests, and answer none until the block ends."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def _count(self) -> None:
        for _ in self._lines:
            self.answered += 1


@contextmanager
def langsmith(now: str, seed: int, runs: int, mode: Mode = "clickhouse", days: float = 12) -> Iterator[Source]:
    """Serve a workspace until the block ends."""
    command = [sys.executable, str(ROOT / "tests" / "processes" / "workspace.py"), now, str(seed), str(runs), mode, str(days)]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield Source(process, made(now, seed, runs, mode, days))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


class Function:
    """`sync` behind functions-framework. What it logs is in `log`."""

    def __init__(self, source: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self.log = folder / f"function-{self._port}.log"
        command = [sys.executable, "-m", "functions_framework", "--source", str(source), "--target", "sync"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [*command, "--host", "127.0.0.1", "--port", str(self._port)],
                cwd=ROOT,
                env={**_clean(folder), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def group(self) -> int:
        """The process group of the server and its worker."""
        return self._process.pid

    def wait(self) -> None:
        """Wait until it takes connections."""
        deadline = time.monotonic() + WAITING_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.01)
        raise RuntimeError(f"the function did not start:\n{self.log.read_text()[-2000:]}")

    def post(self) -> tuple[int, dict[str, Any]]:
        """Make one pass. Return the status and the answer, or raise requests.ConnectionError where the server has gone."""
        return self.ask("POST")

    def ask(self, method: str, **given: Any) -> tuple[int, dict[str, Any]]:
        """Make a call. Return the status and the answer, or raise requests.ConnectionError with what the server logged last."""
        with requests.Session() as session:
            session.trust_env = False  # a proxy for the internet is none for loopback
            try:
                response = session.request(method, self.url, timeout=WAITING_SECONDS, **given)
            except requests.ConnectionError as error:
                error.add_note(f"the server logged last:\n{self.log.read_text()[-2000:]}")
                raise
        return response.status_code, response.json()

    def kill(self) -> None:
        """Kill the server and its worker by `kill -9`, whatever they do. A second call does nothing."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def function(folder: Path, environment: Mapping[str, str], *, source: Path = ROOT / "main.py") -> Iterator[Function]:
    """Start a function server that takes connections. Kill it at the end of the block, if it still runs."""
    one = Function(source, folder, environment)
    try:
        one.wait()
        yield one
    finally:
        one.kill()
        assert not leaks.KEY.search(one.log.read_text())


def configured(source: Source, **environment: str) -> dict[str, str]:
    """Return the environment that a function needs to read this workspace."""
    return {
        "LANGSMITH_API_KEY": DEFAULT_API_KEY,
        "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
        "LANGSMITH_BASE_URL": source.url,
        **environment,
    }


def _clean(folder: Path) -> dict[str, str]:
    """Return the environment without this machine's configuration. Temporary files of a killed process stay in `folder`."""
    ours = ("LANGSMITH_", "GOOGLE_", "BIGQUERY_", "FIRESTORE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "THREADS": "4", "TMPDIR": str(folder)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
