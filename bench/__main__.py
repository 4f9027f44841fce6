"""Run every program on every size, print a line for each, then write the page docs/benchmarks.md: `make bench`.

A smaller run (`--runs 2000`) prints the page and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections import defaultdict
from collections.abc import Iterable
from statistics import median_low

from bench import aims, corpus, imports
from bench.aims import Readings
from bench.cases import APIS, FACES, FLOOR, PROGRAMS, Plan, Program, Size
from bench.measure import ROOT, Reading, Source, measured, source
from bench.page import page

RUNS, HEAVY_RUNS, ROUNDS = 50_000, 4_000, 3
Key = tuple[str, str]


def main() -> None:
    """Measure and print. Write the page if this was the whole benchmark."""
    options = arguments().parse_args()
    heavy = options.heavy_runs or max(100, HEAVY_RUNS * options.runs // RUNS)
    plan = Plan(Size(options.runs, 3_000), Size(heavy, 75_000), options.rounds)
    readings = Readings(_all(plan.light, plan), _all(plan.heavy, plan), _doubled(plan), imports.seconds())
    text = page(readings, plan, aims.judged(readings, plan.light, plan.heavy), facts(plan))
    print(text)
    if (options.runs, heavy) == (RUNS, HEAVY_RUNS):
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="ratios against peers and a floor")
    parser.add_argument("--runs", type=int, default=RUNS, help="light runs; the page is written only at the default")
    parser.add_argument("--heavy-runs", type=int, help="heavy runs, by default in proportion")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times that each program is measured; the median counts")
    return parser


def facts(plan: Plan) -> dict[str, str]:
    """Return what the page says about the run beside its figures. It names no machine and no path."""
    many = plan.rounds > 1
    return {
        "command": "make bench" if plan.rounds == ROUNDS else f"python -m bench --rounds {plan.rounds}",
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}",
        "rounds": f"the medians of {plan.rounds} rounds" if many else "one round",
        "slow": " (measured once: it is slow)" if many else "",
        "projects": str(corpus.PROJECTS),
        "days": str(corpus.DAYS),
    }


def _all(size: Size, plan: Plan) -> dict[Key, Reading]:
    """Measure every program on both APIs, in turns, so that a disturbance of the machine hits all of them alike."""
    found: defaultdict[Key, list[Reading]] = defaultdict(list)
    with source(size.runs, size.record_bytes) as origin:
        for api in APIS:
            measured(FLOOR, api, origin)  # renders every run once; after that the simulator sends what it has
            for number in range(plan.rounds):
                for program in PROGRAMS:
                    if number == 0 or not program.slow:
                        found[api, program.module].append(_measured(program, api, origin))
    return {key: middle(readings) for key, readings in found.items()}


def _doubled(plan: Plan) -> dict[str, Reading]:
    """Measure the faces on twice the runs."""
    with source(plan.doubled.runs, plan.doubled.record_bytes) as origin:
        measured(FLOOR, "v2", origin)
        programs = [program for program in PROGRAMS if program.module in FACES]
        return {program.module: _measured(program, "v2", origin) for program in programs}


def _measured(program: Program, api: str, origin: Source) -> Reading:
    reading = measured(program.module, api, origin)
    figures = f"{reading.rate:8,.0f} rows/s {reading.run_requests:5} run queries {reading.peak_mb:6,.0f} MB"
    print(f"{origin.runs:7,} runs  {api}  {program.module:10} {figures}  {reading.seconds:6.1f} s", flush=True)
    return reading


def middle(readings: Iterable[Reading]) -> Reading:
    """Return the reading with the middle rate, whole, because its figures belong together."""
    listed = list(readings)
    rate = median_low(reading.rate for reading in listed)
    return next(reading for reading in listed if reading.rate == rate)


if __name__ == "__main__":
    main()
