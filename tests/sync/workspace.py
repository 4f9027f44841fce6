"""A workspace of a few projects and datasets, which answers lists by id or name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from langsmith_core.calls import Call, Reply

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
PROJECTS = [{"id": ONE, "name": "one"}, {"id": TWO, "name": "two"}]


class Workspace:
    """Answers lists of projects or datasets by id or name, and counts what was asked."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.records, self.asked = records, list[Call]()

    def fetch(self, call: Call) -> Reply:
        """The records whose id or name is asked for."""
        self.asked.append(call)
        wanted = {value for name, value in call.query if name in ("id", "name")}
        found = [one for one in self.records if wanted & {one["id"], one["name"]}]
        return Reply(json.dumps(found).encode(), datetime(2026, 6, 1, tzinfo=UTC))
