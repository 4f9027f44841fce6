"""The status as a page for a browser: one file without a script, and without anything from elsewhere.

Here: whether a page is wanted, what it says in one line, how values are written, and its headers. The page itself is status.html,
which escapes every value. Not here: the values, which are those of the JSON (status), or the chart (status_chart).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from flask import Response
from msgspec import Struct

from langsmith_core.faces import status_chart

if TYPE_CHECKING:
    import flask

TEMPLATE = Path(__file__).with_name("status.html")
KINDS = ("application/json", "text/html")
"""What GET can answer. The first is the answer to a caller that takes anything."""
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
"""Headers of every status: it changes with each pass, and depends on what the caller takes."""
POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
RUNBOOK = "docs/runbook.md"


class Headline(Struct, frozen=True):
    """The state of a sync in one line. `tone` is good, busy or bad."""

    tone: str
    text: str


def is_wanted(request: flask.Request) -> bool:
    """Tell whether the caller prefers a page, as browsers do. Any other caller gets JSON."""
    return request.accept_mimetypes.best_match(KINDS) == "text/html"


def answer(shown: dict[str, Any], now: datetime) -> Response:
    """Return the page of a status, or of the short one of several workspaces (`shown["workspaces"]`)."""
    page, policy = _template()
    several = "workspaces" in shown
    values = {
        "shown": shown,
        "now": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "several": several,
        "headline": None if several else headline(shown),
        "chart": status_chart.drawn(shown["cost_by_day"], now) if shown.get("cost_by_day") is not None else None,
        "runbook": RUNBOOK,
    }
    return Response(page.render(values), 200, {**HEADERS, "Content-Security-Policy": policy}, mimetype="text/html")


def headline(shown: dict[str, Any]) -> Headline:
    """Say in one line how the sync is. What asks for a person comes first."""
    cases = (
        (not shown["exists"], Headline("busy", "Nothing is synced yet")),
        (not shown["readable"], Headline("busy", "Another process holds the file, so it cannot be read now")),
        (shown["last_error"], Headline("bad", "The last pass failed")),
        (shown["waiting"], Headline("bad", "Some work is put aside; each sync tries it again")),
        (shown["complete_to"] is None, Headline("busy", "The first look is not finished yet")),
        (shown["backfill"], Headline("busy", "What is recent is complete; history is still being read")),
    )
    complete = Headline("good", f"Complete up to {moment(shown['complete_to'])}")
    return next((said for holds, said in cases if holds), complete)


def number(value: float | None) -> str:
    """Write a count: `1,234`."""
    return "unknown" if value is None else f"{value:,}"


def age(seconds: float | None) -> str:
    """Write an age by its two largest units: `2 h 5 min`."""
    if seconds is None:
        return "unknown"
    minutes, hours = int(seconds) // 60, int(seconds) // 3600
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{int(seconds)} s"


def moment(value: str | None) -> str:
    """Write a time to the second: `2026-06-01 00:00:12 UTC`."""
    return f"{value[:10]} {value[11:19]} UTC" if value else "unknown"


def money(value: float | None) -> str:
    """Write dollars: cents, or for less than a dollar a hundredth of them."""
    if value is None:
        return "unknown"
    return f"${value:,.2f}" if value >= 1 else f"${value:,.4f}"


def rate(done: dict[str, Any]) -> str:
    """Write the rows that a pass has delivered in a second."""
    return f"{sum(done['rows'].values()) / done['seconds']:,.0f}" if done["seconds"] else "unknown"


@cache
def _template() -> tuple[jinja2.Template, str]:
    """Return the page's template, and the policy that lets a browser use its own style sheet and nothing else."""
    text = TEMPLATE.read_text(encoding="utf-8")
    made = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update({one.__name__: one for one in (number, age, moment, money, rate)})
    style = text.partition("<style>")[2].partition("</style>")[0]
    return made.from_string(text), POLICY.format(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())
