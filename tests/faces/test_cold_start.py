"""Tests of what a cold start loads: the target `fivetran` pays for no library of a destination that it does not write to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Simulator

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
import functions_framework
before = set(sys.modules)  # it has a package of its own below google.cloud
client = functions_framework.create_app(sys.argv[1], "main.py").test_client()
answer = client.post("/", data=b"{}", content_type="application/json")
loaded = sorted(set(sys.modules) - before)
print(json.dumps({"status": answer.status_code, "answer": answer.get_data(as_text=True), "modules": loaded}))
"""
HEAVY = ("duckdb", "google", "grpc")


def called(target: str, url: str, folder: Path) -> dict[str, Any]:
    """Call a target once in a fresh process, behind functions-framework's application."""
    told = {
        "LANGSMITH_API_KEY": DEFAULT_API_KEY,
        "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
        "LANGSMITH_BASE_URL": url,
        "LOCAL_DB": str(folder / "langsmith.duckdb"),
        "NO_PROXY": "*",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH_", "GOOGLE_", "K_"))}
    command = [sys.executable, "-c", PROGRAM, target]
    ended = subprocess.run(  # noqa: S603  our own program
        command, cwd=ROOT, env={**kept, **told}, capture_output=True, text=True, check=True
    )
    shown: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return shown


def heavy(modules: list[str]) -> set[str]:
    """Return the libraries of destinations among these modules."""
    return {module.partition(".")[0] for module in modules} & set(HEAVY)


@pytest.mark.parametrize(("target", "loaded"), [("fivetran", set()), ("sync", {"duckdb"})])
def test_a_target_loads_no_library_that_it_does_not_need(target: str, loaded: set[str], tmp_path: Path) -> None:
    """In a fresh process, after a call that read every run, `fivetran` has loaded neither DuckDB nor a library of Google's.
    `sync` into a file has loaded DuckDB alone, so the check sees what is loaded.
    """
    sim = Simulator()
    sim.corpus(projects=2, runs=20)
    with sim.serve() as url:
        shown = called(target, url, tmp_path)
    assert shown["status"] == 200
    assert {"sessions", "runs"} <= {request.kind for request in sim.requests}
    assert json.loads(shown["answer"])["hasMore"] is False
    assert "langsmith_core.sync.engine" in shown["modules"]
    assert heavy(shown["modules"]) == loaded
