"""`langsmith-sync check`: compare LangSmith's counts with the destination's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

import typer

from langsmith_core import masking
from langsmith_core.clock import SystemClock
from langsmith_core.completeness.values import Ruling, Verdict
from langsmith_core.faces import check_now
from langsmith_core.faces.process import Process
from langsmith_core.langsmith import client, under_way
from langsmith_core.settings.keys import secrets
from langsmith_core.sync import ahead, names
from langsmith_sync import environment, programs, tables
from langsmith_sync.exits import Exit
from langsmith_sync.options import EnvFile, Workspace

Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Compare all days since this one (UTC); by default the last seven."),
]
Projects = Annotated[list[str] | None, typer.Option("--project", metavar="NAME", help="Only this project; may be repeated.")]
Fix = Annotated[bool, typer.Option("--fix", help="Read again what is short, and count it again.")]
WORST = (Ruling.GAP, Ruling.REREAD, Ruling.UNKNOWN, Ruling.CLOSED, Ruling.COMPLETE)
"""The rulings, the one that matters most first."""
MISSING = (Ruling.GAP, Ruling.REREAD)
SAID = {Ruling.REREAD: "short"}
"""What a ruling is called where nothing was read again."""


def check(
    env_file: EnvFile = None,
    workspace: Workspace = None,
    since: Since = None,
    project: Projects = None,
    *,
    fix: Fix = False,
) -> None:
    """Compare what LangSmith counts with what the destination holds.

    Days that ended less than 48 hours ago still move, and are not compared. A gap ends in status 1.
    """
    environment.adopted(env_file)
    environment.refuse_missing()
    settings = environment.settings(workspace)
    programs.interruptible()
    process = Process(SystemClock(), client.session(under_way.THREADS_MAX), names.Remembered(), ahead.Kept(), under_way.in_thread)
    first = since.replace(tzinfo=UTC) if since else None
    with programs.stoppable(), masking.secrets_masked(secrets(os.environ)):
        found = check_now.run(settings, process, first, tuple(project or ()), fix=fix)
    _show(found)
    raise typer.Exit(Exit.FAILED if any(one.ruling in MISSING for one in found) else Exit.DONE)


def _show(found: Sequence[Verdict]) -> None:
    """Print a line for each project or dataset, then each place that is not complete."""
    columns = ("table", "project or dataset", "days", "at LangSmith", "here", "verdict")
    numbers = ("days", "at LangSmith", "here")
    tables.show(columns, [_line(list(group)) for _, group in groupby(found, key=_parent)], right=numbers)
    open_places = [one for one in found if one.ruling not in (Ruling.COMPLETE, Ruling.CLOSED) and one.day]
    if open_places:
        print()
        places = [(one.table, _name(one), f"{one.day:%Y-%m-%d}", one.source, one.destination, _said(one)) for one in open_places]
        tables.show((*columns[:2], "day", *columns[3:]), places, right=numbers)
    print(f"\n{_sum(found)}")


def _line(group: Sequence[Verdict]) -> tuple[object, ...]:
    """Sum up a parent: its days, or the whole of it where no day was compared."""
    days = [one for one in group if one.day] or list(group)
    worst = min(days, key=lambda one: WORST.index(one.ruling))
    known = [one.source for one in days if one.source is not None]
    count = sum(one.day is not None for one in days) or None
    source = sum(known) if known else None
    return worst.table, _name(worst), count, source, sum(one.destination for one in days), _said(worst)


def _sum(found: Iterable[Verdict]) -> str:
    counts = {ruling: sum(one.ruling is ruling for one in found) for ruling in WORST}
    parts = [f"{count:,} {SAID.get(ruling, ruling.value)}" for ruling, count in counts.items() if count]
    return f"Places compared: {', '.join(parts) or 'none'}. What each verdict means: docs/completeness.md"


def _parent(verdict: Verdict) -> tuple[str, str]:
    return verdict.table, verdict.parent_id


def _name(verdict: Verdict) -> str:
    return verdict.name or verdict.parent_id


def _said(verdict: Verdict) -> str:
    return SAID.get(verdict.ruling, verdict.ruling.value)
