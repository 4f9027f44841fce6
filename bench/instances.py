"""Measure 1, 2 and 4 instances that read one past: `PYTHONPATH=tests python -m bench.instances` prints a table for docs/scale.md.

One simulator enforces v2's limit. Each instance is a functions-framework process. Time is from the first turn to the last; the
look before it is not measured. CPU time tells what more cores would give where this machine has too few.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import requests
from emulators import firestore_emulator as firestore
from processes.servers import Function, function

from bench.cases import Case, Size
from bench.measure import ROOT, Source, source
from langsmith_core.destinations.firestore import shards as documents
from langsmith_core.langsmith.shares import WINDOW
from langsmith_core.settings import config

INSTANCES = (1, 2, 4)
TICKS = os.sysconf("SC_CLK_TCK")
HEAD = "| instances | rows | seconds | rows a second | run queries | other requests | 429 | CPU, ms a row | cores used |"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.instances", description="several instances, one simulator, v2's limit")
    parser.add_argument("--runs", type=int, default=60_000)
    parser.add_argument("--windows", type=int, default=12)
    given = parser.parse_args()
    size = Size(given.runs, 3_000)
    case = Case("instances-v2", size, "v2", limits=True)
    print(HEAD, "| ---: " * (HEAD.count("|") - 1) + "|", sep="\n", flush=True)
    with source(size) as origin, tempfile.TemporaryDirectory() as folder, firestore.running(Path(folder)) as store:
        os.environ["FIRESTORE_EMULATOR_HOST"] = store.address
        for count in INSTANCES:
            print(measured(count, case, origin, store.address, given.windows), flush=True)


def measured(count: int, case: Case, origin: Source, firestore_host: str, windows: int) -> str:
    """Return the table's line for so many instances."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        shared = environment(origin, firestore_host, count, windows)
        own = [{**shared, "LOCAL_DB": str(Path(folder) / f"{number}.duckdb")} for number in range(count)]
        servers = [held.enter_context(function(Path(folder), one, source=ROOT / "bench" / "instance.py")) for one in own]
        origin.begin(case)
        while not _given_out(shared):
            posted(servers[0], b"")
        time.sleep(WINDOW.total_seconds())  # the look's part of the limits is free again
        origin.begin(case)
        before, began = sum(map(cpu_seconds, servers)), time.monotonic()
        rows = read(servers, shared)
        seconds, cpu = time.monotonic() - began, sum(map(cpu_seconds, servers)) - before
        seen = origin.seen()
    queries = seen["requests"].get("runs", 0)
    others = sum(seen["requests"].values()) - queries
    figures = (count, f"{rows:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}", queries, others, seen["refused"])
    return f"| {' | '.join(map(str, figures))} | {cpu / rows * 1000:.2f} | {cpu / seconds:.2f} |"


def environment(origin: Source, firestore_host: str, count: int, windows: int) -> dict[str, str]:
    """Return the environment of each instance."""
    return {
        "LANGSMITH_API_KEY": origin.told["api_key"],
        "LANGSMITH_TENANT_ID": origin.told["tenant_id"],
        "LANGSMITH_BASE_URL": origin.told["url"],
        "SINK": "bigquery",
        "GOOGLE_CLOUD_PROJECT": f"instances-{count}",
        "FIRESTORE_EMULATOR_HOST": firestore_host,
        "SHARDS": str(count),
        "TASKS_QUEUE": "projects/p/locations/l/queues/q",
        "TASKS_URL": "http://localhost/",
        "TASKS_ACCOUNT": "nobody",
        "BENCH_WINDOWS": str(windows),
        "PYTHONPATH": str(ROOT),
    }


def _given_out(shared: Mapping[str, str]) -> list[str]:
    with documents.connected(config.load(shared)) as found:
        return list(found.standing())


def read(servers: list[Function], shared: Mapping[str, str]) -> int:
    """Give out turns, one at a time to each server, until none is left. Return the runs read."""
    turns: SimpleQueue[str] = SimpleQueue()
    for shard in _given_out(shared):
        turns.put(shard)
    with ThreadPoolExecutor(len(servers)) as pool:
        return sum(pool.map(lambda server: sum(_worked(server, turns)), servers))


def _worked(server: Function, turns: SimpleQueue[str]) -> Iterator[int]:
    while True:
        try:
            shard = turns.get_nowait()
        except Empty:
            return
        turn, more = 0, True
        while more:
            answer = posted(server, json.dumps({"shard": shard, "turn": turn}).encode())
            yield answer["rows"].get("langsmith_run", 0)
            turn, more = turn + 1, answer["hasMore"]


def posted(server: Function, task: bytes) -> dict[str, Any]:
    """POST to an instance, and return its answer."""
    with requests.Session() as session:
        session.trust_env = False  # a proxy for the internet is none for loopback
        answer = session.post(server.url, task, timeout=600)
    if answer.status_code != requests.codes.ok:
        sys.exit(f"an instance failed: {answer.status_code} {answer.text}\n{server.log.read_text()[-2000:]}")
    found: dict[str, Any] = answer.json()
    return found


def cpu_seconds(server: Function) -> float:
    """Return the CPU time of a server's processes so far."""
    return sum(ticks for group, ticks in map(_group_and_ticks, Path("/proc").glob("[0-9]*")) if group == server.group) / TICKS


def _group_and_ticks(process: Path) -> tuple[int, int]:
    """Return a process's group and its CPU time; zeros where it has ended meanwhile."""
    try:
        stat = (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    return int(stat[2]), int(stat[11]) + int(stat[12])


if __name__ == "__main__":
    main()
