"""A small workspace in which every row is an odd case of analytics, each named where it is made.

Ids are made of names, so tests write names. The product reads it: nothing here knows a table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack
from uuid import NAMESPACE_OID, uuid5

from simulator.feedback_keys import put_config
from simulator.fields import RunFields
from simulator.workspace import Workspace

BEGUN = "2026-05-20T08:00:00Z"
JUDGED = "2026-05-30T23:59:59.999999Z"  # the last moment of a day in UTC
USER = "ünï@example.com"


def ident(name: str) -> str:
    """Return the id of what has this name."""
    return str(uuid5(NAMESPACE_OID, name))


def usage(prompt: int, completion: int, prompt_cost: float, completion_cost: float) -> RunFields:
    """Return what a model call uses."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_cost": prompt_cost,
        "completion_cost": completion_cost,
        "total_cost": round(prompt_cost + completion_cost, 9),
    }


class Odd:
    """The workspace under construction."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def project(self, name: str, *, start: str = BEGUN, dataset: str | None = None) -> None:
        """Add a project, or an experiment."""
        reference = ident(dataset) if dataset else None
        self.workspace.add_project(name, id=ident(name), start_time=start, reference_dataset_id=reference)

    def run(self, label: str, project: str, start: str, parent: str | None = None, **fields: Unpack[RunFields]) -> None:
        """Add a run. It lasts two seconds, unless an end is given."""
        given: RunFields = {"end_time": datetime.fromisoformat(start) + timedelta(seconds=2)}
        given.update(fields)
        given.update({"id": ident(label), "name": label, "start_time": start, "parent_run_id": ident(parent) if parent else None})
        self.workspace.add_run(ident(project), **given)

    def call(self, label: str, project: str, start: str, parent: str, model: str, **fields: Unpack[RunFields]) -> None:
        """Add a call of a model, `provider/name`."""
        provider, _, called = model.partition("/")
        fields.update({"run_type": "llm", "metadata": {"ls_provider": provider, "ls_model_name": called}})
        self.run(label, project, start, parent, **fields)

    def judge(self, run: str, key: str, score: float | None = None, **fields: Any) -> None:
        """Give feedback to a run."""
        fields.setdefault("created_at", JUDGED)
        self.workspace.add_feedback(ident(run), key, score=score, **fields)

    def answer(self, experiment: str, example: str, start: str, score: float | None, turn: int = 1) -> None:
        """Answer an example in an experiment. The call in it costs a cent, and the judgement is of its root."""
        root = f"{experiment} {example} {turn}"
        asked, said = {"question": example}, {"answer": f"{experiment} {turn}"}
        self.run(root, experiment, start, reference_example_id=ident(example), inputs=asked, outputs=said)
        self.call(f"{root} call", experiment, start, root, "openai/gpt", **usage(10, 5, 0.004, 0.006))
        if score is not None:
            self.judge(root, "correct", score, source_type="model")


def fill(workspace: Workspace) -> None:
    """Fill the workspace, as it is at the first sync."""
    odd = Odd(workspace)
    for name in ("assistant", "größe ✓", "without runs", "gone"):
        odd.project(name)
    _nested_calls(odd)
    _odd_costs(odd)
    _odd_traces(odd)
    _experiments(odd)
    _feedback(odd)


def change(workspace: Workspace) -> None:
    """Change what a sync has already read: deletions, an edit, late feedback."""
    workspace.delete_project(ident("gone"))
    workspace.delete_project(ident("exp deleted"))
    workspace.delete_dataset(ident("doomed"))
    workspace.delete_example(ident("e4"))
    workspace.edit_example(ident("e2"), outputs={"answer": "another one, since"})
    workspace.add_feedback(ident("agent"), "late", score=1.0, source_type="app")


def _nested_calls(odd: Odd) -> None:
    """Calls inside calls: directly, and with a chain between. The inner cost is in the outer one."""
    at = "2026-05-30T10:00:0"
    metadata = {"user_id": USER, "environment": "production", "thread_id": "th-1"}
    odd.run("agent", "assistant", f"{at}0Z", metadata=metadata, end_time=f"{at}4Z")
    outer = usage(100, 20, 0.001, 0.002)
    outer["first_token_time"] = f"{at}1.500Z"
    odd.call("outer", "assistant", f"{at}1Z", "agent", "openai/gpt", **outer)
    odd.call("inner", "assistant", f"{at}1.100Z", "outer", "openai/gpt", **usage(10, 2, 0.0005, 0.0005))
    odd.call("second", "assistant", f"{at}2Z", "agent", "anthropic/claude", **usage(200, 30, 0.01, 0.02))
    odd.run("between", "assistant", f"{at}2.100Z", "second")
    odd.call("deepest", "assistant", f"{at}2.200Z", "between", "anthropic/small", **usage(5, 5, 0.002, 0.002))
    odd.run("lookup", "assistant", f"{at}2.300Z", "agent", run_type="tool", total_cost=0.0005)
    odd.run("vectors", "assistant", f"{at}2.400Z", "lookup", run_type="retriever", total_cost=0.0001)


def _odd_costs(odd: Odd) -> None:
    """Costs without a split, without a price, below zero, of zero, and of tools alone."""
    at = "2026-05-30T11:00:0"
    odd.run("bare call", "assistant", f"{at}0Z", run_type="llm", total_tokens=9, total_cost=0.007)  # a root, no model named
    for place, (name, spent) in enumerate(
        {
            "unpriced": RunFields(prompt_tokens=10, completion_tokens=10, total_tokens=20),
            "refunded": usage(10, 0, -0.002, 0.0),
            "free": usage(10, 10, 0.0, 0.0),
        }.items()
    ):
        odd.run(name, "assistant", f"{at}{place + 1}Z")
        odd.call(f"{name} call", "assistant", f"{at}{place + 1}Z", name, f"local/{name}", **spent)
    odd.run("only a tool", "assistant", f"{at}5Z", error="größe 💥 failed:\nTraceback ...", outputs=None)
    odd.run("broken", "assistant", f"{at}5Z", "only a tool", run_type="tool", total_cost=0.25, error="💥", outputs=None)


def _odd_traces(odd: Odd) -> None:
    """Traces over midnight, unfinished, without a root, of a project that goes, and in a thread of another project's name."""
    odd.run("late agent", "assistant", "2026-05-30T23:59:59.500Z", end_time="2026-05-31T00:00:03Z")
    odd.call("next day", "assistant", "2026-05-31T00:00:01Z", "late agent", "openai/gpt", **usage(1000, 0, 0.1, 0.0))
    odd.run("unfinished", "assistant", "2026-05-31T20:00:00Z", end_time=None)
    odd.call("finished", "assistant", "2026-05-31T20:00:01Z", "unfinished", "openai/gpt", **usage(50, 5, 0.05, 0.005))
    lost = ident("expired root")
    order = f"20260501T000000000000Z{lost}.20260530T120000000000Z{ident('orphan')}"
    alone: RunFields = {"trace_id": lost, "dotted_order": order}
    alone.update(usage(1, 1, 2.0, 3.0))
    odd.call("orphan", "assistant", "2026-05-30T12:00:00Z", "expired root", "openai/gpt", **alone)
    metadata = {"user_id": USER, "thread_id": "th-1"}
    odd.run("same thread", "größe ✓", "2026-05-30T18:30:00Z", metadata=metadata)
    odd.call("hers", "größe ✓", "2026-05-30T18:30:01Z", "same thread", "openai/gpt", **usage(7, 3, 0.0007, 0.0003))
    odd.run("of gone", "gone", "2026-05-30T13:00:00Z")
    odd.call("gone call", "gone", "2026-05-30T13:00:00Z", "of gone", "openai/gpt", **usage(1, 1, 0.25, 0.25))


