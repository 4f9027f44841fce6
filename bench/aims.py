"""Judge the figures against their aims: each is a row with aim, figure, and met or not.

Pure: readings in, rows out. Nothing fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench import imports
from bench.cases import APIS, DLT, FACES, FIVETRAN, LOCAL, SDK, Size
from bench.corpus import PROJECTS
from bench.measure import Reading
from bench.work import PAGE_SIZE

PEAK_MB = {FIVETRAN: (150, 250), LOCAL: (300, 500)}
"""The most memory in MB, with light and with heavy rows."""
FLAT = 1.1
PARENTS = {"v1": PROJECTS, "v2": 1}
"""Run queries in a row of pages: one for each project, or one for a batch of projects."""
OTHERS = 5
"""Requests other than run queries: /info, the projects for the recent part and for history, datasets, feedback."""
NAMES = {FIVETRAN: "Fivetran face", LOCAL: "DuckDB face"}


@dataclass(frozen=True)
class Readings:
    """All readings: by API and program for each size, the doubled runs by program, and import times."""

    light: dict[tuple[str, str], Reading]
    heavy: dict[tuple[str, str], Reading]
    doubled: dict[str, Reading]
    imports: dict[str, float]


@dataclass(frozen=True)
class Aim:
    """One row of the table of aims."""

    aim: str
    figure: str
    met: bool


def judged(readings: Readings, light: Size, heavy: Size) -> list[Aim]:
    """Return every aim, in the order of the page."""
    return [*_speed(readings, light, heavy), *_memory(readings, light, heavy), *_requests(readings, light), _import(readings)]


def _speed(readings: Readings, light: Size, heavy: Size) -> Iterator[Aim]:
    for size, found in ((light, readings.light), (heavy, readings.heavy)):
        yield _ratio(f"Fivetran face ≥ 1 x SDK v2 loop, {size.name}", found["v2", FIVETRAN], found["v2", SDK], 1)
        for api in APIS:
            yield _ratio(f"DuckDB face ≥ 4 x dlt, {api}, {size.name}", found[api, LOCAL], found[api, DLT], 4)


def _ratio(aim: str, ours: Reading, theirs: Reading, least: float) -> Aim:
    ratio = ours.rate / theirs.rate
    return Aim(aim, f"{ratio:.2f} x", ratio >= least)


def _memory(readings: Readings, light: Size, heavy: Size) -> Iterator[Aim]:
    for face in FACES:
        for number, (size, found) in enumerate(((light, readings.light), (heavy, readings.heavy))):
            most = PEAK_MB[face][number]
            peak = max(found[api, face].peak_mb for api in APIS)
            yield Aim(f"{NAMES[face]} ≤ {most} MB, {size.name}", f"{peak:.0f} MB", peak <= most)
        once, twice = readings.light["v2", face].peak_mb, readings.doubled[face].peak_mb
        yield Aim(f"{NAMES[face]} flat with twice the runs, ≤ {FLAT} x", f"{twice / once:.2f} x", twice <= FLAT * once)


def _requests(readings: Readings, light: Size) -> Iterator[Aim]:
    for face in FACES:
        for api in APIS:
            found = readings.light[api, face]
            pages = -(-light.runs // PAGE_SIZE[api])
            most = pages + 2 * PARENTS[api]
            aim = f"{NAMES[face]}, run queries on {api} ≤ {pages} full pages + 2 x {PARENTS[api]}"
            yield Aim(aim, str(found.run_requests), found.run_requests <= most)
        others = max(readings.light[api, face].other_requests for api in APIS)
        yield Aim(f"{NAMES[face]}, other requests ≤ {OTHERS}", str(others), others <= OTHERS)


def _import(readings: Readings) -> Aim:
    ours, theirs = readings.imports[imports.OURS], readings.imports[imports.THEIRS]
    aim = "importing main.py ≤ 1.2 x importing functions_framework and requests"
    return Aim(aim, f"{ours / theirs:.2f} x ({ours * 1000:.0f} ms, {theirs * 1000:.0f} ms)", ours <= 1.2 * theirs)
