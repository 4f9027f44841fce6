"""`langsmith-sync sync`: copy what is new, until nothing is left."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from langsmith_core.errors import UpstreamError
from langsmith_core.settings.config import Settings
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
    watch = Watch(settings, display.screen())
    target = settings.local_db if settings.sink == "duckdb" else f"BigQuery, {settings.bigquery_dataset}"
    print(f"Syncing {settings.base_url} into {target}", flush=True)
    done, failure = _passes(settings, watch, workspace, once=once)
    if settings.sink == "duckdb":
        _tell(settings.local_db, is_done=done is not None and not done.has_more, report=report)
    raise typer.Exit(_gap(done, watch, failure))


def _passes(settings: Settings, watch: Watch, workspace: str | None, *, once: bool) -> tuple[Pass | None, UpstreamError | None]:
    """Run the passes, and return the last one, or the failure where nothing but failing parts was left. Raises SyncError."""
    try:
        with programs.stoppable(), watch.screen.showing(watch.figures):
            return passes.run(settings, watch, workspace, once=once), None
    except UpstreamError as failure:
        if not watch.left_aside:
            raise
        return None, failure


def _gap(done: Pass | None, watch: Watch, failure: UpstreamError | None) -> Exit:
    """Name what the sync leaves out, and return the exit status."""
    gaps = [str(failure)] if failure else []
    gaps += [f"A gap is left: {done.rejected:,} rows were rejected; see langsmith_rejected."] if done and done.rejected else []
    gaps += [f"A gap is left: a part of {table} fails. The next run asks for it once more." for table in watch.left_aside]
    for gap in gaps:
        print(gap, file=sys.stderr)
    return Exit.FAILED if gaps else Exit.DONE


def _tell(path: str, *, is_done: bool, report: bool) -> None:
    from langsmith_sync.first_run import report as reports  # noqa: PLC0415  DuckDB need not be installed for BigQuery

    reports.show(path, reports.QUERIES if report else ())
    more = "Run this again for what has changed since." if is_done else "More is left; run this again."
    print(f"\nThe rows are in {path}. {more}")
