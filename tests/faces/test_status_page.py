"""Tests of the page that a browser gets of the status. browser/test_status_in_browser looks at it with a real browser."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from langsmith_core.faces import status_chart, status_page
from langsmith_core.faces.status_page import Headline, age, money, number, rate
from product import World
from simulator import Fault

Worlds = Callable[..., World]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
EVIL = '<script>alert("1")</script>'
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SHOWN: dict[str, Any] = {
    "exists": True,
    "readable": True,
    "last_error": None,
    "waiting": [],
    "complete_to": "2026-06-01T00:00:00.000000Z",
    "backfill": None,
}


def kind_of(w: World, accept: str | None) -> str:
    """Return the media type of the status for a caller that takes this."""
    headers = {} if accept is None else {"Accept": accept}
    answer = w.client.get("/sync", headers=headers)
    assert (answer.status_code, answer.headers["Vary"], answer.headers["Cache-Control"]) == (200, "Accept", "no-store")
    return str(answer.mimetype)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/plain", "application/json"),
        ("nonsense", "application/json"),
        ("application/json,text/html;q=0.9", "application/json"),
        ("text/html;q=0,*/*", "application/json"),
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("text/*", "text/html"),
    ],
)
def test_a_browser_gets_a_page_and_everybody_else_json(world: Worlds, accept: str | None, kind: str) -> None:
    """The page goes to callers that prefer HTML. JSON is the answer to all others, so that no script breaks."""
    assert kind_of(world(), accept) == kind


def test_the_page_may_load_nothing_and_is_kept_nowhere(world: Worlds) -> None:
    """The policy allows its own style sheet, by its hash, and nothing else. It has no script and no address."""
    answer = world().page("/sync")
    page = answer.text
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert re.findall(r"<script|\sstyle=|\son\w+=|https?:|url\(|@import", page) == []


def test_whatever_a_value_holds_stays_text(world: Worlds) -> None:
    """What LangSmith says in an error is escaped, and so is the name of a project whose rows were counted."""
    w = world("dual")
    w.workspace.add_run(w.workspace.add_project("p"))
    w.sync_locally()
    w.sim.faults.add(Fault(status=401, body={"detail": EVIL}, times=None))
    w.pass_locally()
    page = w.page("/sync").text
    assert EVIL in html.unescape(page)
    shown = w.request("GET", "/sync?costs=1").get_json()
    page += status_page.answer({**shown, "completeness": [verdict(name=EVIL)]}, NOW).get_data(as_text=True)
    assert html.unescape(page).count(EVIL) == 3
    assert "<script" not in page


def verdict(**more: Any) -> dict[str, Any]:
    """Return a verdict as the status has it."""
    return {
        "table": "langsmith_run",
        "parent_id": "p1",
        "name": "shop",
        "day": "2026-05-30",
        "source": 1_200,
        "destination": 1_199,
        "verdict": "gap",
        "checked_at": "2026-06-01T06:00:00.000000Z",
        **more,
    }


def cells(page: str, section: str) -> list[list[str]]:
    """Return the texts of a section's table, row by row."""
    part = page.partition(f'<h2 id="{section}">')[2].partition("</section>")[0].partition("<tbody>")[2]
    rows = re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def plain(markup: str) -> str:
    """Return the text of some markup, as a person reads it."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", markup))).strip()


def test_completeness_is_shown_as_it_stands_and_not_at_all_where_nobody_checked(world: Worlds) -> None:
    """Every verdict is a row. Without verdicts the page says so, and a status that lacks them says nothing of completeness."""
    w = world("dual")
    w.workspace.add_run(w.workspace.add_project("p"))
    w.sync_locally()
    shown = w.request("GET", "/sync?costs=1").get_json()
    shown.pop("completeness", None)
    whole = verdict(day=None, source=None, name=None, verdict="unknown")
    page = status_page.answer({**shown, "completeness": [verdict(), whole]}, NOW).get_data(as_text=True)
    checked = "2026-06-01 06:00:00 UTC"
    assert cells(page, "completeness") == [
        ["shop", "langsmith_run", "2026-05-30", "1,200", "1,199", "gap", checked],
        ["p1", "langsmith_run", "all", "unknown", "1,199", "unknown", checked],
    ]
    none = status_page.answer({**shown, "completeness": []}, NOW).get_data(as_text=True)
    assert "No check has ended yet." in none
    held = status_page.answer({**shown, "completeness": [], "busy": True}, NOW).get_data(as_text=True)
    assert "The verdicts cannot be read while a pass writes the file." in held
    assert "ompleteness" not in status_page.answer(shown, NOW).get_data(as_text=True)


def test_the_page_of_several_workspaces_names_each(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each workspace of the map has a line with a link to its own page. One that cannot be used says why."""
    monkeypatch.setenv("WORKSPACES", json.dumps({"my-team": {"LANGSMITH_TENANT_ID": "t1", "LOCAL_DB": "a"}, "other": {}}))
    w = world()
    shown = w.request("GET", "/sync").get_json()["workspaces"]
    page = w.page("/sync").text
    assert [(row[0], row[4]) for row in cells(page, "workspaces")] == [
        (name, f"{one['last_error']['status']} {one['last_error']['message']}" if one["last_error"] else "none")
        for name, one in shown.items()
    ]
    assert re.findall(r'href="(\?[^"]*)"', page) == ["?workspace=my-team", "?workspace=other"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, Headline("good", "Complete up to 2026-06-01 00:00:00 UTC")),
        ({"backfill": {"from": "", "to": ""}}, Headline("busy", "What is recent is complete; history is still being read")),
        ({"complete_to": None}, Headline("busy", "The first look is not finished yet")),
        ({"complete_to": None, "waiting": [{}]}, Headline("bad", "Some work is put aside; each sync tries it again")),
        (
            {"waiting": [{}], "last_error": None, "backfill": {"from": "", "to": ""}},
            Headline("bad", "Some work is put aside; each sync tries it again"),
        ),
        ({"waiting": [{}], "last_error": {"status": 401}}, Headline("bad", "The last pass failed")),
        ({"readable": False}, Headline("busy", "Another process holds the file, so it cannot be read now")),
        ({"exists": False, "complete_to": None}, Headline("busy", "Nothing is synced yet")),
    ],
)
def test_the_headline_tells_what_matters_most(more: dict[str, Any], said: Headline) -> None:
    """What asks for a person comes before what only takes time. All is well only where none of it holds."""
    assert status_page.headline({**SHOWN, **more}) == said


