"""The kinds of aims: a figure of some cases' readings, and its bound. Not here: which cases and programs have which (aims)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.cases import CONNECTOR, CONNECTOR_SLOW, CONNECTOR_STRING, DLT, FIVETRAN, FLOOR, LOCAL, SDK, Case
from bench.readings import Found, Reading
from bench.work import PAGE_SIZE
from langsmith_core.streams.registry import TABLES

NAMES = {
    FIVETRAN: "Fivetran face",
    LOCAL: "DuckDB face",
    SDK: "SDK loop",
    DLT: "dlt",
    FLOOR: "floor",
    CONNECTOR: "connector with JSON",
    CONNECTOR_STRING: "connector with JSON as STRING",
    CONNECTOR_SLOW: "connector before a slow destination",
}
FLAT = 1.1
"""How much more memory twice the runs may take."""
OTHERS = len(TABLES)
"""Requests other than run queries, in a workspace without datasets: `/info`, and a list for each table but that of runs."""
ALLOWED = {"v1": 1.0, "v2": 30.0}
"""Run queries a second that LangSmith's documented limits allow, in windows of a week at most."""
Figure = Callable[[Found], float]


@dataclass(frozen=True)
class Bar:
    """One aim: a figure of the readings of some cases, how it is shown, and the least or the most that it should be."""

    cases: tuple[str, ...]
    text: str
    figure: Figure
    shown: str
    least: float = float("-inf")
    most: float = float("inf")


def _of(case: str, program: str, of: Callable[[Reading], float]) -> Figure:
    return lambda found: of(found[case][program])


def faster(case: str, program: str, than: str, least: float) -> Bar:
    """Compare rates."""

    def figure(found: Found) -> float:
        return found[case][program].rate / found[case][than].rate

    return Bar((case,), f"{NAMES[program]} ≥ {least:g} x {NAMES[than]}", figure, "{:.2f} x", least=least)


def within(case: str, program: str, than: str, most: float) -> Bar:
    """Compare times."""

    def figure(found: Found) -> float:
        return found[case][program].seconds / found[case][than].seconds

    return Bar((case,), f"{NAMES[program]}'s time ≤ {most:g} x the {NAMES[than]}'s", figure, "{:.2f} x", most=most)


def thrifty(case: str, program: str, than: str, most: float) -> Bar:
    """Compare CPU times."""

    def figure(found: Found) -> float:
        return found[case][program].cpu_seconds / found[case][than].cpu_seconds

    return Bar((case,), f"{NAMES[program]}'s CPU time ≤ {most:g} x the {NAMES[than]}'s", figure, "{:.2f} x", most=most)


def peak(case: str, program: str, most: float) -> Bar:
    """Judge the most memory."""
    return Bar((case,), f"{NAMES[program]} ≤ {most:g} MB", _of(case, program, lambda one: one.peak_mb), "{:.0f} MB", most=most)


def flat(once: str, twice: str, program: str) -> Bar:
    """Compare the memory that twice the runs take."""

    def figure(found: Found) -> float:
        return found[twice][program].peak_mb / found[once][program].peak_mb

    return Bar((once, twice), f"{NAMES[program]}'s memory flat with twice the runs, ≤ {FLAT:g} x", figure, "{:.2f} x", most=FLAT)


def none_refused(case: str, program: str) -> Bar:
    """Judge whether a request came too early."""
    return Bar((case,), f"{NAMES[program]}, no 429", _of(case, program, lambda one: one.refused), "{:.0f}", most=0)


def full_speed(case: str, api: str, program: str, least: float) -> Bar:
    """Judge the steady speed: the first query waits for none before it, so it does not count."""
    figure = _of(case, program, lambda one: (one.run_requests - 1) / one.seconds / ALLOWED[api])
    return Bar((case,), f"{NAMES[program]} ≥ {least:.0%} of the queries that the limit allows", figure, "{:.0%}", least=least)


def busy(case: str, program: str, least: float) -> Bar:
    """Judge whether the program's own work is the limit."""
    text = f"{NAMES[program]} computes, and does not wait: CPU ≥ {least:.0%} of the time"
    return Bar((case,), text, _of(case, program, lambda one: one.cpu_share), "{:.0%}", least=least)


def soon(case: str, program: str, most: float) -> Bar:
    """Judge the time."""
    return Bar((case,), f"{NAMES[program]} ≤ {most:g} s", _of(case, program, lambda one: one.seconds), "{:.1f} s", most=most)


def run_queries(case: Case, program: str) -> Bar:
    """Allow full pages, and two queries more for each row of pages: one project on v1, one batch of projects on v2."""
    pages, rows = -(-case.size.runs // PAGE_SIZE[case.api]), {"v1": case.size.projects, "v2": 1}[case.api]
    figure = _of(case.name, program, lambda one: one.run_requests)
    text = f"{NAMES[program]}, run queries ≤ {pages} full pages + 2 x {rows}"
    return Bar((case.name,), text, figure, "{:.0f}", most=pages + 2 * rows)


def others(case: str, program: str) -> Bar:
    """Judge the requests that read no run."""
    figure = _of(case, program, lambda one: one.other_requests)
    return Bar((case,), f"{NAMES[program]}, other requests ≤ {OTHERS}", figure, "{:.0f}", most=OTHERS)
