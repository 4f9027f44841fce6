"""The Cloud Tasks emulator of the tests: `gcloud-tasks-emulator` in a Python of its own, on a free port, until the block ends.

`make emulators` installs it into .emulators/. It gives tasks out by real HTTP and repeats what is not answered 2xx. It gives out
one task at a time and takes a name twice: tasks_door.py stands for what Cloud Tasks does beyond it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulators.listening import free_port, wait

FOLDER = Path(__file__).resolve().parents[2] / ".emulators"
PROGRAM = FOLDER / "tasks" / "bin" / "gcloud-tasks-emulator"
QUEUE = "projects/emulated/locations/here/queues/shards"
START_SECONDS = 60


def missing() -> str | None:
    """Return why the emulator cannot be started, or None where it can."""
    return None if PROGRAM.exists() else "the Cloud Tasks emulator is not installed; run `make emulators`"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run an emulator with one empty queue, QUEUE. Yield its `host:port`."""
    port, log = free_port(), folder / "tasks.log"
    command = [str(PROGRAM), "start", f"--port={port}", f"--default-queue={QUEUE}"]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True) as process,  # noqa: S603  as installed
    ):
        try:
            wait(process, port, log, "Cloud Tasks", START_SECONDS)
            yield f"127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
