"""Run the demo: from an application's traces to rows in a DuckDB file, on this machine, without an account.

A simulator stands in for LangSmith, with two weeks of a shop's applications, and the official SDK traces one more into it. Then
the function is served as in a deployment, and called until it has nothing more. Run a second time, the demo goes on: five things
change in LangSmith, and all five arrive in the file. A third run starts over.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import duckdb

from langsmith_core.settings import workspaces
from langsmith_sync import function, server
from langsmith_sync.exits import Exit
from langsmith_sync.first_run import arrivals, report
from langsmith_sync.programs import FailureError, Programs, free_port, run
from langsmith_sync.screen import calls

DATABASE = "demo.duckdb"
JOURNAL = "demo.journal"  # the simulated LangSmith's memory between two runs
SIMULATOR = ["--corpus", "demo", "--seed", "1", "--mode", "smithdb", "--journal", JOURNAL]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
BOUNDS = {"MAX_SECONDS": "0.5", "PAGE_SIZE": "1000"}  # short calls, so that there is something to watch
OLD_SECONDS = 7 * 86_400  # after two weeks a run that has not ended is not asked for any more
PACKAGES = function.HERE.parent
"""The folder of this package and of the simulator."""
IS_CHECKOUT = function.source().parent == PACKAGES
AGAIN, REAL = ("make demo", "make sync") if IS_CHECKOUT else ("langsmith-sync demo", "langsmith-sync sync")


def demo() -> Exit:
    """Run the demo, and return the exit status."""
    return run(_demo)


def _demo(programs: Programs) -> None:
    picks = _left_by_a_first_run()
    if picks is None:
        _first(programs)
    else:
        _second(programs, picks)


def _left_by_a_first_run() -> arrivals.Picks | None:
    """Return what a second run is to change; None where the demo has to start over."""
    database, journal = Path(DATABASE), Path(JOURNAL)
    if not (database.exists() and journal.exists()) or time.time() - journal.stat().st_mtime > OLD_SECONDS:
        return None
    try:
        picks = arrivals.picked(DATABASE)
        arrived = picks and all(there for _, there in arrivals.seen(DATABASE, picks))
    except duckdb.IOException as error:
        raise FailureError(f"{DATABASE} cannot be read: close what has it open, or delete it.\n{error}") from error
    return None if arrived else picks


def _first(programs: Programs) -> None:
    for leftover in (DATABASE, f"{DATABASE}.wal", JOURNAL):
        Path(leftover).unlink(missing_ok=True)
    langsmith = _simulated(programs, "--port", str(free_port()))
    print(
        "1. A simulated LangSmith with two weeks of a shop's applications serves at", langsmith["LANGSMITH_BASE_URL"], flush=True
    )
    _with_sdk(programs, langsmith, "traced_app")
    print("2. A LangChain application was traced into it by the LangSmith SDK (first_run/traced_app.py)", flush=True)
    _sync(programs, langsmith)
    report.show(DATABASE)
    print(f"\nThe rows are in {DATABASE}. Now let five things change, and see them arrive:\n\n  {AGAIN}")
    print(f"\nOr with your own LangSmith:\n\n  export LANGSMITH_API_KEY=... LANGSMITH_TENANT_ID=...\n  {REAL}\n")


def _second(programs: Programs, picks: arrivals.Picks) -> None:
    before = arrivals.seen(DATABASE, picks)
    langsmith = _simulated(programs)
    print("1. The simulated LangSmith of the first run serves again at", langsmith["LANGSMITH_BASE_URL"], flush=True)
    _with_sdk(programs, langsmith, "five_changes", json.dumps(picks))
    print("2. Five things were changed in it by the LangSmith SDK (first_run/five_changes.py)", flush=True)
    _sync(programs, langsmith)
    after = arrivals.seen(DATABASE, picks)
    rows = [(one.title, was, now) for one, (was, _), (now, _) in zip(arrivals.ARRIVALS, before, after, strict=True)]
    print(f"\nWhat {DATABASE} showed before, and shows now (the questions: first_run/arrivals.py):\n", flush=True)
    print(report.aligned(("changed in LangSmith", "before", "now"), rows))
    report.show(DATABASE, ())
    missing = [one.title for one, (_, there) in zip(arrivals.ARRIVALS, after, strict=True) if not there]
    if missing:
        raise FailureError(f"This has not arrived: {'; '.join(missing)}.")
    print(f"\nAll five have arrived. The next `{AGAIN}` starts over; so does one after `rm demo.duckdb`.\n")


def _sync(programs: Programs, langsmith: dict[str, str]) -> None:
    configured = {**langsmith, **BOUNDS, "LOCAL_DB": DATABASE}
    url = server.start(programs, {**_clean(), **configured})
    print(f"3. {function.SHOWN}; POST until hasMore is false:\n", flush=True)
    calls.drain(url, workspaces.settings(configured, None))


def _simulated(programs: Programs, *more: str) -> dict[str, str]:
    """Start the simulator; return what it prints: its address, a key and a workspace."""
    command = [sys.executable, "-m", "simulator", *SIMULATOR, *more]
    program = programs.start("simulator", command, _clean())
    lines = program.wait_for(lambda one: one.printed()[2:] and one.printed())
    return dict(line.split("=", 1) for line in lines)


def _with_sdk(programs: Programs, langsmith: dict[str, str], script: str, *arguments: str) -> None:
    names = {"LANGSMITH_ENDPOINT": "BASE_URL", "LANGSMITH_API_KEY": "API_KEY", "LANGSMITH_WORKSPACE_ID": "TENANT_ID"}
    where = {name: langsmith[f"LANGSMITH_{theirs}"] for name, theirs in names.items()}
    command = [sys.executable, "-m", f"langsmith_sync.first_run.{script}", *arguments]
    programs.start(script, command, {**_clean(), **where, "LANGSMITH_TRACING": "true"}).wait()


def _clean() -> dict[str, str]:
    """Return what programs need of the environment. No key or setting of the real LangSmith, and no
    proxy, is meant for the demo.
    """
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONPATH": str(PACKAGES)}
