"""Counters of projects over some of their runs: each meaning that a count may have, as a switch."""

import pytest

from simulator import Clock, Simulator
from simulator.client import Api, Param, make
from simulator.stats import COUNTERS

DAY, NEXT = "2026-05-30T00:00:00Z", "2026-05-31T00:00:00Z"
BEFORE = f'lt(start_time, "{NEXT}")'
Counted = tuple[Simulator, Api, str]


@pytest.fixture
def counted() -> Counted:
    """A project with two traces: two runs before the day, three on it, one at the next midnight and one after it."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    first = sim.workspace.add_run(project, start_time="2026-05-29T23:00:00Z")
    sim.workspace.add_run(project, start_time="2026-05-29T23:59:59.999999Z", parent_run_id=first)
    root = sim.workspace.add_run(project, start_time=DAY)
    for moment in ("2026-05-30T12:00:00Z", "2026-05-30T23:59:59.999999Z", NEXT, "2026-05-31T08:00:00Z"):
        sim.workspace.add_run(project, start_time=moment, parent_run_id=root)
    return sim, api, project


def on_the_day(api: Api, **params: Param) -> list[int | None]:
    """The run_count of every project for one day, as a list answers it."""
    asked: dict[str, Param] = {"stats_select": ["run_count"], "stats_start_time": DAY, "stats_filter": BEFORE, **params}
    return [row["run_count"] for row in api.rows("/sessions", include_stats="true", **asked)]


def test_a_start_and_a_filter_count_the_runs_of_one_day(counted: Counted) -> None:
    """`stats_start_time` is included, `lt` is not; conditions may be joined, and other attributes may be named."""
    _, api, _ = counted
    assert on_the_day(api) == [3]
    assert on_the_day(api, stats_filter=f'lte(start_time, "{NEXT}")') == [4]
    assert on_the_day(api, stats_filter=f'and(gt(start_time, "{DAY}"), {BEFORE})') == [2]
    assert on_the_day(api, stats_filter=f"and(eq(is_root, true), {BEFORE})") == [1]


@pytest.mark.parametrize(
    ("run_count", "stats_filter", "stats_start_time", "expected"),
    [
        ("all", "exact", "honoured", 3),
        ("roots", "exact", "honoured", 1),
        ("all", "inclusive", "honoured", 4),
        ("roots", "inclusive", "honoured", 1),
        ("all", "ignored", "honoured", 5),
        ("all", "exact", "ignored", 5),
        ("roots", "exact", "ignored", 2),
        ("all", "ignored", "ignored", 7),
    ],
)
def test_each_meaning_of_a_count_is_a_switch(
    run_count: str, stats_filter: str, stats_start_time: str, expected: int, counted: Counted
) -> None:
    """The switches decide which runs count, and a count of all runs that was asked for before changes nothing."""
    sim, api, _ = counted
    before = on_the_day(api), api.rows("/sessions", include_stats="true")[0]["run_count"]
    for name, value in {"run_count": run_count, "stats_filter": stats_filter, "stats_start_time": stats_start_time}.items():
        setattr(sim, name, value)
    whole = api.rows("/sessions", include_stats="true")[0]["run_count"]
    assert (before, on_the_day(api), whole) == (([3], 7), [expected], 2 if run_count == "roots" else 7)


def test_an_inclusive_lower_bound_is_one_too(counted: Counted) -> None:
    """With inclusive bounds `gt` counts the run that starts at the bound; a bound inside a join is one as well."""
    sim, api, _ = counted
    sim.stats_filter = "inclusive"
    assert on_the_day(api, stats_filter=f'and(gt(start_time, "{DAY}"), {BEFORE})') == [4]


def test_a_refused_filter_is_a_422_that_names_it_and_a_senseless_one_a_400(counted: Counted) -> None:
    """A filter that cannot be read, or that compares a time with a word, is a 400."""
    sim, api, _ = counted
    asked = {"include_stats": "true", "stats_filter": BEFORE}
    for senseless in ("lt(start_time", 'lt(start_time, "tomorrow")', "eq(colour, 1)"):
        assert api.get("/sessions", **{**asked, "stats_filter": senseless}).status_code == 400
    sim.stats_filter = "refused"
    answer = api.get("/sessions", **asked)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "stats_filter"])
    assert api.get("/sessions", include_stats="true").status_code == 200


def test_counters_that_are_not_selected_are_null(counted: Counted) -> None:
    """`stats_select` is a repeated parameter; a name that is no counter selects nothing."""
    _, api, _ = counted

    def shown(*names: str) -> set[str]:
        (row,) = api.rows("/sessions", include_stats="true", stats_select=list(names))
        return {name for name in COUNTERS if row[name] is not None}

    assert shown("run_count") == {"run_count"}
    assert shown("run_count", "error_rate") == {"run_count", "error_rate"}
    assert shown("colour") == set()


def test_a_project_may_have_no_count(counted: Counted) -> None:
    """An uncounted project's run_count is null beside its other counters; other projects keep theirs."""
    sim, api, project = counted
    other = sim.workspace.add_project("two")
    sim.uncounted = frozenset({project})
    found = {row["id"]: (row["run_count"], row["total_tokens"]) for row in api.rows("/sessions", include_stats="true")}
    assert found == {project: (None, 0), other: (0, 0)}
    assert api.get(f"/sessions/{project}", include_stats="true").json()["run_count"] is None


def test_pages_of_counts_by_id_and_by_offset() -> None:
    """A hundred projects are one page of counts; ids narrow it."""
    sim = Simulator(clock=Clock("2026-06-01T00:00:00Z"), seed=1)
    projects = [sim.workspace.add_project(f"p{number}") for number in range(101)]
    for project in projects[:2]:
        sim.workspace.add_run(project, start_time=DAY)
    api = Api(sim)
    assert sum(count or 0 for count in on_the_day(api)) == 2
    assert len(on_the_day(api)) == 101
    assert sorted(map(str, on_the_day(api, id=[projects[0], projects[2]]))) == ["0", "1"]


def test_runs_that_are_not_shown_do_not_count(counted: Counted) -> None:
    """A run that is to be indexed later, or past its retention, is in no count."""
    sim, api, project = counted
    sim.workspace.add_run(project, start_time="2026-05-30T10:00:00Z", visible_at="2026-06-01T00:01:00Z")
    assert on_the_day(api) == [3]
    sim.clock.advance(minutes=2)
    assert on_the_day(api) == [4]
    sim.retention = True
    sim.clock.advance(days=13)
    assert on_the_day(api) == [0]
