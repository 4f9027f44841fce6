"""Create a workspace of many runs fast: traces of five runs over some projects and days, ending now.

Texts are slices of one pool. No two payloads are alike, so a database gains nothing from repeats.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulator import RawJson, Simulator

PROJECTS = 5
DAYS = 20
ACTIVE = 20  # projects that get new runs where a second sync is measured
TRACE = ("chain", "retriever", "llm", "tool", "llm")
LIGHT_BYTES = 1_800  # what a record has beside its inputs and outputs
TEXT_BYTES = 900
WORDS = (  # noqa: SIM905  as text, it is read as the payloads are
    "the order was sent on Monday and has not arrived yet please check café naïve → 42 0.731 refund policy customer asks "
    'agent "quoted" answers line\nbreak invoice number total amount of parcels between warehouse'
).split(" ")  # not split(): the line break inside a word stays


def fill(simulator: Simulator, runs: int, record_bytes: int, projects: int = PROJECTS, days: int = DAYS) -> list[str]:
    """Add `runs` runs whose records have about `record_bytes` bytes; answers the projects' ids."""
    now = simulator.clock.now()
    oldest = now - timedelta(days=days)
    made = [simulator.workspace.add_project(f"project-{number}", start_time=oldest) for number in range(projects)]
    step = (now - timedelta(minutes=10) - oldest) / max(1, runs)
    _traces(simulator, made, [oldest + step * number for number in range(runs)], record_bytes)
    return made


def add_new(simulator: Simulator, projects: list[str], record_bytes: int) -> None:
    """Add a trace that has just ended to each of the first ACTIVE projects."""
    start = simulator.clock.now() - timedelta(minutes=1)
    _traces(simulator, projects[:ACTIVE], [start] * (len(projects[:ACTIVE]) * len(TRACE)), record_bytes)


def _traces(simulator: Simulator, projects: list[str], starts: list[datetime], record_bytes: int) -> None:
    """Add a run at each start. Each trace is in the next project."""
    rng = Random(len(starts))  # noqa: S311  texts, no secrets
    pool = " ".join(rng.choices(WORDS, k=200_000))
    size = max(100, record_bytes - LIGHT_BYTES)
    root = ""
    for number, start in enumerate(starts):
        place = number % len(TRACE)
        project = projects[number // len(TRACE) % len(projects)]
        parent = {"parent_run_id": root} if place else {}
        made = _run(simulator, project, start, parent, _payload(rng, pool, size), TRACE[place])
        root = root if place else made


def _run(simulator: Simulator, project: str, start: datetime, parent: Any, payload: tuple[RawJson, RawJson], kind: str) -> str:
    return simulator.workspace.add_run(
        project,
        name=f"{kind}-step",
        run_type=kind,
        start_time=start,
        end_time=start + timedelta(seconds=2),
        first_token_time=start + timedelta(seconds=1) if kind == "llm" else None,
        inputs=payload[0],
        outputs=payload[1],
        tags=["production", "release-7"],
        extra={"metadata": {"revision": "4f1c", "region": "eu", "attempt": 1}, "runtime": {"sdk": "langsmith-py"}},
        events=[{"name": "new_token", "time": start.isoformat()}],
        total_tokens=1200,
        prompt_tokens=1000,
        completion_tokens=200,
        prompt_token_details={"cache_read": 800},
        total_cost=0.001834,
        prompt_cost=0.0015,
        completion_cost=0.000334,
        **parent,
    )


def _payload(rng: Random, pool: str, size: int) -> tuple[RawJson, RawJson]:
    """Inputs with two thirds of the bytes and outputs with the rest, as chat messages."""
    inputs = {"messages": _messages(rng, pool, size * 2 // 3), "temperature": 0.7, "stream": False}
    outputs = {"messages": _messages(rng, pool, size // 3), "finish_reason": "stop"}
    return _raw(inputs), _raw(outputs)


def _messages(rng: Random, pool: str, size: int) -> list[dict[str, Any]]:
    lengths = [TEXT_BYTES] * (size // TEXT_BYTES) + [size % TEXT_BYTES]
    starts = [rng.randrange(len(pool) - TEXT_BYTES) for _ in lengths]
    return [{"role": "user", "content": pool[at : at + length]} for at, length in zip(starts, lengths, strict=True)]


def _raw(value: Any) -> RawJson:
    return RawJson(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
