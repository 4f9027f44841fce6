"""A process of an emulator: a free port for it, and waiting until it listens."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait(process: subprocess.Popen[bytes], port: int, log: Path, name: str, seconds: float) -> None:
    """Wait until the process listens. Raises RuntimeError with the end of its log where it ends before, or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the {name} emulator did not start; it wrote:\n{log.read_text()[-2000:]}")
