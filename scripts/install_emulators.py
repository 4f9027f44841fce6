"""Install the emulators, start each once and print where they are: `make emulators`. The tests start their own.

Here: what a person must do where one cannot be installed. Not here: installing one (bigquery_emulator, tasks_emulator), starting
one (tests/emulators).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import bigquery_emulator
import tasks_emulator
from emulators import bigquery_emulator as bigquery
from emulators import firestore_emulator as firestore
from emulators import tasks_emulator as tasks


def main() -> int:
    """Install them, or print what is missing; return 1 where one cannot be started."""
    bigquery_emulator.install()
    tasks_emulator.install()
    missing = [reason for reason in (bigquery.missing(), tasks.missing(), firestore.missing()) if reason]
    if missing:
        print("\n".join(missing), file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        with bigquery.running(Path(folder)) as address:
            print(f"the BigQuery emulator starts (it answered on {address})")
        with firestore.running(Path(folder)) as one:
            print(f"the Firestore emulator starts (it answered on {one.address})")
        with tasks.running(Path(folder)) as address:
            print(f"the Cloud Tasks emulator starts (it answered on {address})")
    print("run `make test-emulators`: the tests start them on free ports and stop them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
