"""Run every program in every case, print a line for each, then write the page docs/benchmarks.md: `make bench`.

A smaller run (`--runs 2000`) or some of the cases (`--only light-v2 idle-v2`) prints the page and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bench import aims, corpus, imports, page, shares
from bench.cases import CASES, FIVETRAN, FLOOR, PROGRAMS, RUNS, Case, planned
from bench.measure import ROOT, Source, measured, source
from bench.profiled import profiled
from bench.readings import Reading, middle

ROUNDS = 3
SLOW = {program.module for program in PROGRAMS if program.slow}
PROFILED = ("light-v2", "heavy-v2", "latency-v2", "latency-heavy-v2")
"""The cases of which the page says where the time goes."""
Readings = dict[str, dict[str, Reading]]


def main() -> None:
    """Measure and print. Write the page if this was the whole benchmark."""
    options = arguments().parse_args()
    cases = planned(options.runs, options.only)
    found = _measured(cases, options.rounds)
    judged = aims.judged(found, {case.name: case for case in cases}, {} if options.only else imports.seconds())
    if options.only:
        print("\n".join(page.measured(found, cases, judged)))
        return
    text = page.page(found, cases, judged, _shares(cases), facts(options.rounds))
    print(text)
    if options.runs in (None, RUNS):
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="ratios against peers and a floor")
    parser.add_argument(
        "--runs", type=int, help=f"light runs, by default {RUNS:,}, the rest in proportion; with --only, each case's"
    )
    parser.add_argument("--only", nargs="+", choices=[case.name for case in CASES], help="cases to measure; writes no page")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times that each program is measured; the median counts")
    return parser


def facts(rounds: int) -> dict[str, str]:
    """Return what the page says about the run beside its figures. It names no machine and no path."""
    return {
        "command": "make bench" if rounds == ROUNDS else f"python -m bench --rounds {rounds}",
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}",
        "rounds": f"the medians of {rounds} rounds" if rounds > 1 else "one round",
        "slow": " (measured once: it is slow)" if rounds > 1 else "",
        "projects": str(corpus.PROJECTS),
        "days": str(corpus.DAYS),
    }


def _measured(cases: list[Case], rounds: int) -> Readings:
    """Measure all cases. Those that read the same workspace share a simulator."""
    found: Readings = {}
    for size in dict.fromkeys(case.size for case in cases):
        with source(size) as origin:
            for case in cases:
                if case.size == size:
                    found[case.name] = _case(case, origin, rounds)
    return found


def _shares(cases: list[Case]) -> dict[str, dict[str, float]]:
    """Say where the Fivetran face's time goes, in some cases."""
    found = {}
    for case in cases:
        if case.name in PROFILED:
            with source(case.size) as origin:
                _warm(case, origin)
                found[case.name] = shares.shares(profiled(FIVETRAN, case, origin))
    return found


def _case(case: Case, origin: Source, rounds: int) -> dict[str, Reading]:
    """Measure a case's programs in turns, so that a disturbance of the machine hits all of them alike."""
    _warm(case, origin)
    listed: defaultdict[str, list[Reading]] = defaultdict(list)
    for program in _turns(case, rounds):
        listed[program].append(reading := measured(program, case, origin))
        _say(case, program, reading)
    return {program: middle(readings) for program, readings in listed.items()}


def _warm(case: Case, origin: Source) -> None:
    """Let the simulator render every run once. After that it sends what it has. An idle case begins with a sync of its own."""
    if not case.idle:
        measured(FLOOR, replace(case, latency=0.0, limits=False), origin)


def _turns(case: Case, rounds: int) -> Iterator[str]:
    for number in range(1 if case.once else rounds):
        yield from (program for program in case.programs if number == 0 or program not in SLOW)


def _say(case: Case, program: str, one: Reading) -> None:
    figures = f"{one.rate:8,.0f} rows/s {one.run_requests:5} run queries {one.peak_mb:6,.0f} MB  CPU {one.cpu_share:4.0%}"
    print(f"{case.name:17} {program:9} {figures}  {one.seconds:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
