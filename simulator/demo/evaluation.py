"""Datasets, and three experiments over one of them: the same questions, three models and prompts, three results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_OID, uuid5

from simulator.demo.applications import TOPICS, begin_root
from simulator.demo.models import LARGE, MINI, SONNET, Model
from simulator.demo.prompts import SUPPORT, Version
from simulator.demo.tracing import Tracer
from simulator.times import aware
from simulator.workspace import Workspace

QUESTIONS, REFUNDS, RETIRED = "support-questions", "refund-cases", "retired-drafts"
SIZES = {QUESTIONS: 24, REFUNDS: 12, RETIRED: 6}
EVALUATORS = "evaluators"
MADE = 13.0  # days ago


@dataclass(frozen=True)
class Experiment:
    """One experiment. `wrong` are the places of the examples that it gets wrong."""

    name: str
    age: float
    model: Model
    version: Version
    wrong: frozenset[int]
    concise: float


EXPERIMENTS = (
    Experiment("baseline-gpt-4.1-mini", 11.0, MINI, SUPPORT[0], frozenset({1, 4, 5, 8, 9, 12, 13, 16, 20, 21}), 0.55),
    Experiment("pages-gpt-4.1", 7.0, LARGE, SUPPORT[1], frozenset({2, 5, 9, 13, 17, 21}), 0.68),
    Experiment("pages-alone-claude-sonnet-4-5", 3.0, SONNET, SUPPORT[2], frozenset({9, 17}), 0.81),
)


def make_datasets(workspace: Workspace, now: datetime) -> dict[str, list[str]]:
    """Add the datasets, whose examples were added in one version and partly corrected later; returns example ids by dataset."""
    at, made = now - timedelta(days=MADE), {}
    for name, size in SIZES.items():
        dataset = workspace.add_dataset(name, created_at=at, description=f"Made for the demo: {name}", metadata={"team": "shop"})
        made[name] = [workspace.add_example(dataset, *_content(name, row), as_of=at) for row in range(size)]
        for row in range(0, size, 8):
            answer = {"answer": f"On {TOPICS[row % len(TOPICS)]}: see page {row}, corrected."}
            workspace.edit_example(made[name][row], outputs=answer, as_of=at + timedelta(hours=6 + row))
        workspace.tag_dataset(dataset, "prod", workspace.datasets[dataset].versions[-1])
    return made


def make_experiments(workspace: Workspace, rng: Random, examples: list[str], now: datetime) -> None:
    """Add the experiments, with the runs of their evaluator in a project of its own."""
    judges = workspace.add_project(EVALUATORS, start_time=now - timedelta(days=EXPERIMENTS[0].age))
    dataset = workspace.datasets[workspace.dataset_of_example[examples[0]]]
    for experiment in EXPERIMENTS:
        begun = now - timedelta(days=experiment.age)
        about = {"model": experiment.model.name, "prompt_commit": experiment.version.commit}
        version = aware(dataset.versions[-1]) or ""
        project = workspace.add_project(
            experiment.name,
            start_time=begun,
            end_time=begun + timedelta(minutes=20),
            reference_dataset_id=dataset.id,
            metadata={**about, "dataset_version": version},
        )
        for place, example in enumerate(examples):
            tracer = Tracer(workspace, rng, project, begun + timedelta(seconds=10 * place))
            root = _answer(tracer, experiment, example, version)
            _judge(Tracer(workspace, rng, judges, tracer.now), experiment, root, place)


def _content(name: str, row: int) -> tuple[dict[str, str], dict[str, str], dict[str, list[str]]]:
    topic = TOPICS[row % len(TOPICS)]
    question = {"question": f"What about {topic}, case {row + 1} of {name}?"}
    return question, {"answer": f"On {topic}: see page {row}."}, {"dataset_split": ["test" if row % 4 == 0 else "base"]}


def _answer(tracer: Tracer, experiment: Experiment, example: str, version: str) -> str:
    """Write the run that answers one example; returns its id."""
    store = tracer.workspace
    content = store.datasets[store.dataset_of_example[example]].examples[example].revisions[-1]
    metadata: dict[str, object] = {"ls_method": "evaluate", "example_version": version, "environment": "evaluation"}
    root = begin_root(tracer, "answer", content.inputs, metadata)
    tracer.workspace.update_run(root, reference_example_id=example)
    asked = str(content.inputs["question"])
    filled = {"output": {"messages": [{"type": "human", "content": asked}]}}
    extra = {"metadata": experiment.version.metadata()}
    tracer.step("ChatPromptTemplate", "prompt", {"input": asked}, filled, 0.002, extra=extra)
    said, read = str(content.outputs["answer"]), tracer.rng.randint(3000, 5000) + 900 * experiment.version.number
    tracer.ask(experiment.model, asked, said, (read, tracer.rng.randint(60, 240)))
    tracer.end({"answer": said})
    return root


def _judge(tracer: Tracer, experiment: Experiment, answered: str, place: int) -> None:
    """Write the evaluator's run, and what it says of an answer."""
    judge = begin_root(tracer, "correctness", {"run_id": answered}, {"reference_run_id": answered})
    right = place not in experiment.wrong
    tracer.ask(
        MINI, "Is this answer correct?", "yes" if right else "no", (tracer.rng.randint(300, 500), tracer.rng.randint(2, 9))
    )
    tracer.end({"key": "correctness", "score": int(right)})
    concise = min(1.0, max(0.0, round(tracer.rng.gauss(experiment.concise, 0.08), 2)))
    for key, score in (("correctness", float(right)), ("conciseness", concise)):
        tracer.workspace.add_feedback(
            answered,
            key,
            id=str(uuid5(NAMESPACE_OID, f"{answered} {key}")),
            score=score,
            created_at=tracer.now,
            source_type="model",
            source_metadata={"__run": {"run_id": judge}},
        )
