"""Write the page docs/benchmarks.md: tables of what was measured. Pure: readings in, Markdown out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bench.aims import Aim
from bench.cases import PROGRAMS, Case
from bench.readings import Found, Reading

HEAD = """# Benchmarks

Written by `{command}` on {machine}; {rounds}.
Other work may have run beside it, so only the ratios within one run mean anything.

Every program reads all runs of one simulated workspace ({projects} projects, {days} days by default), the same
fields, at PAGE_SIZE=1000 (v1: 100). It runs in its own process, over loopback HTTP, into an empty destination. A program's time
runs from its first request to the end of its last write, without imports. The tables give its CPU time as a share of that, and
the simulator's too, which is another process. If a section names a latency, every answer comes so much later, as over a network.
Requests that are sent side by side wait side by side.

- **Fivetran face**: the target `fivetran` behind functions-framework's application, called until `hasMore` is false.
- **DuckDB face**: the target `sync` into a new file, called likewise.
- **SDK loop**: `list_runs` on v1, `runs.query` on v2. It lands nothing.
- **dlt**: its `rest_api` source into a new DuckDB file, upserting by id, payloads as JSON columns{slow}.
- **connector**: under Fivetran's SDK 2.13.1, in sections of its own.
- **floor**: reads each page, parses it, writes its runs as lines of JSON.
"""
FIGURES: dict[str, Callable[[Reading, Reading], str]] = {
    "s": lambda one, _: f"{one.seconds:,.1f}",
    "rows/s": lambda one, _: f"{one.rate:,.0f}",
    "x first row": lambda one, first: f"{one.rate / first.rate:.2f}",
    "run queries": lambda one, _: f"{one.run_requests}",
    "other requests": lambda one, _: f"{one.other_requests}",
    "429": lambda one, _: f"{one.refused}",
    "answered MB": lambda one, _: f"{one.answered_mb:,.0f}",
    "peak MB": lambda one, _: f"{one.peak_mb:,.0f}",
    "CPU s": lambda one, _: f"{one.cpu_seconds:,.1f}",
    "CPU": lambda one, _: f"{one.cpu_share:.0%}",
    "simulator": lambda one, _: f"{one.simulator_share:.0%}",
}
"""The columns: a reading and that of the table's first row in, a cell out."""


SHARES = """
## Where the Fivetran face's time goes

The main thread's time by kind, under cProfile (`python -m bench.profiled CASE fivetran` names the functions). Profiling makes
Python's own functions look slower than C's. **rows**: a record becomes a row. **engine**: pages, work and state. **JSON in C**:
parsing and writing. **waiting**: nothing to do until an answer comes. **requests**: reading and unpacking answers.

- The floor parses and writes JSON, and nothing else. The SDK's loop makes objects of what it parses.
- What is not waiting is computed on one core: Python runs one thread at a time. So an aim at a latency is out of reach where our
  computing alone takes longer than the peer's time divided by the aim.
- What waits are the first questions of a sync: each needs the answer to the one before. /info, the projects, ten runs that tell a
  row's weight, a page of 200, a full one, then the same for the runs before the last seven days.
"""


def page(
    found: Found, cases: Iterable[Case], aims: list[Aim], shares: Mapping[str, Mapping[str, float]], facts: Mapping[str, str]
) -> str:
    """Return the whole page. `shares`: by case, what the time goes to."""
    return "\n".join([HEAD.format(**facts), *measured(found, cases, aims), SHARES, _shares(shares)])


def _shares(shares: Mapping[str, Mapping[str, float]]) -> str:
    kinds = next(iter(shares.values()))
    rows = [(f"`{name}`", *(f"{share:.0%}" for share in one.values())) for name, one in shares.items()]
    return table(("case", *kinds), rows)


def measured(found: Found, cases: Iterable[Case], aims: list[Aim]) -> list[str]:
    """Return the page's parts after its head: the aims, and a section for each case."""
    return ["## Aims\n", _aims(aims), *(_section(case, found[case.name]) for case in cases)]


def _aims(aims: list[Aim]) -> str:
    return table(("aim", "figure", ""), [(one.aim, one.figure, "met" if one.met else "**not met**") for one in aims])


def _section(case: Case, readings: Mapping[str, Reading]) -> str:
    first = readings[case.programs[0]]
    rows = [cells(program.name, readings[program.module], first) for program in PROGRAMS if program.module in readings]
    note = f"{case.note}\n\n" if case.note else ""
    return f"\n## {case.title}\n\n`--only {case.name}`. {note}".rstrip() + "\n\n" + table(("", *FIGURES), rows)


def cells(name: str, reading: Reading, first: Reading) -> tuple[str, ...]:
    """Return one program's row."""
    return (name, *(figure(reading, first) for figure in FIGURES.values()))


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table, figures to the right."""
    rule = ["---", *("---:" for _ in columns[1:])]
    lines = [" | ".join(row) for row in (columns, tuple(rule), *rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"
