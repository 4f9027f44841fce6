"""The recipes of docs/SECURITY.md, read from that page and tried on traces of the official SDK and LangChain.

sdk_traces.py makes the traces. privacy/test_replace tests how a place is found and replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from simulation.sdk_traces import ASKED, NAME, SAID, USER, traced
from simulation.secret_fields import HASH_KEY, MODES, TABLES, digest

from langsmith_core.records.columns import Kind
from langsmith_core.settings.keys import KEYS
from langsmith_core.streams.registry import RUN
from product import Table, World
from simulator import Clock, Simulator
from simulator.settings import Mode

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # the SDK's own, on examples

SECURITY = (Path(__file__).parents[2] / "docs" / "SECURITY.md").read_text()
RECIPES = {
    name: dict(line.split("=", 1) for line in text.strip().splitlines())
    for name, text in re.findall(r"<!-- recipe: (.+?) -->\n```\n(.*?)```\n<!-- /recipe -->", SECURITY, re.DOTALL)
}
FIGURES = [one.name for one in RUN.columns if one.kind in (Kind.INTEGER, Kind.NUMERIC, Kind.FIGURES, Kind.TIMESTAMP, Kind.STATS)]
Tables = dict[str, Table]


@pytest.fixture(scope="module")
def sim() -> Simulator:
    """Make a workspace with the traces, once, on the real clock, which the SDK's own timestamps need."""
    made = Simulator(clock=Clock.system(), seed=1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LANGSMITH_API_KEY", "LANGSMITH_ENDPOINT", "LANGSMITH_WORKSPACE_ID", "LANGCHAIN_API_KEY"):
            patch.delenv(name, raising=False)
        traced(made)
    return made


@pytest.fixture(params=MODES)
def read(
    request: pytest.FixtureRequest, sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Tables]:
    """Return a function that syncs the traces under a configuration, by one API, and returns the tables."""
    mode: Mode = request.param

    def tables(**configuration: str) -> Tables:
        with monkeypatch.context() as patch:
            w = World(patch, tmp_path, mode, sim=sim)
            w.configure(**configuration)
            w.fivetran.sync()
            return {table: w.in_fivetran(table) for table in TABLES}

    return tables


def recipe(name: str) -> dict[str, str]:
    """Return a recipe as it is written, with a key of our own."""
    return {**RECIPES[name], **({"HASH_KEY": HASH_KEY} if "HASH_KEY" in RECIPES[name] else {})}


def figures(tables: Tables) -> dict[str, list[Any]]:
    """Return the times, tokens and costs of runs, and the scores and keys of feedback."""
    runs = {key: [row.get(name) for name in FIGURES] for key, row in tables["langsmith_run"].items()}
    return {**runs, **{key: [row.get("score"), row["key"]] for key, row in tables["langsmith_feedback"].items()}}


def models(tables: Tables) -> list[dict[str, Any]]:
    """Return the runs of models: one of LangChain, one of a wrapper."""
    found = [row for row in tables["langsmith_run"].values() if row["run_type"] == "llm"]
    assert len(found) == 2
    return found


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings of rules that found nothing."""
    return [line for line in caplog.messages if "so it hides nothing" in line]


def test_the_traces_hold_what_is_to_be_hidden(read: Callable[..., Tables]) -> None:
    """Without a recipe prompts, answers and people are in runs, examples and feedback, events and parameters included."""
    tables = read()
    for table, texts in {"run": (ASKED, SAID, USER, NAME), "example": (ASKED, SAID, USER), "feedback": (SAID, USER)}.items():
        assert [text for text in texts if text not in json.dumps(tables[f"langsmith_{table}"])] == []
    raw = [json.loads(row["raw"]) for row in tables["langsmith_run"].values()]
    assert any("new_token" in json.dumps(one.get("events")) for one in raw)
    assert any(ASKED in json.dumps(one["extra"].get("invocation_params")) for one in raw)
    assert any(ASKED in (row["error"] or "") for row in tables["langsmith_run"].values())
    assert any(row["total_tokens"] and row["total_cost"] for row in models(tables))
    assert RECIPES.keys() == {"texts", "texts but raw", "messages", "people"}


@pytest.mark.parametrize("name", ["texts", "texts but raw"])
def test_no_prompt_and_no_answer_leaves(read: Callable[..., Tables], name: str, caplog: pytest.LogCaptureFixture) -> None:
    """The recipe leaves no prompt and no answer in any row. Every row and every figure stays."""
    plain = read()
    tables = read(**recipe(name))
    assert [table for table in TABLES if ASKED in json.dumps(tables[table]) or SAID in json.dumps(tables[table])] == []
    assert {table: rows.keys() for table, rows in tables.items()} == {table: rows.keys() for table, rows in plain.items()}
    assert figures(tables) == figures(plain)
    assert [row["name"] for row in models(tables)] == [row["name"] for row in models(plain)]
    assert ("raw" in str(recipe(name))) == all(row.get("raw") is None for row in tables["langsmith_run"].values())
    assert warned(caplog) == []


def test_the_text_of_messages_is_hidden_and_their_form_stays(
    read: Callable[..., Tables], caplog: pytest.LogCaptureFixture
) -> None:
    """The recipe leaves no text in models' runs. The number of messages, their roles and their usage stay."""
    plain, tables = read(), read(**recipe("messages"))
    assert [row["name"] for row in models(tables) if ASKED in json.dumps(row) or SAID in json.dumps(row)] == []
    for row, before in zip(models(tables), models(plain), strict=True):
        for column in ("inputs", "outputs"):
            texts = re.compile(r'("(?:content|text)":)"(?:[^"\\]|\\.)*"')
            assert texts.sub(r'\1"[redacted]"', before[column]) == row[column]
    assert figures(tables) == figures(plain)
    assert warned(caplog) == []


def test_people_are_hashed_and_still_join(read: Callable[..., Tables], caplog: pytest.LogCaptureFixture) -> None:
    """The recipe leaves no user's name or id in any row. One user's rows share one hash, and all else stays."""
    plain, tables = read(), read(**recipe("people"))
    assert [table for table in TABLES if USER in json.dumps(tables[table]) or NAME in json.dumps(tables[table])] == []
    assert digest(USER) in json.dumps(tables["langsmith_example"])
    assert {json.loads(row["metadata"])["user_id"] for row in tables["langsmith_run"].values()} == {digest(USER)}
    sources = [json.loads(row["raw"])["feedback_source"] for row in tables["langsmith_feedback"].values()]
    assert digest(USER) in [one["user_id"] for one in sources]
    columns = ("inputs", "outputs", "error", "name", "tags", "thread_id")
    found, before = ([[row.get(c) for c in columns] for row in one["langsmith_run"].values()] for one in (tables, plain))
    assert found == before
    assert figures(tables) == figures(plain)
    assert warned(caplog) == []


def test_the_example_of_the_configuration_leads_to_messages(
    read: Callable[..., Tables], caplog: pytest.LogCaptureFixture
) -> None:
    """The README's example for REDACT_PATHS finds the prompts of both models."""
    (meaning,) = (key.meaning for key in KEYS if key.name == "REDACT_PATHS")
    (example,) = re.findall(r"`(langsmith_run\.[^`]+)`", meaning)
    tables = read(REDACT_PATHS=example)
    assert [row["name"] for row in models(tables) if ASKED in row["inputs"] or "[redacted]" not in row["inputs"]] == []
    assert warned(caplog) == []
