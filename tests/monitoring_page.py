"""The statements and the fields that docs/monitoring.md names, for the tests that run them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "monitoring.md").read_text(encoding="utf-8")


def statements(dialect: str) -> dict[str, str]:
    """Return the statements of a dialect, DuckDB or BigQuery, by the heading that each stands under."""
    found: dict[str, str] = {}
    for heading, text in re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        for statement in re.findall(rf"```sql\n-- {dialect}\n(.*?)```", text, re.DOTALL):
            found[heading] = statement
    return found


def fields(event: str) -> set[str]:
    """Return the fields that the page's table names for an event."""
    (row,) = re.findall(rf"^\| `{event}` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def metrics() -> list[tuple[str, str, str]]:
    """Return the event, the target and the field of each log-based metric."""
    pattern = r'filter  jsonPayload\.event="(\w+)" AND jsonPayload\.target="(\w+)"\nfield   jsonPayload\.(\w+)'
    return re.findall(pattern, PAGE)
