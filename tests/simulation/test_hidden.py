"""Hidden values do not leave LangSmith: not in rows, `raw`, state, logs or requests, through both faces and both APIs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulation.secret_fields import FACES, FIELDS, HASH_KEY, MODES, STREAMED, TABLES, TEXTS, digest, everything, planted, synced

from product import Table, World
from simulator.settings import Mode


def columns(tables: dict[str, Table], hidden: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows without `raw`, statistics and the hidden columns."""
    return {
        table: [
            {k: v for k, v in row.items() if k not in ("raw", "feedback_stats") and f"{table}.{k}" not in hidden}
            for row in rows.values()
        ]
        for table, rows in tables.items()
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_the_search_finds_what_is_not_hidden(
    world: Callable[..., World], face: str, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """Every planted secret is in the rows while no privacy key is set. So the other tests search in the right places."""
    w = world(mode)
    planted(w)
    shown = everything(w, synced(w, face), caplog.text)
    assert [one for one in (*FIELDS.values(), STREAMED) if one not in shown] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_an_excluded_column_leaves_nowhere_and_the_others_stay(
    world: Callable[..., World], face: str, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """An excluded column is null, and in no `raw`, preview, statistic, joined name, state or log. Other columns do not change."""
    w = world(mode)
    planted(w)
    plain = synced(w, face)
    w.sim.requests.clear()
    w.configure(EXCLUDE_COLUMNS=",".join(FIELDS), LOCAL_DB=w.database + "2")
    w.database += "2"
    w.fivetran.resync()
    w.fivetran.tables.clear()
    w.connection.replay({})
    w.connection.tables.clear()
    tables = synced(w, face)
    assert "SECRET" not in everything(w, tables, caplog.text)
    gone = {*FIELDS, "langsmith_run.project_name", "langsmith_example.dataset_name"}
    assert columns(tables, gone) == columns(plain, gone)
    assert [table for table in TABLES if not tables[table]] == []
    held = {f"{table}.{name}" for table in TABLES for row in tables[table].values() for name in row if row[name] is not None}
    assert gone & held == set()


@pytest.mark.parametrize(("mode", "word"), [("clickhouse", "select"), ("smithdb", "selects")])
def test_an_excluded_field_is_not_asked_for(world: Callable[..., World], mode: Mode, word: str) -> None:
    """A query selects neither an excluded field nor its preview nor its address. It still selects the other fields."""
    w = world(mode)
    planted(w)
    w.configure(EXCLUDE_COLUMNS="*.inputs,langsmith_run.outputs")
    w.fivetran.sync()
    asked = {name.lower() for request in w.sim.requests if request.kind == "runs" for name in request.body[word]}
    assert {"id", "start_time", "end_time", "error", "feedback_stats"} <= asked
    assert {name for name in asked if name.startswith(("inputs", "outputs", "messages", "events"))} == set()
    examples = [dict.fromkeys(v for k, v in r.query if k == "select") for r in w.sim.requests if r.kind == "examples"]
    assert [list(one) for one in examples] == [
        ["id", "created_at", "modified_at", "name", "dataset_id", "source_run_id", "metadata", "outputs"]
    ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_without_raw_and_payloads_only_the_columns_kept_are_asked_for(world: Callable[..., World], face: str, mode: Mode) -> None:
    """`*.raw` is null in every table. With payloads excluded, too, the query selects neither raw's fields nor payloads."""
    w = world(mode)
    planted(w)
    w.configure(EXCLUDE_COLUMNS="*.raw,*.inputs,*.outputs")
    tables = synced(w, face)
    assert {row.get("raw") for table in tables.values() for row in table.values()} == {None}
    word = "select" if mode == "clickhouse" else "selects"
    asked = {name.lower() for request in w.sim.requests if request.kind == "runs" for name in request.body[word]}
    assert not asked & {"inputs", "outputs", "events", "serialized", "manifest", "inputs_preview", "child_run_ids"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_a_redacted_place_holds_the_marker_in_its_column_and_in_raw(
    world: Callable[..., World], face: str, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """A redacted value is gone everywhere, and the marker stands in its column and in `raw`. Values beside it stay."""
    w = world(mode)
    planted(w)
    w.configure(
        REDACT_PATHS=",".join(
            column if column in {*TEXTS, "langsmith_run.tags", "langsmith_feedback.value"} else f"{column}.who"
            for column in FIELDS
        )
    )
    tables = synced(w, face)
    assert "SECRET" not in everything(w, tables, caplog.text)
    (run,), (example,) = tables["langsmith_run"].values(), tables["langsmith_example"].values()
    assert json.loads(run["inputs"]) == {"who": "[redacted]", "n": 1}
    assert json.loads(
        json.loads(run["raw"])["inputs"]
        if isinstance(json.loads(run["raw"])["inputs"], str)
        else json.dumps(json.loads(run["raw"])["inputs"])
    ) == {"who": "[redacted]", "n": 1}
    assert (run["name"], run["error"], run["project_name"]) == ("[redacted]",) * 3
    assert json.loads(run["metadata"])["who"] == "[redacted]"
    assert (example["dataset_name"], json.loads(example["metadata"])["who"]) == ("[redacted]", "[redacted]")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_hashed_values_join_across_tables(world: Callable[..., World], face: str, mode: Mode) -> None:
    """One user id has the same hash in the metadata of a run and of an example. The id itself is in no table."""
    w = world(mode)
    project, dataset = w.workspace.add_project("p"), w.workspace.add_dataset("d")
    w.workspace.add_run(project, metadata={"user_id": "ann@example.com", "plan": "pro"})
    w.workspace.add_example(dataset, {"q": 1}, metadata={"user_id": "ann@example.com"})
    w.configure(HASH_PATHS="*.metadata.user_id", HASH_KEY=HASH_KEY)
    tables = synced(w, face)
    (run,), (example,) = tables["langsmith_run"].values(), tables["langsmith_example"].values()
    expected = digest("ann@example.com")
    assert json.loads(run["metadata"]) == {"user_id": expected, "plan": "pro"}
    assert json.loads(example["metadata"])["user_id"] == expected
    assert "ann@example.com" not in json.dumps(tables)


@pytest.mark.parametrize("shown", ["null", "{}"])
@pytest.mark.parametrize("face", FACES)
def test_offloaded_payloads_are_hidden_too(world: Callable[..., World], face: str, shown: Any) -> None:
    """An excluded payload is not downloaded.

    A redacted one is, and gets its marker. v1 may show null or {} in place of either.
    """
    w = world()
    w.sim.offloaded_as = shown
    project = w.workspace.add_project("p")
    payload = {"who": "SECRET", "n": 1}
    w.workspace.add_run(project, inputs=payload, outputs=payload, offloaded=("inputs", "outputs"))
    w.configure(EXCLUDE_COLUMNS="langsmith_run.inputs", REDACT_PATHS="langsmith_run.outputs.who")
    tables = synced(w, face)
    (run,) = tables["langsmith_run"].values()
    assert (run.get("inputs"), json.loads(run["outputs"])) == (None, {"who": "[redacted]", "n": 1})
    assert w.requests("download") == 1
    assert "SECRET" not in json.dumps(tables)
    assert "jwt" not in json.dumps(tables)


@pytest.mark.parametrize(
    "rule",
    [
        {"REDACT_PATHS": "langsmith_run.metadata.user"},
        {"HASH_PATHS": "langsmith_feedback.comment", "HASH_KEY": HASH_KEY},
        {"EXCLUDE_COLUMNS": "langsmith_run.error"},
        {"EXCLUDE_COLUMNS": "langsmith_run.raw"},
        {"REDACT_PATHS": "langsmith_run.inputs.other"},
        {"REDACT_PATHS": "langsmith_run.raw.inputs_s3_urls"},
    ],
    ids=lambda rule: next(iter(rule.values())),
)
@pytest.mark.parametrize("shown", ["null", "{}"])
@pytest.mark.parametrize("face", FACES)
def test_a_rule_about_something_else_loses_no_payload(
    world: Callable[..., World], face: str, shown: Any, rule: dict[str, str]
) -> None:
    """Payloads in object storage land whole where a privacy rule hides something else of the table."""
    w = world()
    w.sim.offloaded_as = shown
    payload = {"who": "ann", "n": 1}
    w.workspace.add_run(w.workspace.add_project("p"), inputs=payload, outputs=payload, offloaded=("inputs", "outputs"))
    w.configure(**rule)
    (run,) = synced(w, face)["langsmith_run"].values()
    assert (json.loads(run["inputs"]), json.loads(run["outputs"])) == (payload, payload)
