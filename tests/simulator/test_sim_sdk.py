"""The official SDK as an independent party: it writes into the simulator over a socket and reads everything back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langsmith import Client, traceable
from langsmith.run_helpers import tracing_context
from langsmith.schemas import FeedbackConfig
from langsmith.utils import LangSmithAuthError, LangSmithError, LangSmithNotFoundError
from processes.servers import WAITING_SECONDS

from simulator import Clock, Simulator

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # the SDK deprecates its own v1 reads

Traced = tuple[Simulator, Client, str]


@pytest.fixture
def sim() -> Simulator:
    """A simulator on the real clock, which the SDK's own timestamps need."""
    return Simulator(clock=Clock.system(), mode="dual", seed=1)


@pytest.fixture
def client(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The official client on a socket, with nothing taken from this machine's environment."""
    for name in ("LANGSMITH_API_KEY", "LANGSMITH_ENDPOINT", "LANGSMITH_WORKSPACE_ID", "LANGCHAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with sim.serve() as base_url:
        made = Client(api_url=base_url, api_key=sim.api_key, workspace_id=sim.tenant_id)
        yield made
        made.cleanup()


@tool
def lookup(order: str) -> str:
    """Look an order up."""
    return f"order {order}"


def wait_for_compression(client: Client) -> None:
    """Wait until the SDK's thread has read /info: what is traced before goes out uncompressed."""
    ends = time.monotonic() + WAITING_SECONDS
    while client.compressed_traces is None:
        assert time.monotonic() < ends, "the SDK never began to compress"
        time.sleep(0.01)


def traced(client: Client) -> str:
    """Trace a nested LangChain run under a @traceable function; returns the project's id."""

    @traceable(client=client, tags=["nightly"], metadata={"thread_id": "t-1"})
    def pipeline(question: str) -> dict[str, Any]:
        chain = ChatPromptTemplate.from_template("say {q}") | FakeListChatModel(responses=["hi"]) | StrOutputParser()
        return {"said": chain.invoke({"q": question}), "order": lookup.invoke({"order": "7"})}

    with tracing_context(enabled=True, client=client, project_name="traced"):
        pipeline("hello")
    client.flush()
    return str(client.read_project(project_name="traced").id)


def test_dataset_and_examples_go_in_and_come_back(sim: Simulator, client: Client) -> None:
    """The SDK creates, updates and deletes a dataset's examples, with an attachment, and reads every version back."""
    dataset = client.create_dataset("qa", description="questions")
    uploads = [
        {"inputs": {"q": 1}, "outputs": {"a": 1}, "metadata": {"n": 1}, "split": "train"},
        {"inputs": {"q": 2}, "attachments": {"page": ("text/plain", b"the page")}},
    ]
    made = client.create_examples(dataset_id=dataset.id, examples=uploads)
    third = client.create_example(inputs={"q": 3}, dataset_id=dataset.id)
    before = client.read_dataset_version(dataset_id=dataset.id, tag="latest").as_of
    client.update_example(third.id, outputs={"a": 3})
    client.delete_example(made["example_ids"][0])
    listed = client.list_examples(dataset_id=dataset.id, include_attachments=True)
    found = {(one.inputs or {})["q"]: one for one in listed}
    assert {key: one.outputs for key, one in found.items()} == {2: None, 3: {"a": 3}}
    assert found[2].attachments is not None
    assert found[2].attachments["page"]["reader"].read() == b"the page"
    older = client.list_examples(dataset_id=dataset.id, as_of=before)
    assert sorted((one.inputs or {})["q"] for one in older) == [1, 2, 3]
    diff = client.diff_dataset_versions(dataset_id=dataset.id, from_version=before.isoformat(), to_version="latest")
    assert [str(one) for one in diff.examples_removed] == [made["example_ids"][0]]
    assert (diff.examples_modified, diff.examples_added) == ([third.id], [])
    assert len(list(client.list_dataset_versions(dataset_id=dataset.id))) == 4
    assert [(one.name, one.description, one.example_count) for one in client.list_datasets()] == [("qa", "questions", 2)]
    client.delete_dataset(dataset_id=dataset.id)
    with pytest.raises(LangSmithNotFoundError):
        client.read_dataset(dataset_id=dataset.id)
    assert {request.kind for request in sim.requests if request.method == "POST"} == {"write"}


def test_nested_trace_comes_back_through_v1(sim: Simulator, client: Client) -> None:
    """The SDK's v1 list_runs and read_run return every run of a LangChain trace, nested as it was traced."""
    wait_for_compression(client)
    project = traced(client)
    runs = {run.name: run for run in client.list_runs(project_id=project)}
    shape = {name: (run.run_type, run.parent_run_id and runs_by_id(runs)[run.parent_run_id]) for name, run in runs.items()}
    assert shape == {
        "pipeline": ("chain", None),
        "RunnableSequence": ("chain", "pipeline"),
        "ChatPromptTemplate": ("prompt", "RunnableSequence"),
        "FakeListChatModel": ("llm", "RunnableSequence"),
        "StrOutputParser": ("parser", "RunnableSequence"),
        "lookup": ("tool", "pipeline"),
    }
    root = client.read_run(runs["pipeline"].id, load_child_runs=True)
    assert (root.inputs, root.outputs) == ({"question": "hello"}, {"said": "hi", "order": "order 7"})
    assert (root.status, root.tags, root.extra and root.extra["metadata"]["thread_id"]) == ("success", ["nightly"], "t-1")
    assert [child.name for child in root.child_runs or ()] == ["RunnableSequence", "lookup"]
    ingests = [request for request in sim.requests if request.kind == "ingest"]
    assert {(one.path, one.status, one.headers.get("content-encoding")) for one in ingests} == {("/runs/multipart", 202, "zstd")}


def runs_by_id(runs: dict[str, Any]) -> dict[Any, str]:
    """Names by id."""
    return {run.id: name for name, run in runs.items()}


def test_nested_trace_comes_back_through_v2(sim: Simulator, client: Client) -> None:
    """On SmithDB alone, `client.runs.query` follows the pages of v2 and `client.runs.retrieve` reads one run."""
    project = traced(client)
    sim.mode = "smithdb"

    async def read() -> tuple[list[Any], Any]:
        pager = client.runs.query(project_ids=[project], selects=["ID", "NAME", "STATUS", "PARENT_RUN_IDS"], page_size=2)
        runs = [run async for run in pager]
        root = next(run for run in runs if not run.parent_run_ids)
        return runs, await client.runs.retrieve(str(root.id), project_id=project, selects=["NAME", "OUTPUTS", "RUN_TYPE"])

    runs, root = asyncio.run(read())
    assert sorted((run.name, run.status, len(run.parent_run_ids)) for run in runs) == [
        ("ChatPromptTemplate", "SUCCESS", 2),
        ("FakeListChatModel", "SUCCESS", 2),
        ("RunnableSequence", "SUCCESS", 1),
        ("StrOutputParser", "SUCCESS", 2),
        ("lookup", "SUCCESS", 1),
        ("pipeline", "SUCCESS", 0),
    ]
    assert (root.name, root.outputs, root.run_type) == ("pipeline", {"said": "hi", "order": "order 7"}, "CHAIN")
    assert sum(request.path == "/api/v2/runs/query" for request in sim.requests) == 3


def test_feedback_goes_in_by_both_ways_and_comes_back(sim: Simulator, client: Client) -> None:
    """Feedback arrives with an ingest or by POST, is edited and deleted by id, and counts in the run's statistics."""
    project = traced(client)
    root = next(client.list_runs(project_id=project, is_root=True))
    batched = client.create_feedback(root.id, "stars", score=4, comment="good", trace_id=root.trace_id, session_id=project)
    client.flush()
    posted = client.create_feedback(root.id, "label", value="GOOD", session_id=project)
    client.update_feedback(str(posted.id), comment="after all")
    found = {one.key: one for one in client.list_feedback(run_ids=[root.id])}
    assert {key: (one.score, one.value, one.comment) for key, one in found.items()} == {
        "stars": (4, None, "good"),
        "label": (None, "GOOD", "after all"),
    }
    assert client.read_run(root.id).feedback_stats == {
        "stars": {"n": 1, "avg": 4.0, "show_feedback_arrow": True, "values": {}},
        "label": {"n": 0, "avg": None, "show_feedback_arrow": True, "values": {"GOOD": 1}},
    }
    client.delete_feedback(batched.id)
    assert set(sim.workspace.feedback) == {str(posted.id)}


def test_feedback_configs_are_made_changed_and_deleted(client: Client) -> None:
    """POST returns an equal config unchanged and refuses another of the key; a deleted one can be created anew."""
    stars: FeedbackConfig = {"type": "continuous", "min": 1, "max": 5}
    made = client.create_feedback_config("stars", feedback_config=stars)
    assert client.create_feedback_config("stars", feedback_config=stars) == made
    with pytest.raises(LangSmithError, match="Feedback config already exists"):
        client.create_feedback_config("stars", feedback_config={"type": "freeform"})
    client.create_feedback_config("note", feedback_config={"type": "freeform"}, is_lower_score_better=True)
    client.update_feedback_config("stars", is_lower_score_better=True)
    found = {one.feedback_key: one for one in client.list_feedback_configs()}
    read = {
        key: (one.feedback_config["type"], one.feedback_config["max"], one.is_lower_score_better) for key, one in found.items()
    }
    assert read == {"stars": ("continuous", 5, True), "note": ("freeform", None, True)}
    assert found["stars"].modified_at > made.modified_at
    assert [one.feedback_key for one in client.list_feedback_configs(feedback_key=["note"])] == ["note"]
    client.delete_feedback_config("stars")
    with pytest.raises(LangSmithNotFoundError):
        client.update_feedback_config("stars", is_lower_score_better=False)
    again = client.create_feedback_config("stars", feedback_config={"type": "freeform"})
    assert (again.is_lower_score_better, again.id != made.id) == (False, True)


def test_a_tag_moves_between_versions(client: Client) -> None:
    """update_dataset_tag puts a tag on an exact version and takes it off another; `latest` follows the newest."""
    dataset = client.create_dataset("qa")
    for number in (1, 2):
        client.create_example(inputs={"q": number}, dataset_id=dataset.id)
    newer, older = (version.as_of for version in client.list_dataset_versions(dataset_id=dataset.id))
    shown = []
    for as_of in (older, newer):
        client.update_dataset_tag(dataset_id=dataset.id, as_of=as_of, tag="prod")
        shown.append([version.tags for version in client.list_dataset_versions(dataset_id=dataset.id)])
    assert shown == [[["latest"], ["prod"]], [["latest", "prod"], None]]
    assert client.read_dataset_version(dataset_id=dataset.id, tag="prod").as_of == newer


def test_projects_are_made_renamed_and_deleted(sim: Simulator, client: Client) -> None:
    """The SDK creates, renames, lists (with counters) and deletes a project; its runs go with it."""
    made = client.create_project("one", description="first", metadata={"team": "blue"})
    client.update_project(made.id, name="two")
    sim.workspace.add_run(str(made.id), total_tokens=5, total_cost=0.25)
    found = list(client.list_projects(include_stats=True))
    assert [(one.name, one.run_count, one.total_tokens, one.metadata) for one in found] == [("two", 1, 5, {"team": "blue"})]
    client.delete_project(project_id=str(made.id))
    assert not client.has_project("two")
    assert sim.workspace.runs == {}


@pytest.mark.filterwarnings("ignore")  # the SDK's warnings during an evaluation are not the subject
def test_an_experiment_runs_over_a_dataset(sim: Simulator, client: Client) -> None:
    """`evaluate` makes an experiment whose runs refer to the examples and carry the evaluator's feedback."""

    def same(outputs: dict[str, Any], reference_outputs: dict[str, Any]) -> dict[Any, Any]:
        return {"key": "same", "score": outputs == reference_outputs}

    dataset = client.create_dataset("numbers")
    rows = [{"inputs": {"n": number}, "outputs": {"n": number % 2}} for number in range(3)]
    made = client.create_examples(dataset_id=dataset.id, examples=rows)
    client.evaluate(lambda inputs: inputs, data="numbers", evaluators=[same], experiment_prefix="trial")
    client.flush()
    trial = next(project for project in sim.workspace.projects.values() if project.reference_dataset_id)
    assert (trial.reference_dataset_id, trial.name.startswith("trial-")) == (str(dataset.id), True)
    roots = [run for run in sim.workspace.project_runs[trial.id] if run.parent_run_id is None]
    scores = {run.reference_example_id: sim.workspace.run_feedback[run.id][0].score for run in roots}
    assert scores == dict(zip(made["example_ids"], (True, True, False), strict=True))


def test_sdk_understands_the_refusals(sim: Simulator) -> None:
    """A wrong key raises the SDK's own authentication error."""
    with sim.serve() as base_url:
        stranger = Client(api_url=base_url, api_key="lsv2_pt_wrong", auto_batch_tracing=False)
        with pytest.raises(LangSmithAuthError):
            list(stranger.list_projects())
        stranger.cleanup()
