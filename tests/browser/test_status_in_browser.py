"""The status page in headless Chromium, from a real functions-framework server that syncs a simulated LangSmith.

What a person reads is compared with the JSON of the same server. axe-core checks the page's accessibility.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from browser.chromium import look
from test_http import served

from langsmith_core.faces.status_page import moment, money, number, rate
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Fault, Simulator

EVIL = "<img src=x onerror=\"document.title='broken'\">"
PHONE = 390
POLLS, LOOKS = 600, 10


class Served:
    """A simulated LangSmith, and the address of the function that syncs it."""

    def __init__(self, sim: Simulator, url: str) -> None:
        self.sim, self.url = sim, url

    def sync(self) -> None:
        """POST until nothing is left."""
        while self.post()["hasMore"]:
            pass

    def post(self) -> dict[str, Any]:
        """Call the function once."""
        answer: dict[str, Any] = requests.post(self.url, timeout=120).json()
        return answer

    def status(self) -> dict[str, Any]:
        """Return the JSON of the status, with costs."""
        answer: dict[str, Any] = requests.get(f"{self.url}?costs=1", timeout=60).json()
        return answer


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Served]:
    """A workspace with runs of three weeks, large enough for several batches, and the function on a loopback port."""
    sim = Simulator(mode="dual", seed=7)
    sim.corpus(projects=3, runs=900, days=20, payload_bytes=20_000)
    with sim.serve() as base_url:
        environment = {
            "LANGSMITH_API_KEY": DEFAULT_API_KEY,
            "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
            "LANGSMITH_BASE_URL": base_url,
            "LOCAL_DB": str(tmp_path / "rows.duckdb"),
            "PAGE_SIZE": "50",
        }
        with served("sync", tmp_path, **environment) as url:
            yield Served(sim, url)


def assert_sound(seen: dict[str, Any], url: str) -> None:
    """The page broke no policy, asked for nothing else, is no wider than the window, and axe-core finds nothing."""
    assert (seen["status"], seen["complaints"], seen["asked"]) == (200, [], [url])
    assert (seen["axe"], max(seen["overflow"], 0)) == ([], 0)
    assert seen["headers"]["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def assert_shows(seen: dict[str, Any], status: dict[str, Any]) -> None:
    """Every table, pass and day of the page has the values of the JSON. Ages are left out: they go on between two requests."""
    rows = [
        [name, number(one["rows"]), moment(one["newest"]) if one["newest"] else "-"] for name, one in status["streams"].items()
    ]
    assert [[row[0], row[2], row[3]] for row in seen["tables"]["Tables"]] == rows
    assert seen["tables"]["Last passes"] == [
        [
            moment(one["ended"]),
            number(sum(one["rows"].values())),
            rate(one),
            *(number(one[name]) for name in ("seconds", "requests", "rate_limited", "retries", "rejected")),
            "yes" if one["has_more"] else "no",
        ]
        for one in reversed(status["passes"])
    ]
    days = status["cost_by_day"]
    assert seen["tables"]["Cost by day"] == [[one["day"], number(one["traces"]), money(one["cost"])] for one in reversed(days)]
    drawn = {title: height for title, height in seen["bars"] if height > 0}
    assert len(seen["bars"]) == 30
    assert list(drawn) == [f"{one['day']}: {money(one['cost'])}" for one in days if one["cost"]]
    most = max(one["cost"] for one in days)
    shares = [height / max(drawn.values()) for height in drawn.values()]
    assert shares == pytest.approx([one["cost"] / most for one in days if one["cost"]], abs=0.01)


def test_the_page_shows_what_the_json_says_in_light_dark_and_on_a_phone(function: Served, tmp_path: Path) -> None:
    """Before a sync the page says what to do. After one it has every value, in both colours, and fits a phone."""
    empty = look(function.url, tmp_path / "empty.png")
    assert_sound(empty, function.url)
    assert empty["texts"]["LangSmith sync"].splitlines()[2] == "Nothing is synced yet"
    assert "POST" in empty["texts"]["What to do"]
    limited = function.sim.faults.add(Fault(kind="runs", status=429, headers={"Retry-After": "1"}, times=1))
    function.sync()
    status = function.status()
    assert (limited.struck, status["passes"][0]["rate_limited"]) == (1, 1)
    seen = {
        (scheme, width): look(function.url, tmp_path / f"{scheme}-{width}.png", scheme=scheme, width=width)
        for scheme in ("light", "dark")
        for width in (1_200, PHONE)
    }
    for one in seen.values():
        assert_sound(one, function.url)
        assert_shows(one, status)
        assert one["title"] == f"Complete up to {moment(status['complete_to'])} - LangSmith sync"
    backs = {scheme: seen[scheme, PHONE]["back"] for scheme in ("light", "dark")}
    assert backs == {"light": "rgb(246, 247, 249)", "dark": "rgb(13, 17, 23)"}


def test_an_error_is_shown_as_text(function: Served, tmp_path: Path) -> None:
    """Markup in LangSmith's words is neither an element nor a script. The page says what to do, and is accessible."""
    function.sim.faults.add(Fault(status=401, body={"detail": EVIL}, times=None))
    assert "errorMessage" in function.post()
    seen = look(function.url, tmp_path / "failed.png", width=PHONE)
    assert_sound(seen, function.url)
    trouble = function.status()["last_error"]
    assert seen["texts"]["Last error"].splitlines()[2] == f"401 {trouble['message']}"
    assert EVIL in trouble["message"]
    assert seen["title"] == "The last pass failed - LangSmith sync"
    assert DEFAULT_API_KEY not in str(seen)


