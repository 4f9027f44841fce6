"""`langsmith-sync sync`: copy what is new, until nothing is left."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from langsmith_core.sync.state import Pass
from langsmith_sync import environment, passes, programs
from langsmith_sync.exits import Exit
from langsmith_sync.options import EnvFile, Workspace
from langsmith_sync.screen import display
from langsmith_sync.screen.watch import Watch

Once = Annotated[bool, typer.Option("--once", help="Make one pass of MAX_SECONDS at most, even if more is left.")]
Report = Annotated[bool, typer.Option("--report", help="Ask the file a few questions at the end.")]


def sync(env_file: EnvFile = None, workspace: Workspace = None, *, once: Once = False, report: Report = False) -> None:
    """Copy what is new, until nothing is left.

    Rows go to LOCAL_DB, a DuckDB file, or to BigQuery, as SINK says.
    """
    environment.adopted(env_file)
    environment.refuse_missing()
    settings = environment.settings(workspace)
    programs.interruptible()
    screen = display.screen()
    watch = Watch(settings, screen)
    target = settings.local_db if settings.sink == "duckdb" else f"BigQuery, {settings.bigquery_dataset}"
    print(f"Syncing {settings.base_url} into {target}", flush=True)
    try:
        with screen.showing(watch.figures):
            done = passes.run(settings, watch, workspace, once=once)
    except KeyboardInterrupt:
        typer.echo(f"\n{programs.STOPPED}", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    if settings.sink == "duckdb":
        _tell(settings.local_db, done, report=report)
    raise typer.Exit(_gap(done, watch))


def _gap(done: Pass, watch: Watch) -> Exit:
    """Name what the sync leaves out, and return the exit status."""
    gaps = [f"{done.rejected:,} rows were rejected: see the table langsmith_rejected"] if done.rejected else []
    gaps += [f"a part of {table} failed again and again; the next run asks for it once more" for table in watch.put_aside]
    for gap in gaps:
        print(f"A gap is left: {gap}.", file=sys.stderr)
    return Exit.FAILED if gaps else Exit.DONE


def _tell(path: str, done: Pass, *, report: bool) -> None:
    from langsmith_sync.first_run import report as reports  # noqa: PLC0415  DuckDB need not be installed for BigQuery

    reports.show(path, reports.QUERIES if report else ())
    more = "More is left; run this again." if done.has_more else "Run this again for what has changed since."
    print(f"\nThe rows are in {path}. {more}")
