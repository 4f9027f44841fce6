"""Sync the real LangSmith into one DuckDB file on this machine: `make sync`.

Serves the function as a deployment would, calls it until it has nothing more, and shows what has arrived. All configuration comes
from the environment. The file stays, so the next run reads only what is new.
"""

from __future__ import annotations

import os
import sys

import drive
import progress
import report

REQUIRED = {
    "LANGSMITH_API_KEY": "a key from LangSmith's settings, best a service key of the workspace",
    "LANGSMITH_TENANT_ID": "the workspace's id, on the same page",
}
DEFAULTS = {"LOCAL_DB": "langsmith.duckdb", "SINK": "duckdb", "MAX_SECONDS": "10"}  # ten seconds a call: a line now and then


def main() -> int:
    """Sync, and return the exit code."""
    missing = [f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not os.environ.get(name, "").strip()]
    if missing:
        print(f"Set {' and '.join(missing)}, then run this again; `make demo` needs neither.", file=sys.stderr)
        return 2
    return drive.run(_sync)


def _sync(programs: drive.Programs) -> None:
    environment = DEFAULTS | {name: value for name, value in os.environ.items() if value}
    url = drive.start_function(programs, environment)
    print(f"Syncing through functions-framework --source main.py --target sync --host 127.0.0.1, at {url}", flush=True)
    progress.drain(url)
    if environment["SINK"] == "duckdb":
        report.show(environment["LOCAL_DB"])
        print(f"\nThe rows are in {environment['LOCAL_DB']}. Run this again for what has changed since.")


if __name__ == "__main__":
    sys.exit(main())
