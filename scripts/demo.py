"""Run the demo: from an application's traces to rows in a DuckDB file, on this machine, without an account: `make demo`.

A simulator stands in for LangSmith. It starts with a seeded workspace, into which the official SDK traces a small application.
The rest is what `make sync` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import drive
import progress
import report

DATABASE = "demo.duckdb"
CORPUS = ["--seed", "1", "--projects", "5", "--runs", "3000", "--mode", "smithdb"]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
BOUNDS = {"MAX_SECONDS": "0.5", "PAGE_SIZE": "1000"}  # short calls, so that there is something to watch


def main() -> int:
    """Run the demo, and return the exit code."""
    return drive.run(_demo)


def _demo(programs: drive.Programs) -> None:
    for leftover in (DATABASE, f"{DATABASE}.wal"):
        Path(leftover).unlink(missing_ok=True)
    langsmith = _simulated(programs)
    print("1. A simulated LangSmith with 5 projects and 3,000 runs serves at", langsmith["LANGSMITH_BASE_URL"], flush=True)
    _trace(programs, langsmith)
    print("2. A LangChain application was traced into it by the LangSmith SDK (scripts/traced_app.py)", flush=True)
    url = drive.start_function(programs, {**_clean(), **langsmith, **BOUNDS, "LOCAL_DB": DATABASE})
    print("3. functions-framework --source main.py --target sync --host 127.0.0.1; POST until hasMore is false:\n", flush=True)
    progress.drain(url)
    report.show(DATABASE)
    print(f"\nThe rows are in {DATABASE}. With your own LangSmith:")
    print("\n  export LANGSMITH_API_KEY=... LANGSMITH_TENANT_ID=...\n  make sync\n")


def _simulated(programs: drive.Programs) -> dict[str, str]:
    """Start the simulator; return what it prints: its address, a key and a workspace."""
    command = [sys.executable, "-m", "simulator", "--port", str(drive.free_port()), *CORPUS]
    program = programs.start("simulator", command, {**_clean(), "PYTHONPATH": str(drive.ROOT)})
    lines = program.wait_for(lambda one: one.printed()[2:] and one.printed())
    return dict(line.split("=", 1) for line in lines)


def _trace(programs: drive.Programs, langsmith: dict[str, str]) -> None:
    names = {"LANGSMITH_ENDPOINT": "BASE_URL", "LANGSMITH_API_KEY": "API_KEY", "LANGSMITH_WORKSPACE_ID": "TENANT_ID"}
    where = {name: langsmith[f"LANGSMITH_{theirs}"] for name, theirs in names.items()}
    command = [sys.executable, str(drive.ROOT / "scripts" / "traced_app.py")]
    programs.start("traced application", command, {**_clean(), **where, "LANGSMITH_TRACING": "true"}).wait()


def _clean() -> dict[str, str]:
    """Return what programs need of the environment. No key or setting of the real LangSmith, and no
    proxy, is meant for the demo.
    """
    return {name: os.environ[name] for name in KEPT if name in os.environ}


if __name__ == "__main__":
    sys.exit(main())