def at_rest(function: Served, picture: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the status and the page of a pass that has delivered something and waits: nothing moved between the two."""
    for _ in range(LOOKS):
        before = next(one for one in (function.status() for _ in range(POLLS)) if one["this_pass"])
        seen = look(function.url, picture, width=PHONE)
        if function.status()["this_pass"] == before["this_pass"]:
            return before, seen
    pytest.fail("the pass went on while LangSmith answered nothing")


def test_the_page_of_a_pass_that_runs(function: Served, tmp_path: Path) -> None:
    """While LangSmith keeps a pass waiting, the page shows how far it is and its rows so far. The pass then ends as ever."""
    go_on, asked = threading.Event(), itertools.count()

    def hold(body: bytes) -> bytes:
        assert go_on.wait(timeout=300)
        return body

    function.sim.faults.add(Fault(kind="runs", when=lambda _: next(asked) > 12, rewrite=hold, times=None))
    pass_ = threading.Thread(target=function.post)
    pass_.start()
    try:
        status, seen = at_rest(function, tmp_path / "running.png")
    finally:
        go_on.set()
        pass_.join()
    assert_sound(seen, function.url)
    runs, done, since = status["reading"]["runs"], status["this_pass"], status["reading"]["since"]
    assert seen["facts"]["In hand"] == {
        "Reads": "langsmith_run",
        "As part of": "the look at what is new" if since else "history",
        **({"Look begun": moment(since)} if since else {}),
        "Runs read back to": moment(runs["reached"]),
        "Runs to be read from": moment(runs["from"]),
        "Projects that wait": number(runs["projects_waiting"]),
        "Pass begun": moment(done["begun"]),
        "Rows so far": number(sum(done["rows"].values())),
        "Requests so far": number(done["requests"]),
        "As of": moment(done["at"]),
    }
    assert sum(done["rows"].values()) > 100
    assert "Rows are not counted while a pass writes the file." in seen["texts"]["Tables"]
    assert "The rows could not be read: LOCAL_DB: a pass is writing" in seen["texts"]["Cost by day"]
    function.sync()
    assert function.status()["rows"]["langsmith_run"] == 900
