"""The connector under Fivetran's own SDK: its gRPC server and our face in this process, and its caller in another.

Run by the interpreter of .connector, which has the SDK's MIT release. What this process costs is what the connector costs at
Fivetran, the SDK's part included. The caller takes each answer as it comes, or slowly.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from threading import Thread
from typing import Any

from bench.work import Work
from connector import connector


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


def _caller(port: int) -> subprocess.Popen[str]:
    """Start the caller, and wait until it is ready: the time of a program counts from its first read on."""
    command = [sys.executable, "-m", "bench.taking", str(port)]
    caller = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert caller.stdout  # noqa: S101  asked for above
    caller.stdout.readline()
    return caller


def _until_served(port: int) -> None:
    """Wait until the server takes connections: gRPC waits a second before it tries again."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)


PORT = _port()
CALLER = _caller(PORT)


def drain(work: Work, json_columns: str = "json", seconds: float = 0.0) -> int:
    """Make one sync from an empty state. The caller waits `seconds` before it takes each further answer."""
    Thread(target=connector.connector.run, args=(PORT,), daemon=True).start()
    _until_served(PORT)
    asked = {"configuration": {**_configuration(work), "JSON_COLUMNS": json_columns}, "seconds": seconds}
    answer, _ = CALLER.communicate(json.dumps(asked))
    if CALLER.returncode != 0:
        raise RuntimeError("the caller failed")
    return int(answer.splitlines()[-1])


def _configuration(work: Work) -> dict[str, Any]:
    pages = {"PAGE_SIZE": str(work.page_size)} if work.full_pages else {}
    return {
        "LANGSMITH_API_KEY": work.api_key,
        "LANGSMITH_TENANT_ID": work.tenant_id,
        "LANGSMITH_BASE_URL": work.url,
        **pages,
    }
