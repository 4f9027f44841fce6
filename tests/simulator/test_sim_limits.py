"""The documented rate limits, as the simulator enforces them."""

from datetime import timedelta

import pytest

from simulator import Simulator
from simulator.client import HOST, Api, make
from simulator.limits import Tier


@pytest.fixture
def limited() -> tuple[Simulator, Api, str]:
    """A simulator that enforces the documented rates."""
    sim, api = make("dual")
    sim.rate_limits = True
    return sim, api, sim.workspace.add_project("one")


def accepted(api: Api, path: str, body: dict[str, object], tries: int = 400) -> int:
    """The number of immediate requests that are accepted before the first 429."""
    for count in range(tries):
        if api.post(path, body).status_code == 429:
            return count
    return tries


@pytest.mark.parametrize(
    ("extra", "count"),
    [
        ({}, 3),
        ({"start_time": "2026-05-01T00:00:00Z"}, 3),
        ({"start_time": "2026-05-25T00:00:00Z"}, 10),
        ({"start_time": "2026-05-01T00:00:00Z", "filter": 'lt(start_time, "2026-05-08T00:00:00Z")'}, 10),
        ({"start_time": "2026-05-01T00:00:00Z", "filter": 'lt(start_time, "2026-05-08T00:00:01Z")'}, 3),
        ({"start_time": "2026-05-01T00:00:00Z", "end_time": "2026-05-02T00:00:00Z"}, 10),
    ],
)
def test_v1_tier_follows_the_window(limited: tuple[Simulator, Api, str], extra: dict[str, object], count: int) -> None:
    """v1 allows ten queries in ten seconds for windows within seven days, else (or without start_time) three."""
    _, api, project = limited
    assert accepted(api, "/runs/query", {"session": [project], **extra}) == count


def test_gateway_counts_both_tiers_together(limited: tuple[Simulator, Api, str]) -> None:
    """The gateway allows fifteen v1 queries in ten seconds, whatever their windows."""
    sim, api, project = limited
    sim.limits.tiers = [tier for tier in sim.limits.tiers if "days" not in tier.name]
    assert accepted(api, "/runs/query", {"session": [project]}) == 15


def test_v2_and_everything_have_their_own_tiers(limited: tuple[Simulator, Api, str]) -> None:
    """Ten seconds allow 300 v2 queries, and 1000 requests of any kind."""
    _, api, project = limited
    assert accepted(api, "/api/v2/runs/query", {"project_ids": [project]}) == 300
    statuses = [api.get("/sessions", limit=1).status_code for _ in range(701)]
    assert (statuses.count(200), statuses[-1]) == (700, 429)


@pytest.mark.parametrize(
    ("window", "count"),
    [
        ({}, 10),
        ({"min_start_time": "2026-05-25T00:00:00Z"}, 10),
        ({"min_start_time": "2026-05-01T00:00:00Z", "max_start_time": "2026-05-08T00:00:00Z"}, 10),
        ({"min_start_time": "2026-05-24T23:59:59Z"}, 3),
        ({"min_start_time": "soon"}, 3),
    ],
)
def test_v2_may_have_the_tiers_that_were_told_before(
    limited: tuple[Simulator, Api, str], window: dict[str, object], count: int
) -> None:
    """A switch restores the limits of the CLI's older notes: ten v2 queries within seven days, three beyond."""
    sim, api, project = limited
    sim.v2_rates = "by_window"
    assert accepted(api, "/api/v2/runs/query", {"project_ids": [project], **window}) == count


def test_a_place_is_free_again_when_the_oldest_has_passed(limited: tuple[Simulator, Api, str]) -> None:
    """The window slides with the clock, and a refused request does not count."""
    sim, api, project = limited
    body: dict[str, object] = {"session": [project]}
    assert accepted(api, "/runs/query", body) == 3
    sim.clock.advance(seconds=9.9)
    assert accepted(api, "/runs/query", body) == 0
    sim.clock.advance(seconds=0.1)
    assert accepted(api, "/runs/query", body) == 3


