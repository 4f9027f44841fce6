"""The BigQuery emulator of the tests: `local-bigquery` in a Python of its own, on free ports, until the block ends.

`make emulators` installs it into .emulators/. docs/bigquery.md says where it differs from BigQuery.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".emulators"
PROGRAM = FOLDER / "bigquery" / "bin" / "local-bigquery"
HOME = FOLDER / "bigquery-home"
"""The folder where DuckDB finds its extensions. The emulator is built on DuckDB."""
PROJECT = "emulated"
START_SECONDS = 180


def missing() -> str | None:
    """Return why the emulator cannot be started, or None where it can."""
    if PROGRAM.exists() and HOME.exists():
        return None
    return "the BigQuery emulator is not installed; run `make emulators` (it needs Python 3.13)"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run an empty emulator that keeps its data in `folder`. Yield its `host:port`."""
    rest, grpc = _free_ports()
    log = folder / "emulator.log"
    command = [str(PROGRAM), "--host", "127.0.0.1", "--port", str(rest), "--grpc-port", str(grpc)]
    command += ["--project", PROJECT, "--dataset", "unused", "--data-dir", str(folder / "data")]
    with (
        log.open("wb") as file,
        subprocess.Popen(  # noqa: S603  the program that `make emulators` installed
            command, env={**os.environ, "HOME": str(HOME)}, stdout=file, stderr=file, start_new_session=True
        ) as process,
    ):
        try:
            _wait(process, f"http://127.0.0.1:{rest}/bigquery/v2/projects/{PROJECT}/datasets", log)
            yield f"127.0.0.1:{rest}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  our own address
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the BigQuery emulator did not start: {log.read_text()[-2000:]}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
