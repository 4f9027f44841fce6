"""A file that outlives the simulator's process: when its workspace was made, at which port, and every request that changed it.

A workspace made anew from the same seed and moment, to which the same changes are made again, is the same workspace, ids
included. Here: the file. Not here: what a change means (the handlers).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.messages import Headers, Request
from simulator.times import aware, parse_time

CHANGING = ("ingest", "write")  # kinds of requests
KEPT = ("content-type", "content-encoding", "x-api-key", "x-tenant-id")


class Journal:
    """One journal: JSON lines, of which the first says `made_at` and `port`."""

    def __init__(self, path: Path, now: datetime, port: int) -> None:
        """Open a journal, or begin one that was made now and serves at this port."""
        self._path = path
        if not path.exists():
            self._write({"made_at": aware(now), "port": port})
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline())
        self.made_at = parse_time(first["made_at"])
        self.port = int(first["port"])

    def add(self, request: Request, now: datetime) -> None:
        """Write down a request, if it may have changed the workspace."""
        if request.kind not in CHANGING:
            return
        entry = {name: getattr(request, name) for name in ("method", "base_url", "path", "query")}
        headers = {name: request.headers[name] for name in KEPT if name in request.headers}
        content = base64.b64encode(request.content).decode()
        self._write({"at": aware(now), **entry, "headers": headers, "content": content})

    def changes(self) -> Iterator[tuple[datetime, Request]]:
        """The requests with their times, oldest first."""
        with self._path.open(encoding="utf-8") as file:
            lines = file.readlines()[1:]
        for line in lines:
            entry: dict[str, Any] = json.loads(line)
            at, content = parse_time(entry.pop("at")), base64.b64decode(entry.pop("content"))
            query, headers = [(name, value) for name, value in entry.pop("query")], Headers(entry.pop("headers").items())
            yield at, Request(**entry, query=query, headers=headers, content=content)

    def _write(self, entry: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
