"""The connector under Fivetran's own SDK: its gRPC server and our face in this process, and its caller in another.

Run by the interpreter of .connector, which has the SDK's MIT release. What this process costs is what the connector costs at
Fivetran, the SDK's part included. The caller takes each answer as it comes, or slowly.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from threading import Thread
from typing import Any

from bench.work import Work
from connector import connector


def drain(work: Work, json_columns: str = "json", seconds: float = 0.0) -> int:
    """Make one sync from an empty state. The caller waits `seconds` before it takes each further answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Thread(target=connector.connector.run, args=(port,), daemon=True).start()
    asked = {"configuration": {**_configuration(work), "JSON_COLUMNS": json_columns}, "seconds": seconds}
    command = [sys.executable, "-m", "bench.taking", str(port)]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


def _configuration(work: Work) -> dict[str, Any]:
    pages = {"PAGE_SIZE": str(work.page_size)} if work.full_pages else {}
    return {
        "LANGSMITH_API_KEY": work.api_key,
        "LANGSMITH_TENANT_ID": work.tenant_id,
        "LANGSMITH_BASE_URL": work.url,
        **pages,
    }
