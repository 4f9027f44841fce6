"""One seeded trace: a tree of runs with nested times, payloads, tokens, costs and sometimes a failure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulator.fields import RunFields
from simulator.times import aware
from simulator.workspace import Workspace

# type, name, and the place of the parent among the earlier runs
TREE: tuple[tuple[str, str, int], ...] = (
    ("chain", "agent", -1),
    ("llm", "ChatModel", 0),
    ("tool", "lookup_order", 0),
    ("retriever", "VectorStore", 2),
    ("prompt", "PromptTemplate", 0),
    ("llm", "ChatModel", 0),
    ("parser", "JsonParser", 0),
    ("embedding", "Embedder", 3),
    ("chain", "summarise", 0),
)
PRICE = (0.000002, 0.000004)  # dollars for a prompt token and for a completion token
FEES = {"tool": 0.0005, "retriever": 0.0001}  # dollars for a call
WORDS = (
    "The parcel was handed to the carrier on Monday and the customer would like to know when it arrives. "
    'Größe, Maß und Änderung: bitte prüfen — 数量を確認してください. Thanks in advance 🙂 "quoted" and \\ slashed.\n'
) * 400
RUNTIME = {"sdk": "langsmith-py", "sdk_version": "0.6.0", "platform": "linux", "runtime": "python"}


@dataclass(frozen=True)
class Trace:
    """The trace to make."""

    project: str
    start: datetime
    size: int
    payload_bytes: int
    examples: list[str]


def _spend(rng: Random, run_type: str) -> RunFields:
    """What a run of this type itself uses. Models use tokens; tools and retrievers have a fee (LangSmith's "other" cost)."""
    if run_type in FEES:
        return {"total_cost": FEES[run_type]}
    if run_type != "llm":
        return {}
    prompt, completion = rng.randint(50, 900), rng.randint(5, 300)
    prompt_cost, completion_cost = round(prompt * PRICE[0], 9), round(completion * PRICE[1], 9)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_cost": prompt_cost,
        "completion_cost": completion_cost,
        "total_cost": round(prompt_cost + completion_cost, 9),
        "prompt_token_details": {"cache_read": prompt // 4},
        "completion_token_details": {"reasoning": completion // 2},
        "prompt_cost_details": {"cache_read": round(prompt // 4 * PRICE[0], 9)},
        "completion_cost_details": {"reasoning": round(completion // 2 * PRICE[1], 9)},
    }


def make_trace(workspace: Workspace, rng: Random, trace: Trace) -> str:
    """Add one trace; returns the id of its root."""
    tree = TREE[: trace.size]
    spends = [_spend(rng, run_type) for run_type, _, _ in tree]
    seconds = [round(rng.uniform(0.05, 4.0), 6) for _ in tree]
    outcome = _outcome(workspace, rng, trace)
    thread = f"thread-{rng.randint(1, 40)}" if rng.random() < 0.4 else None
    ids: list[str] = []
    starts: list[datetime] = []
    for place, (run_type, name, parent) in enumerate(tree):
        start = trace.start if parent < 0 else starts[parent] + timedelta(milliseconds=7 * place + 1)
        fields: RunFields = {
            "name": name,
            "run_type": run_type,
            "start_time": start,
            "end_time": start + timedelta(seconds=seconds[place] + (10 if place in {0, 2} else 0)),
            "parent_run_id": ids[parent] if parent >= 0 else None,
            "tags": rng.sample(["prod", "beta", "nightly", "v2"], rng.randint(0, 2)),
            "thread_id": thread,
            **spends[place],
            **_payloads(rng, trace.payload_bytes, run_type),
        }
        fields["extra"] = {"metadata": _metadata(rng, run_type), "runtime": RUNTIME}
        if run_type == "llm":
            fields["first_token_time"] = start + timedelta(milliseconds=40)
            fields["events"] = [{"name": "start", "time": aware(start)}, {"name": "new_token", "time": aware(start)}]
        if place == 0 and trace.examples:
            fields["reference_example_id"] = rng.choice(trace.examples)
        if place in {0, trace.size - 1}:
            _apply(fields, outcome)
        starts.append(start)
        ids.append(workspace.add_run(trace.project, **fields))
    return ids[0]


def _outcome(workspace: Workspace, rng: Random, trace: Trace) -> str:
    """Draw the outcome: most traces succeed, some fail, some recent ones never ended."""
    roll = rng.random()
    recent = trace.start > workspace.clock.now() - timedelta(days=3)
    return "error" if roll < 0.06 else "pending" if roll < 0.12 and recent else "success"


def _apply(fields: RunFields, outcome: str) -> None:
    if outcome == "error":
        fields["error"] = "ValueError('the order is not known')\n\nTraceback (most recent call last): ..."
        fields["outputs"] = None
    elif outcome == "pending":
        fields["end_time"] = None
        fields["outputs"] = None


def _metadata(rng: Random, run_type: str) -> dict[str, Any]:
    model = {"ls_model_name": rng.choice(("small-1", "large-2")), "ls_model_type": "chat"} if run_type == "llm" else {}
    return {"environment": rng.choice(("production", "staging")), "revision": rng.randint(1, 9), **model}


def _payloads(rng: Random, size: int, run_type: str) -> RunFields:
    """Inputs and outputs in the usual shape for the type, of about the size asked for."""
    asked, said = _text(rng, size // 2), _text(rng, size // 2)
    if run_type == "llm":
        return {
            "inputs": {"messages": [[{"type": "human", "content": asked}]]},
            "outputs": {"generations": [[{"text": said, "generation_info": {"finish_reason": "stop"}}]]},
            "serialized": {"lc": 1, "type": "constructor", "id": ["simulator", "ChatModel"]},
        }
    if run_type == "retriever":
        return {"inputs": {"query": asked}, "outputs": {"documents": [{"page_content": said, "score": math.pi}]}}
    return {"inputs": {"input": asked}, "outputs": {"output": said}}


def _text(rng: Random, size: int) -> str:
    at = rng.randrange(200)
    base = WORDS[at : at + min(size, 40_000)]
    return base if size <= 40_000 else base * (size // 40_000 + 1)
