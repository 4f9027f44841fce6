"""Syncs of the packed connector under Fivetran's own SDK, in processes of the interpreter in .connector.

Here: starting the server and its peer, and applying what comes to tables. The tests say what the tables must hold.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leaks import KEY

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".connector" / "bin" / "python"
PROGRAMS = Path(__file__).parent / "programs"
ROW_DATA = {"ConnectorSdkRemoveValueType": "true"}
"""What makes the SDK send rows as bytes in place of typed values."""
Table = dict[str, dict[str, Any]]


@dataclass
class Destination:
    """What Fivetran holds of one connection: the live rows by table and key, the state, and what the last sync said."""

    tables: dict[str, Table] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    schema: dict[str, dict[str, str]] = field(default_factory=dict)
    checkpoints: int = 0
    deletes: int = 0
    message: str | None = None
    log: str = ""

    def take(self, kind: str, values: list[Any]) -> None:
        """Apply a line of the peer."""
        if kind == "schema":
            (self.schema,) = values
        elif kind == "checkpoint":
            (self.state,) = values
            self.checkpoints += 1
        elif kind == "ended":
            (self.message,) = values
        else:
            table, row = values
            self._put(table, row, gone=kind == "delete")

    def _put(self, table: str, row: dict[str, Any], *, gone: bool) -> None:
        rows, key = self.tables.setdefault(table, {}), row[next(iter(self.schema[table]))]
        self.deletes += gone
        if gone:
            rows.pop(key, None)
        else:
            rows[key] = row


def packed(folder: Path) -> Path:
    """Build the folder of `make connector`, pack it as `fivetran deploy` does, unpack the zip, and return where it lies."""
    source = folder / "connector"
    command = [sys.executable, "scripts/connector_package.py", str(source)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603  our own program
    said = run(["packed.py", str(source)]).stdout.strip().splitlines()
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(said[-1]) as made:
        made.extractall(unpacked)
    return unpacked


def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a program of ours to its end."""
    whole = [str(PYTHON), "-B", str(PROGRAMS / command[0]), *command[1:]]
    return subprocess.run(whole, env=clean(), capture_output=True, text=True, check=True, **more)  # noqa: S603  our own program


def clean(**more: str) -> dict[str, str]:
    """Return an environment that says nothing about LangSmith, and keeps the SDK off the network."""
    return {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "no_proxy": "127.0.0.1,localhost", **more}


def sync(
    package: Path,
    destination: Destination,
    configuration: Mapping[str, str],
    *,
    records: int | None = None,
    seconds: float = 0.0,
    more: Mapping[str, str] | None = None,
) -> Destination:
    """Make one sync in a process of its own, and apply it. After so many `records` the process is killed."""
    destination.message = None
    asked = {"configuration": configuration, "state": destination.state, "records": records, "seconds": seconds}
    with served(package, more or {}) as server:
        for kind, *values in asked_of(server, asked):
            if kind == "paused":
                server.kill()
            else:
                destination.take(kind, values)
    destination.log = server.log
    assert not KEY.search(server.log)
    return destination


class Server:
    """The connector behind the SDK's gRPC server. `log` is what it printed, once it has ended."""

    def __init__(self, package: Path, more: Mapping[str, str], log: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [str(PYTHON), "-B", str(PROGRAMS / "served.py"), str(package), str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603  our own program
            command, cwd=package, env=clean(**more), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        self.log = ""

    def kill(self) -> None:
        """Kill it by `kill -9`."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def served(package: Path, more: Mapping[str, str]) -> Iterator[Server]:
    """Serve the connector until the block ends."""
    with tempfile.TemporaryFile("w+") as log:
        server = Server(package, more, log)
        try:
            yield server
        finally:
            if server._process.poll() is None:  # noqa: SLF001  of this module
                server.kill()
            log.seek(0)
            server.log = log.read()


def asked_of(server: Server, asked: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the lines of a peer that asks the server. It goes on after a pause."""
    command = [str(PYTHON), "-B", str(PROGRAMS / "peer.py"), str(server.port)]
    with subprocess.Popen(command, env=clean(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:  # noqa: S603  ours
        assert peer.stdin
        assert peer.stdout
        print(json.dumps(asked), file=peer.stdin, flush=True)
        for line in peer.stdout:
            found = json.loads(line)
            yield found
            if found[0] == "paused":
                print(file=peer.stdin, flush=True)
    assert peer.returncode == 0