def test_values_are_written_for_people() -> None:
    """Counts have their thousands, ages their two largest units, dollars their cents. What nobody knows is `unknown`, never 0."""
    assert [number(one) for one in (None, 0, 1_234, 1.574)] == ["unknown", "0", "1,234", "1.574"]
    seconds = (None, 0, 59.9, 60, 7_500, 172_799, 172_800, 200_000)
    written = ["unknown", "0 s", "59 s", "1 min", "2 h 5 min", "47 h 59 min", "2 d 0 h", "2 d 7 h"]
    assert [age(one) for one in seconds] == written
    assert [money(one) for one in (None, 0.0, 0.01234, 1.0, 1_234.567)] == ["unknown", "$0.0000", "$0.0123", "$1.00", "$1,234.57"]
    assert [rate({"rows": rows, "seconds": took}) for rows, took in (({"a": 1_500, "b": 500}, 1.6), ({}, 2.0), ({}, 0.0))] == [
        "1,250",
        "0",
        "unknown",
    ]


def test_the_chart_has_each_of_thirty_days_in_proportion() -> None:
    """The dearest day fills the height, and half of its cost half of it. A day of unknown cost has no bar, and is not free."""
    days = [
        {"day": "2026-05-03", "traces": 2, "cost": 0.5},
        {"day": "2026-05-31", "traces": 9, "cost": 0.25},
        {"day": "2026-06-01", "traces": 1, "cost": None},
    ]
    chart = status_chart.drawn(days, NOW)
    drawn = [(one.day, one.traces, one.cost, one.y, one.height) for one in chart.bars]
    assert (len(drawn), chart.most, chart.total) == (30, 0.5, 0.75)
    assert [drawn[0], drawn[1], *drawn[-2:]] == [
        ("2026-05-03", 2, 0.5, 0.0, 100.0),
        ("2026-05-04", 0, None, 100.0, 0.0),
        ("2026-05-31", 9, 0.25, 50.0, 50.0),
        ("2026-06-01", 1, None, 100.0, 0.0),
    ]
    assert status_chart.since(NOW) == datetime(2026, 5, 3, tzinfo=UTC)
    assert {one.height for one in status_chart.drawn([], NOW).bars} == {0.0}
