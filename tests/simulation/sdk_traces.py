"""Traces of an application, sent by the official SDK and LangChain. Every prompt, answer and user's name has a secret.

test_privacy_recipes checks what is hidden of them. simulator/test_sim_sdk checks that the simulator takes them.
"""

from __future__ import annotations

from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langsmith import Client, traceable
from langsmith.run_helpers import get_current_run_tree, tracing_context

from simulator import Simulator

ASKED, SAID, USER, NAME = "SECRET-question", "SECRET-answer", "SECRET-user", "SECRET-name"
USAGE = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12, "input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75}


@tool
def lookup(order: str) -> str:
    """Look an order up."""
    raise ValueError(f"no order in {order}")


def chain() -> Any:
    """Build a prompt, a chat model and a parser. As some providers require, part of the prompt is bound to the model."""
    answer = AIMessage(SAID, usage_metadata=USAGE)
    model = GenericFakeChatModel(messages=iter([answer])).bind(system=f"help with {ASKED}")
    prompt = ChatPromptTemplate.from_messages([("system", f"You answer {ASKED}s."), ("user", "{question}")])
    return prompt | model | StrOutputParser()


@traceable(run_type="llm", metadata={"ls_provider": "openai", "ls_model_name": "gpt"})
def wrapped(messages: list[dict[str, str]], model: str) -> dict[str, Any]:
    """A model call as wrappers of providers' clients trace it: one list of messages."""
    choices = [{"index": len(messages), "message": {"role": "assistant", "content": SAID}, "model": model}]
    return {"choices": choices, "usage_metadata": USAGE}


@traceable(run_type="chain", tags=["nightly"])
def agent(question: str) -> dict[str, Any]:
    """Run the chain, ask a wrapped model, and let a tool fail."""
    said = "".join(chain().stream({"question": question}))
    wrapped([{"role": "system", "content": f"You answer {question}"}, {"role": "user", "content": question}], model="gpt")
    try:
        lookup.invoke({"order": question})
    except ValueError as error:
        said += f" ({error})"
    tree = get_current_run_tree()
    return {"answer": said, "run_id": str(tree.id) if tree else ""}


def traced(sim: Simulator) -> None:
    """Trace the application, give it feedback, make an example of it, and write another example."""
    with sim.serve() as base_url:
        client = Client(api_url=base_url, api_key=sim.api_key, workspace_id=sim.tenant_id)
        people = {"user_id": USER, "user_name": NAME, "thread_id": "t-1"}
        with tracing_context(enabled=True, client=client, project_name="support", metadata=people):
            run = agent(ASKED)["run_id"]
        client.flush()
        client.create_feedback(
            *(run, "helpful"),
            score=0.5,
            comment=f"not {SAID}",
            correction={"answer": f"better {SAID}"},
            source_info={"quoted": SAID},
            session_id=client.read_project(project_name="support").id,
            trace_id=run,
        )
        client.flush()
        dataset = client.create_dataset("asked")
        client.create_example(dataset_id=dataset.id, source_run_id=run, use_source_run_io=True, metadata=people)
        client.create_examples(
            dataset_id=dataset.id, examples=[{"inputs": {"q": ASKED}, "outputs": {"a": SAID}, "metadata": people}]
        )
        client.cleanup()
    sim.workspace.add_feedback(run, "liked", score=1, source_type="app", user_id=USER)
