"""Tests of the benchmark's cases, aims and page: each aim is of a case that is measured, and the page has a section for each."""

from dataclasses import replace

import pytest

from bench import page
from bench.aims import BARS, bars, judged
from bench.bars import OTHERS
from bench.cases import CASES, FIVETRAN, FLOOR, LIGHT, SDK, Case, planned
from bench.readings import Found, Reading, middle
from langsmith_core.streams.registry import STREAMS

ONE = Reading(
    rows=1000,
    seconds=10.0,
    cpu_seconds=9.0,
    peak_mb=100.0,
    run_requests=11,
    other_requests=6,
    refused=0,
    answered_mb=3.0,
    simulator_seconds=1.0,
)
NAMED = {case.name: case for case in CASES}


def alike(**changes: Reading) -> Found:
    """Return the same reading for every case and program, but for some programs."""
    return {case.name: {program: changes.get(program, ONE) for program in case.programs} for case in CASES}


def test_every_aim_is_of_a_program_that_its_case_measures() -> None:
    """Every aim can be judged by what the whole benchmark measures. Its row begins with the case's title."""
    rows = judged(alike(), NAMED, {"main": 1.0, "functions_framework, requests": 1.0})
    assert len(rows) == len(bars(NAMED)) + 1 > len(BARS)
    assert {row.aim.split(":")[0] for row in rows[:-1]} <= {case.title for case in CASES}


def test_some_cases_have_their_own_aims_only() -> None:
    """Of a case that is measured alone, the aims that need another case are left out, and so is that of the imports."""
    alone = {"doubled-v2": NAMED["doubled-v2"]}
    assert judged(alike(), alone, {}) == []
    assert len(judged(alike(), {**alone, "light-v2": NAMED["light-v2"]}, {})) > 2


FIGURES = [
    # what the Fivetran face did otherwise, its case, a part of the aim, the figure, met
    (replace(ONE, seconds=5.0), "light-v2", "1.8 x SDK", "2.00 x", True),
    (replace(ONE, seconds=6.0), "light-v2", "1.8 x SDK", "1.67 x", False),
    (replace(ONE, seconds=16.0), "light-v2", "time ≤ 1.6 x the floor", "1.60 x", True),
    (replace(ONE, seconds=16.1), "light-v2", "time ≤ 1.6 x the floor", "1.61 x", False),
    (replace(ONE, run_requests=40, seconds=40.0), "limit-v1", "95%", "98%", True),
    (replace(ONE, run_requests=40, seconds=42.0), "limit-v1", "95%", "93%", False),
    (replace(ONE, refused=1), "limit-v2", "no 429", "1", False),
    (replace(ONE, cpu_seconds=7.9), "limit-v2", "CPU", "79%", False),
    (replace(ONE, peak_mb=151.0), "light-v1", "150 MB", "151 MB", False),
    (replace(ONE, seconds=10.1), "idle-v2", "10 s", "10.1 s", False),
    (replace(ONE, other_requests=OTHERS + 1), "light-v2", "other requests", str(OTHERS + 1), False),
    (replace(ONE, run_requests=53), "light-v2", "50 full pages + 2 x 1", "53", False),
    (replace(ONE, run_requests=510), "light-v1", "500 full pages + 2 x 5", "510", True),
]


@pytest.mark.parametrize(("reading", "case", "part", "figure", "met"), FIGURES)
def test_an_aim_is_met_or_not(reading: Reading, case: str, part: str, figure: str, met: bool) -> None:
    """A figure is compared with its bound, at the bound it is met, and the row shows it."""
    rows = judged(alike(fivetran=reading), {case: NAMED[case]}, {})
    (row,) = (row for row in rows if "Fivetran" in row.aim and part in row.aim)
    assert (row.figure, row.met) == (figure, met)


def test_other_requests_follow_from_the_schema() -> None:
    """A workspace without datasets is asked for `/info`, and once for each table but that of runs."""
    assert len(STREAMS) == OTHERS


def test_cases_have_names_and_titles_of_their_own() -> None:
    """No two cases have the same name or heading. Each that is no sync of our own has something to compare with."""
    assert len({case.name for case in CASES}) == len({case.title for case in CASES}) == len(CASES)
    assert all({FLOOR, SDK} & {*case.programs} for case in CASES if not (case.limits or case.idle or case.under_sdk))


def test_a_smaller_benchmark_keeps_proportions() -> None:
    """`--runs` scales all cases with the first. With `--only` it is the case's own number, and projects shrink with it."""
    small = {case.name: case for case in planned(LIGHT.runs // 10, None)}
    assert [small[name].size.runs for name in ("light-v2", "doubled-v2", "heavy-v1")] == [5_000, 10_000, 400]
    (idle,) = planned(1_000, ["idle-v2"])
    assert (idle.size.runs, idle.size.projects, idle.rows) == (1_000, 1_000, 100)
    assert planned(0, ["light-v2", "light-v1"]) == [case for case in CASES if case.name in ("light-v2", "light-v1")]


def test_the_page_has_a_section_for_each_case() -> None:
    """Each case has its heading, its note, and a row for each of its programs, compared with the first."""
    found = alike(fivetran=replace(ONE, seconds=5.0, refused=3))
    parts = page.measured(found, CASES, judged(found, NAMED, {}))
    sections = parts[2:]
    assert [section.split("\n")[1] for section in sections] == [f"## {case.title}" for case in CASES]
    assert all(case.note in section for case, section in zip(CASES, sections, strict=True))
    assert [section.count("\n| ") - 2 for section in sections] == [len(case.programs) for case in CASES]
    assert "| **Fivetran face** | 5.0 | 200 | 2.00 | 11 | 6 | 3 | 3 | 100 | 9.0 | 180% | 20% |" in sections[0]


def test_the_reading_in_the_middle_counts() -> None:
    """Of some rounds the one with the middle rate is taken whole."""
    rounds = [replace(ONE, seconds=float(seconds), peak_mb=seconds) for seconds in (9, 1, 5)]
    assert middle(rounds) is rounds[2]


def test_a_case_tells_its_network() -> None:
    """A heading names the latency, the limits and what is idle, and nothing where there is no network."""
    case = Case("x", LIGHT, "v1")
    assert case.title == "50,000 runs of 3 KB, v1"
    assert replace(case, latency=0.3, limits=True).title == "50,000 runs of 3 KB, v1, 300 ms an answer, rate limits"
    assert replace(case, idle=True).title == "idle sync of 5 projects, 5 of them active, v1"
    assert FIVETRAN in case.programs
