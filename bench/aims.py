"""The aims as data, and their judgement: each is a row with aim, figure, and met or not.

Pure: readings in, rows out. Nothing fails here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench import imports
from bench.bars import Bar, busy, faster, flat, full_speed, none_refused, others, peak, run_queries, soon, thrifty, within
from bench.cases import CONNECTOR, CONNECTOR_STRING, DLT, FACES, FIVETRAN, FLOOR, LOCAL, SDK, UNDER_SDK, Case
from bench.readings import Found

LIGHT, HEAVY = ("light-v2", "light-v1"), ("heavy-v2", "heavy-v1")
BARS = (
    faster("light-v2", FIVETRAN, SDK, 1.8),
    within("light-v2", FIVETRAN, FLOOR, 1.6),
    faster("light-v2", LOCAL, SDK, 1.25),
    *(faster(case, LOCAL, DLT, 10) for case in (*LIGHT, *HEAVY)),
    faster("heavy-v2", FIVETRAN, SDK, 1.2),
    faster("latency-v2", FIVETRAN, SDK, 4),
    faster("latency-v2", FIVETRAN, DLT, 12),
    faster("latency-v2", LOCAL, SDK, 3),
    faster("latency-v2", LOCAL, DLT, 10),
    *(faster("latency-heavy-v2", face, SDK, 3) for face in FACES),
    *(full_speed("limit-v1", "v1", face, 0.95) for face in FACES),
    *(none_refused(case, face) for case in ("limit-v1", "limit-v2") for face in FACES),
    *(busy("limit-v2", face, 0.8) for face in FACES),
    *(soon("idle-v2", face, 10) for face in FACES),
    *(peak(case, FIVETRAN, 150) for case in LIGHT),
    *(peak(case, FIVETRAN, 200) for case in (*HEAVY, "latency-heavy-v2")),
    *(peak(case, LOCAL, 250) for case in LIGHT),
    *(peak(case, LOCAL, 400) for case in HEAVY),
    thrifty("connector-v2", CONNECTOR_STRING, FIVETRAN, 1.6),
    thrifty("connector-v2", CONNECTOR, FIVETRAN, 2.2),
    *(peak("connector-v2", program, 300) for program in (CONNECTOR, CONNECTOR_STRING)),
    *(peak(case, program, 300) for case in ("connector-heavy", "connector-huge") for program in UNDER_SDK),
    *(flat("light-v2", "doubled-v2", face) for face in FACES),
)
IMPORT = 1.2
"""How much longer than its libraries main.py may take to be imported."""


@dataclass(frozen=True)
class Aim:
    """One row of the table of aims."""

    aim: str
    figure: str
    met: bool


def judged(found: Found, cases: Mapping[str, Case], seconds: Mapping[str, float]) -> list[Aim]:
    """Return every aim of the cases that were measured, and of the imports if they were, in the order of the page."""
    return [*(_judged(bar, found, cases) for bar in bars(cases)), *([_import(seconds)] if seconds else [])]


def bars(cases: Mapping[str, Case]) -> list[Bar]:
    """Return the bars of these cases. Those of requests follow from a case's size."""
    light = [(cases[name], face) for name in LIGHT if name in cases for face in FACES]
    requests = [bar for case, face in light for bar in (run_queries(case, face), others(case.name, face))]
    return [bar for bar in (*BARS, *requests) if set(bar.cases) <= cases.keys()]


def _judged(bar: Bar, found: Found, cases: Mapping[str, Case]) -> Aim:
    figure = bar.figure(found)
    return Aim(f"{cases[bar.cases[-1]].title}: {bar.text}", bar.shown.format(figure), bar.least <= figure <= bar.most)


def _import(seconds: Mapping[str, float]) -> Aim:
    ours, theirs = seconds[imports.OURS], seconds[imports.THEIRS]
    aim = f"importing main.py ≤ {IMPORT} x importing functions_framework and requests"
    return Aim(aim, f"{ours / theirs:.2f} x ({ours * 1000:.0f} ms, {theirs * 1000:.0f} ms)", ours <= IMPORT * theirs)
