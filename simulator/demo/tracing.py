"""Write one trace: runs begin and end one after another, so a child ends before its parent."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from simulator.demo.failures import Failure
from simulator.demo.models import Model
from simulator.fields import RunFields
from simulator.times import aware
from simulator.workspace import Workspace

RUNTIME = {"sdk": "langsmith-py", "sdk_version": "0.15.1", "library": "langchain-core", "platform": "linux", "runtime": "python"}
RETRY_SECONDS = 1.5


class Tracer:
    """A trace in progress. `now` moves on with each step."""

    def __init__(self, workspace: Workspace, rng: Random, project: str, start: datetime) -> None:
        self.workspace, self.rng, self.project, self.now = workspace, rng, project, start
        self._open: list[str] = []

    def wait(self, seconds: float) -> None:
        """Let time pass; whole milliseconds, which is all that v2 shows."""
        self.now += timedelta(milliseconds=max(2, round(seconds * 1000)))

    def begin(self, name: str, run_type: str, inputs: Any, **fields: Any) -> str:
        """Begin a run under the one that is open; returns its id. `fields` are more of RunFields."""
        self.wait(0.003)
        given = {"name": name, "run_type": run_type, "inputs": inputs, "start_time": self.now, "end_time": None, "outputs": None}
        extra = {"runtime": RUNTIME, "metadata": {}, **fields.pop("extra", {})}
        parent = self._open[-1] if self._open else None
        run = self.workspace.add_run(
            self.project, **cast("RunFields", {**fields, **given, "extra": extra, "parent_run_id": parent})
        )
        self._open.append(run)
        return run

    def end(self, outputs: Any = None, failure: Failure | None = None, **fields: Any) -> str:
        """End the run that was begun last, well or by a failure; returns its id. `fields` are more of RunFields."""
        self.wait(0.004)
        run = self._open.pop()
        given = {"outputs": None, "error": failure.text} if failure else {"outputs": outputs}
        return self.workspace.update_run(run, **cast("RunFields", {**fields, **given, "end_time": self.now}))

    def step(self, name: str, run_type: str, inputs: Any, outputs: Any, seconds: float, **fields: Any) -> str:
        """Write a run without children; returns its id."""
        self.begin(name, run_type, inputs, **fields)
        self.wait(seconds)
        return self.end(outputs)

    def fail(self, name: str, run_type: str, inputs: Any, failure: Failure, seconds: float) -> str:
        """Write a run without children that fails; returns its id."""
        self.begin(name, run_type, inputs)
        self.wait(seconds)
        return self.end(failure=failure)

    def ask(self, model: Model, asked: str, said: str, tokens: tuple[int, int], **more: Any) -> str:
        """Write a chat model's streamed answer; returns its id. `more`: `slower` (a factor), `tags`, `metadata`."""
        self._begin_call(model, asked, more)
        begun = self.now
        first, rest = model.waits(self.rng, tokens[1], slower=more.get("slower", 1.0))
        self.wait(first)
        seen = self.now
        self.wait(rest)
        events = [("start", begun), ("new_token", seen), ("end", self.now)]
        return self.end(
            _generations(model, said, tokens),
            first_token_time=seen,
            events=[{"name": name, "time": aware(at)} for name, at in events],
            **_usage(model, tokens),
        )

    def refused(self, model: Model, asked: str, failure: Failure, **more: Any) -> str:
        """Write a chat model's call that the provider refuses, which costs nothing; returns its id."""
        self._begin_call(model, asked, more)
        self.wait(self.rng.uniform(0.2, 0.9))
        return self.end(failure=failure)

    def _begin_call(self, model: Model, asked: str, more: dict[str, Any]) -> None:
        content = {"content": asked, "type": "human"}
        message = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": content}
        metadata = {**model.metadata(), **more.get("metadata", {})}
        self.begin(
            model.chat_class,
            "llm",
            {"messages": [[message]]},
            tags=more.get("tags", []),
            extra={"invocation_params": model.invocation(), "metadata": metadata},
            serialized={"lc": 1, "type": "constructor", "id": ["langchain", "chat_models", model.provider, model.chat_class]},
        )


def _generations(model: Model, said: str, tokens: tuple[int, int]) -> dict[str, Any]:
    """What LangChain writes as a chat model's outputs. Providers report tokens; LangSmith adds the price."""
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    about = {"model_name": model.name, "finish_reason": "stop"}
    kwargs = {"content": said, "type": "ai", "response_metadata": about, "usage_metadata": usage, "tool_calls": []}
    message = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": kwargs}
    generation = {"text": said, "generation_info": {"finish_reason": "stop"}, "type": "ChatGeneration", "message": message}
    return {"generations": [[generation]], "llm_output": None, "run": None, "type": "LLMResult"}


def _usage(model: Model, tokens: tuple[int, int]) -> dict[str, Any]:
    read, written = model.cost(*tokens)
    return {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": sum(tokens),
        "prompt_cost": float(read),
        "completion_cost": float(written),
        "total_cost": float(read + written),
    }