def _experiments(odd: Odd) -> None:
    """Experiments: two to compare, answers twice, an example of another dataset, deleted ones, and none judged."""
    workspace = odd.workspace
    for dataset, examples in {"questions": ("e1", "e2", "e3", "e4"), "other": ("o1",), "doomed": ("d1",)}.items():
        workspace.add_dataset(dataset, id=ident(dataset), created_at=BEGUN)
        for name in examples:
            made = datetime.fromisoformat(BEGUN)
            workspace.add_example(ident(dataset), {"question": name}, {"answer": f"of {name}"}, id=ident(name), as_of=made)
    for place, experiment in enumerate(("exp one", "exp two", "exp unjudged", "exp deleted")):
        odd.project(experiment, start=f"2026-05-25T0{place}:00:00Z", dataset="questions")
    odd.project("exp doomed", start="2026-05-25T09:00:00Z", dataset="doomed")
    for place, (example, one, two) in enumerate((("e1", 0.0, 1.0), ("e2", 1.0, 1.0), ("e3", 0.5, 0.25), ("e4", 1.0, None))):
        odd.answer("exp one", example, f"2026-05-25T00:10:0{place}Z", one)
        if two is not None:
            odd.answer("exp two", example, f"2026-05-25T01:10:0{place}Z", two)
    odd.answer("exp two", "e1", "2026-05-25T01:20:00Z", 0.0, turn=2)
    odd.answer("exp two", "o1", "2026-05-25T01:30:00Z", 1.0)
    odd.answer("exp unjudged", "e1", "2026-05-25T02:10:00Z", None)
    odd.answer("exp deleted", "e1", "2026-05-25T03:10:00Z", 1.0)
    odd.answer("exp doomed", "d1", "2026-05-25T09:10:00Z", 1.0)
    odd.run("no experiment", "assistant", "2026-05-30T14:00:00Z", reference_example_id=ident("e1"))


def _feedback(odd: Odd) -> None:
    """Feedback on roots, twice; on a child; on a project; on a run whose root is lost; of values and without any."""
    odd.judge("agent", "helpful", True, source_type="app")
    odd.judge("agent", "helpful", 0.0, source_type="api", comment="不", created_at="2026-05-31T00:00:00Z")
    odd.judge("outer", "helpful", 0.5, source_type="model")
    odd.judge("orphan", "helpful", 1.0)
    odd.judge("same thread", "größe", value="JA", source_type="app")
    odd.judge("only a tool", "note", comment="see above", correction={"output": "better"})
    odd.workspace.add_feedback(None, "overall", score=0.9, project_id=ident("assistant"))
    for experiment, score in {"exp one": 0.8, "exp two": 0.2}.items():
        odd.judge(f"{experiment} e1 1", "toxic", score)
    odd.judge("exp one e1 1", "verdict", value="GOOD")
    put_config(odd.workspace, "toxic", {"type": "continuous", "min": 0, "max": 1}, lower_is_better=True)
