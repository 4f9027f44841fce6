"""The Firestore emulator of the tests: Google's own, from the gcloud SDK, on a free port, until the block ends.

docs/firestore.md says where it differs from Firestore.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from emulators.listening import free_port, wait

JAR = Path("platform", "cloud-firestore-emulator", "cloud-firestore-emulator.jar")
CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
START_SECONDS = 60


class Emulator:
    """A running emulator."""

    def __init__(self, address: str, pid: int) -> None:
        self.address, self._pid = address, pid

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the process, connections open, until the block ends. Then it goes on with all that was sent."""
        os.killpg(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._pid, signal.SIGCONT)


def missing() -> str | None:
    """Return why the emulator cannot be started, or None where it can."""
    if not shutil.which("java"):
        return "the Firestore emulator needs Java 11 or newer on the PATH"
    if not shutil.which("gcloud"):
        return "the Firestore emulator comes with the gcloud SDK, which is not on the PATH"
    if not _jar().exists():
        return "the gcloud SDK has no Firestore emulator; run `gcloud components install cloud-firestore-emulator`"
    return None


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """Run an empty emulator that writes its log into `folder`."""
    port = free_port()
    log = folder / "emulator.log"
    # The class itself and not gcloud's wrapper: one process, so that killing it ends the emulator.
    command = ["java", "-Xmx512m", "-Duser.language=en", "-cp", str(_jar()), CLASS, "start"]
    command += ["--host=127.0.0.1", f"--port={port}", "--project_id=emulated"]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True) as process,  # noqa: S603  the SDK's own
    ):
        try:
            wait(process, port, log, "Firestore", START_SECONDS)
            yield Emulator(f"127.0.0.1:{port}", process.pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@cache
def _jar() -> Path:
    command = ["gcloud", "info", "--format=value(installation.sdk_root)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  the user's own SDK
    return Path(done.stdout.strip()) / JAR
