"""Tests of `langsmith-sync serve`: the deployed function, on 127.0.0.1."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from langsmith_sync import server
from langsmith_sync.programs import Programs, free_port
from simulator import DEFAULT_TENANT_ID

ROOT = Path(__file__).parents[2]


@contextmanager
def served(target: str, environment: Mapping[str, str], *words: str) -> Iterator[str]:
    """Serve a target while the block lasts; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "langsmith_sync", "serve", "--target", target, "--port", str(port), *words]
    with Programs() as programs:
        program = programs.start("command", command, {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment})
        program.wait_for(lambda _: server.accepts(port))
        yield f"http://127.0.0.1:{port}"


def test_both_targets_answer(langsmith: Any, tmp_path: Path) -> None:
    """`sync` writes the file that the environment names, and `fivetran` answers a call with its schema."""
    given = {**langsmith.environment, "LOCAL_DB": str(tmp_path / "a.duckdb")}
    with served("sync", given) as url:
        assert requests.post(url, timeout=60).json()["rows"]["langsmith_run"] == 400
    (tmp_path / "mine.env").write_text("".join(f"{name}={value}\n" for name, value in langsmith.environment.items()))
    with served("fivetran", {}, "--env-file", str(tmp_path / "mine.env")) as url:
        answer = requests.post(url, json={"state": {}, "setup_test": True}, timeout=60)
    assert (answer.status_code, "schema" in answer.json()) == (200, True)
    assert (tmp_path / "a.duckdb").exists()


def test_a_configuration_that_cannot_be_used_is_not_served(run: Callable[..., Any]) -> None:
    """`serve --target sync` ends with the key's name before it listens."""
    ran = run("serve", environment={"LANGSMITH_API_KEY": "x", "LANGSMITH_TENANT_ID": "y", "MAX_SECONDS": "soon"})
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("MAX_SECONDS: write a number above 0")
    assert run("serve", environment={"LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID}).status == 2


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc to see who listens where")
def test_nobody_elsewhere_reaches_the_server(langsmith: Any) -> None:
    """The server listens on 127.0.0.1 alone."""
    with served("sync", langsmith.environment) as url:
        ending = f":{int(url.rpartition(':')[2]):04X}"
        listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"}
    assert [one for one in listening if one.endswith(ending)] == [f"0100007F{ending}"]
