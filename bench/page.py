"""Write the page docs/benchmarks.md: tables of what was measured. Pure: readings in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping

from bench.aims import Aim, Readings
from bench.cases import APIS, FACES, FLOOR, PROGRAMS, Plan
from bench.measure import Reading

HEAD = """# Benchmarks

Written by `{command}` on {machine}; {rounds}.
Other work may have run beside it, so only the ratios within one run mean anything.

Every program reads all runs of one simulated workspace ({projects} projects, {days} days) over loopback HTTP, the same fields, at
PAGE_SIZE=1000 (v1: 100), in a process of its own, into an empty destination. The simulator's process is another; its CPU time is
given as a share of the program's time. A program's time is from its first request to the end of its last write, without imports.

- **Fivetran face**: the target `fivetran` behind functions-framework's application, called until `hasMore` is false.
- **DuckDB face**: the target `sync` into a new file, called likewise.
- **SDK loop**: `list_runs` on v1, `runs.query` on v2. It lands nothing.
- **dlt**: its `rest_api` source into a new DuckDB file, upserting by id, payloads as JSON columns{slow}.
- **floor**: reads each page, parses it, writes its runs as lines of JSON.
"""
COLUMNS = ("", "rows/s", "x floor", "run queries", "other requests", "answered MB", "peak MB", "simulator")
HEAVY_NOTE = """
With heavy rows our pages are as large as MAX_RESPONSE_MB allows, not as PAGE_SIZE does: more requests, and bounded memory.
"""


def page(readings: Readings, plan: Plan, aims: list[Aim], facts: Mapping[str, str]) -> str:
    """Return the whole page."""
    parts = [HEAD.format(**facts), "## Aims\n", _aims(aims)]
    for size, found in ((plan.light, readings.light), (plan.heavy, readings.heavy)):
        for api in APIS:
            programs = {program.name: found[api, program.module] for program in PROGRAMS}
            parts += [f"\n## {size.name}, {api}\n", _readings(programs, found[api, FLOOR])]
    parts += [HEAVY_NOTE, f"## {plan.doubled.name}, v2: twice the runs\n", _doubled(readings)]
    return "\n".join(parts)


def _aims(aims: list[Aim]) -> str:
    return table(("aim", "figure", ""), [(one.aim, one.figure, "met" if one.met else "**not met**") for one in aims])


def _doubled(readings: Readings) -> str:
    names = {program.module: program.name for program in PROGRAMS}
    return _readings({names[face]: readings.doubled[face] for face in FACES}, readings.light["v2", FLOOR])


def _readings(found: Mapping[str, Reading], floor: Reading) -> str:
    return table(COLUMNS, [cells(name, reading, floor) for name, reading in found.items()])


def cells(name: str, reading: Reading, floor: Reading) -> tuple[str, ...]:
    """Return one program's row."""
    return (
        name,
        f"{reading.rate:,.0f}",
        f"{reading.rate / floor.rate:.2f}",
        f"{reading.run_requests}",
        f"{reading.other_requests}",
        f"{reading.answered_mb:,.0f}",
        f"{reading.peak_mb:,.0f}",
        f"{reading.simulator_share:.0%}",
    )


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table, figures to the right."""
    rule = ["---", *("---:" for _ in columns[1:])]
    lines = [" | ".join(row) for row in (columns, tuple(rule), *rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"
