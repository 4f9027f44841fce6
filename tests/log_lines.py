"""Log lines of real calls: situations, each made with the real targets on a simulated LangSmith, and what they print.

Here: making them. Not here: what the lines should be (test_logs), or which alert they raise (terraform/test_terraform_alerts).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import SyncError
from langsmith_core.sync.batch import NEVER, Batch
from product import World
from simulator import Fault

TRACE = "105445aa7843bc8bf206b12000100000"
HEADERS = {"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"}
SYNC_ID = "9f0c"
SECRET = "4111 1111 1111 1111"
Line = dict[str, Any]


def printed(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """Return the lines since the last look, each a JSON object."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def fivetran(w: World, **more: Any) -> None:
    """Make a call as Fivetran does."""
    w.post("/fivetran", json.dumps({"state": {}, "sync_id": SYNC_ID, **more}).encode(), **HEADERS)


def sync(w: World) -> None:
    """Run one scheduled pass."""
    w.post("/sync", b"", **HEADERS)


def read(w: World) -> None:
    """Read the status."""
    w.request("GET", "/sync")


def setup(w: World) -> None:
    """Run Fivetran's setup test."""
    fivetran(w, setup_test=True)


def key_refused(w: World) -> None:
    """Call with a key that was deleted in LangSmith."""
    w.configure(LANGSMITH_API_KEY="lsv2_pt_wrong")
    fivetran(w)


def workspace_refused(w: World) -> None:
    """Run a pass with a key that may not read the workspace."""
    w.sim.faults.add(Fault(status=403, body={"detail": "Forbidden"}, times=None))
    sync(w)


def overlapping(w: World) -> None:
    """Run a scheduled pass while another pass is at work."""
    with local.opened(w.database):
        sync(w)


def put(w: World) -> None:
    """Call by a method that no target takes."""
    w.request("PUT", "/sync")


def v1(w: World) -> None:
    """Run a pass on a LangSmith that has v1 only, and announces its end."""
    w.sim.mode = "clickhouse"
    sync(w)


def rejecting(w: World, patch: pytest.MonkeyPatch, failure: Exception | None = None) -> None:
    """Run a pass whose sink rejects two rows of its first batch, and then may fail at the second."""
    whole, written = local.LocalFile.write, list[Batch]()

    def write(file: local.LocalFile, batch: Batch, now: datetime = NEVER) -> None:
        if written and failure:
            raise failure
        whole(file, batch, now)
        file.rejected += 0 if written else 2
        written.append(batch)

    patch.setattr(local.LocalFile, "write", write)
    patch.setattr("langsmith_core.faces.one_pass.DUCKDB_BATCH_BYTES", 8_000)
    w.configure(MAX_RESPONSE_MB="0.008")
    sync(w)


def first_sync(w: World) -> None:
    """Run hourly passes while a list of LangSmith's fails for a day and an hour, then one more."""
    w.sim.faults.add(Fault(kind="datasets", status=500, times=None))
    for _ in range(25):
        sync(w)
        w.clock.advance(hours=1)
    sync(w)


BUSY_SINK = SyncError("BigQuery, p.d: the account may not run jobs", 400)
SITUATIONS: dict[str, Callable[[World, pytest.MonkeyPatch], None]] = {
    "a pass of fivetran": lambda w, _: fivetran(w),
    "a pass of sync": lambda w, _: sync(w),
    "the status": lambda w, _: read(w),
    "a setup test": lambda w, _: setup(w),
    "the key is refused": lambda w, _: key_refused(w),
    "the workspace is refused": lambda w, _: workspace_refused(w),
    "another pass is at work": lambda w, _: overlapping(w),
    "a wrong method": lambda w, _: put(w),
    "LangSmith announces an end": lambda w, _: v1(w),
    "rows are rejected": rejecting,
    "rows are rejected, then the sink fails": lambda w, patch: rejecting(w, patch, BUSY_SINK),
    "rows are rejected, then a fault of our own": lambda w, patch: rejecting(w, patch, ValueError(SECRET)),
    "a first sync that does not end": lambda w, _: first_sync(w),
}


def of_situation(w: World, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], situation: str) -> list[Line]:
    """Return the lines of a situation, in a workspace of five runs, on Google Cloud."""
    w.configure(GOOGLE_CLOUD_PROJECT="acme-data", SYNC_USAGE="false")
    project = w.workspace.add_project("p")
    for _ in range(5):
        w.workspace.add_run(project)
    printed(capsys)
    SITUATIONS[situation](w, patch)
    return printed(capsys)