@pytest.mark.parametrize(("form", "retry_after"), [("seconds", "8"), ("date", "Mon, 01 Jun 2026 00:00:10 GMT"), (None, None)])
def test_retry_after_comes_in_two_forms_or_not_at_all(
    limited: tuple[Simulator, Api, str], form: str | None, retry_after: str | None
) -> None:
    """Retry-After is in whole seconds, a date, or absent; waiting that long is enough."""
    sim, api, project = limited
    sim.retry_after = form  # type: ignore[assignment]  # a row of the table
    assert accepted(api, "/runs/query", {"session": [project]}) == 3
    sim.clock.advance(seconds=2.5)
    refused = api.post("/runs/query", {"session": [project]})
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, retry_after)
    assert refused.json() == {"detail": "Rate limit exceeded"}
    sim.clock.advance(seconds=8)
    assert api.post("/runs/query", {"session": [project]}).status_code == 200


def test_limits_are_off_by_default_and_may_be_edited() -> None:
    """Without the switch nothing is counted; tiers are a plain list."""
    sim, api = make()
    assert accepted(api, "/runs/query", {"session": [sim.workspace.add_project("one")]}, 50) == 50
    sim.rate_limits = True
    sim.limits.tiers = [Tier("sessions", 1, 60, lambda request, _: request.kind == "sessions")]
    assert [api.get("/sessions").status_code for _ in range(2)] == [200, 429]
    sim.clock.advance(timedelta(minutes=1))
    assert api.get("/sessions").status_code == 200


WEEK, MONTH = {"start_time": "2026-05-25T00:00:00Z"}, {"start_time": "2026-05-01T00:00:00Z"}


@pytest.mark.parametrize(
    "wanted", [{"select": ["id", "child_run_ids"]}, {"query": "x"}, {"search_filter": "x"}, {"filter": "search('x')"}]
)
@pytest.mark.parametrize(("window", "count"), [(WEEK, 3), (MONTH, 1)])
def test_children_and_full_text_are_slower(
    limited: tuple[Simulator, Api, str], wanted: dict[str, object], window: dict[str, str], count: int
) -> None:
    """Queries for children or text are allowed three times in ten seconds within seven days, once beyond."""
    _, api, project = limited
    assert accepted(api, "/runs/query", {"session": [project], **window, **wanted}) == count


def test_statistics_have_a_tier_of_their_own(limited: tuple[Simulator, Api, str]) -> None:
    """POST /runs/stats is allowed once in ten seconds, whatever else is requested."""
    sim, api, project = limited
    assert accepted(api, "/runs/stats", {"session": [project]}) == 1
    assert accepted(api, "/runs/query", {"session": [project]}) == 3
    sim.clock.advance(seconds=10)
    assert accepted(api, "/runs/stats", {"session": [project]}) == 1


def test_projects_are_deleted_ten_a_minute(limited: tuple[Simulator, Api, str]) -> None:
    """Ten projects a minute may be deleted; reading and creating projects has no such limit."""
    sim, api, project = limited
    ids = [project, *(sim.workspace.add_project(f"p{number}") for number in range(11))]
    assert all(api.get(f"/sessions/{ident}").status_code == 200 for ident in ids)
    statuses = [api.session.delete(f"{HOST}/api/v1/sessions/{ident}", timeout=5).status_code for ident in ids]
    assert statuses == [202] * 10 + [429] * 2


def test_requests_without_a_key_have_a_tier_of_their_own(limited: tuple[Simulator, Api, str]) -> None:
    """A hundred requests a minute are allowed without a key; they do not limit requests with a key."""
    _, api, _ = limited
    without = {"X-API-Key": None}
    statuses = [api.session.get(f"{HOST}/{path}", headers=without, timeout=5).status_code for path in ["info", "sessions"] * 51]
    assert statuses == [200, 401] * 50 + [429] * 2
    assert api.get("/info").status_code == 200


def test_the_load_balancer_counts_all(limited: tuple[Simulator, Api, str]) -> None:
    """The load balancer allows 2000 requests a minute, of any kind."""
    sim, api, _ = limited
    statuses = []
    for _ in range(3):
        statuses += [api.get("/sessions", limit=1).status_code for _ in range(670)]
        sim.clock.advance(seconds=10)
    assert statuses == [200] * 2000 + [429] * 10
    sim.clock.advance(seconds=31)
    assert api.get("/sessions").status_code == 200


@pytest.mark.parametrize("extra", [{"start_time": "soon"}, {"filter": "eq(", "start_time": "2026-05-31T00:00:00Z"}])
def test_windows_that_cannot_be_read_count_as_wide(limited: tuple[Simulator, Api, str], extra: dict[str, object]) -> None:
    """A query whose window cannot be parsed counts in the slow tier."""
    _, api, project = limited
    assert accepted(api, "/runs/query", {"session": [project], **extra}) == 3
