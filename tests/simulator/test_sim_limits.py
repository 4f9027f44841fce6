from datetime import timedelta

import pytest

from simulator import Simulator
from simulator.client import Api, make
from simulator.limits import Tier


@pytest.fixture
def limited() -> tuple[Simulator, Api, str]:
    """A simulator that enforces the documented rates."""
    sim, api = make("dual")
    sim.rate_limits = True
    return sim, api, sim.workspace.add_project("one")


def accepted(api: Api, path: str, body: dict[str, object], tries: int = 400) -> int:
    """How many of so many immediate requests are accepted before the first 429."""
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
    """Within seven days ten queries in ten seconds, beyond or without start_time three."""
    _, api, project = limited
    assert accepted(api, "/runs/query", {"session": [project], **extra}) == count


def test_gateway_counts_both_tiers_together(limited: tuple[Simulator, Api, str]) -> None:
    """Fifteen v1 queries in ten seconds for the key, whatever their windows."""
    sim, api, project = limited
    sim.limits.tiers = [tier for tier in sim.limits.tiers if "days" not in tier.name]
    assert accepted(api, "/runs/query", {"session": [project]}) == 15


def test_v2_and_everything_have_their_own_tiers(limited: tuple[Simulator, Api, str]) -> None:
    """300 v2 queries and 1000 requests of any kind in ten seconds."""
    _, api, project = limited
    assert accepted(api, "/api/v2/runs/query", {"project_ids": [project]}) == 300
    statuses = [api.get("/sessions", limit=1).status_code for _ in range(701)]
    assert (statuses.count(200), statuses[-1]) == (700, 429)


def test_a_place_is_free_again_when_the_oldest_has_passed(limited: tuple[Simulator, Api, str]) -> None:
    """The window slides by the clock, and a refused request takes no place."""
    sim, api, project = limited
    body: dict[str, object] = {"session": [project]}
    assert accepted(api, "/runs/query", body) == 3
    sim.clock.advance(seconds=9.9)
    assert accepted(api, "/runs/query", body) == 0
    sim.clock.advance(seconds=0.1)
    assert accepted(api, "/runs/query", body) == 3


@pytest.mark.parametrize(("form", "told"), [("seconds", "8"), ("date", "Mon, 01 Jun 2026 00:00:10 GMT"), (None, None)])
def test_retry_after_comes_in_two_forms_or_not_at_all(
    limited: tuple[Simulator, Api, str], form: str | None, told: str | None
) -> None:
    """Seconds rounded up, a date, or nothing; waiting that long is enough."""
    sim, api, project = limited
    sim.retry_after = form  # type: ignore[assignment]  # a row of the table
    assert accepted(api, "/runs/query", {"session": [project]}) == 3
    sim.clock.advance(seconds=2.5)
    refused = api.post("/runs/query", {"session": [project]})
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, told)
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


@pytest.mark.parametrize("extra", [{"start_time": "soon"}, {"filter": "eq(", "start_time": "2026-05-31T00:00:00Z"}])
def test_windows_that_cannot_be_read_count_as_wide(limited: tuple[Simulator, Api, str], extra: dict[str, object]) -> None:
    """A query that will be refused still takes a place, in the slow tier."""
    _, api, project = limited
    assert accepted(api, "/runs/query", {"session": [project], **extra}) == 3
