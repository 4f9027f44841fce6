"""The floor: read every page, parse it, and write its runs as lines of JSON. No sync can do less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import requests

from bench.programs import queries
from bench.work import Work


def drain(work: Work) -> int:
    """Write all pages into one file of lines."""
    rows = 0
    with requests.Session() as session, (Path(work.folder) / "runs.ndjson").open("wb") as file:
        session.headers.update(work.headers)
        for query in queries.of(work):
            for records in _pages(session, work, query):
                file.write(msgspec.json.Encoder().encode_lines(records))
                rows += len(records)
    return rows


def _pages(session: requests.Session, work: Work, query: dict[str, Any]) -> Iterator[list[Any]]:
    names = queries.NAMES[work.api]
    cursor: str | None = None
    while True:
        body = query | ({"cursor": cursor} if cursor else {})
        answer = msgspec.json.decode(session.post(work.url + names.path, json=body, timeout=60).content)
        yield answer[names.records]
        cursor = names.cursor(answer)
        if not cursor:
            return
