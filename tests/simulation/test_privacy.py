"""What is hidden does not leave: searched for in rows, `raw`, state, logs and requests, through both faces and both APIs."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from fivetran_model import CallFailed
from product import Table, World
from simulator.settings import Mode

FACES, MODES = ["fivetran", "duckdb"], ["clickhouse", "smithdb"]
TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")
HASH_KEY = "a key of sixteen or more"

FIELDS = {
    "langsmith_project.name": "SECRET-project-name",
    "langsmith_project.metadata": "SECRET-project-metadata",
    "langsmith_dataset.name": "SECRET-dataset-name",
    "langsmith_dataset.description": "SECRET-dataset-description",
    "langsmith_example.inputs": "SECRET-example-inputs",
    "langsmith_example.outputs": "SECRET-example-outputs",
    "langsmith_example.metadata": "SECRET-example-metadata",
    "langsmith_run.name": "SECRET-run-name",
    "langsmith_run.inputs": "SECRET-run-inputs",
    "langsmith_run.outputs": "SECRET-run-outputs",
    "langsmith_run.error": "SECRET-run-error",
    "langsmith_run.tags": "SECRET-run-tags",
    "langsmith_run.metadata": "SECRET-run-metadata",
    "langsmith_feedback.value": "SECRET-feedback-value",
    "langsmith_feedback.comment": "SECRET-feedback-comment",
    "langsmith_feedback.correction": "SECRET-feedback-correction",
}
"""What is planted in which column."""
STREAMED = "SECRET-run-token"
"""What is planted in a run's events, where an answer streams in."""
TEXTS = {column for column in FIELDS if column.split(".")[1] in ("name", "description", "error", "comment")}


def planted(w: World) -> None:
    """A workspace with a secret in every field, in a form that both APIs and all previews repeat."""

    def secret(column: str) -> Any:
        return FIELDS[column] if column in TEXTS else {"who": FIELDS[column], "n": 1}

    project = w.workspace.add_project(FIELDS["langsmith_project.name"], metadata=secret("langsmith_project.metadata"))
    dataset = w.workspace.add_dataset(FIELDS["langsmith_dataset.name"], description=secret("langsmith_dataset.description"))
    example = w.workspace.add_example(
        dataset, secret("langsmith_example.inputs"), secret("langsmith_example.outputs"), secret("langsmith_example.metadata")
    )
    run = w.workspace.add_run(
        project,
        name=FIELDS["langsmith_run.name"],
        inputs=secret("langsmith_run.inputs"),
        outputs=secret("langsmith_run.outputs"),
        error=FIELDS["langsmith_run.error"],
        tags=[FIELDS["langsmith_run.tags"]],
        metadata=secret("langsmith_run.metadata"),
        events=[{"name": "new_token", "time": "2026-01-01T00:00:00Z", "kwargs": {"token": STREAMED}}],
        reference_example_id=example,
    )
    w.workspace.add_feedback(
        run,
        "helpful",
        score=1,
        value=FIELDS["langsmith_feedback.value"],
        comment=FIELDS["langsmith_feedback.comment"],
        correction=secret("langsmith_feedback.correction"),
    )


def digest(text: str) -> str:
    """The hash of a text."""
    return hmac.new(HASH_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def synced(w: World, face: str) -> dict[str, Table]:
    """Sync, and every table of the face."""
    if face == "fivetran":
        w.fivetran.sync()
        return {table: w.in_fivetran(table) for table in TABLES}
    w.sync_locally()
    return {table: w.in_duckdb(table) for table in TABLES}


def everything(w: World, tables: dict[str, Table], log: str) -> str:
    """All that the product has said: rows, the last state, its log, the status, and every request's own words."""
    requests = " ".join(f"{one.path} {one.query} {one.body}" for one in w.sim.requests)
    return " ".join([json.dumps(tables), json.dumps(w.fivetran.state), log, w.request("GET", "/sync").text, requests])


def columns(tables: dict[str, Table], hidden: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows without `raw`, statistics and the columns named."""
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
    """Without a privacy key every planted secret is in the rows: the tests below look in the right places."""
    w = world(mode)
    planted(w)
    said = everything(w, synced(w, face), caplog.text)
    assert [one for one in (*FIELDS.values(), STREAMED) if one not in said] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_an_excluded_column_leaves_nowhere_and_the_others_stay(
    world: Callable[..., World], face: str, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """An excluded column is null and in no `raw`, preview, statistic, joined name, state or log; all other columns are equal."""
    w = world(mode)
    planted(w)
    plain = synced(w, face)
    w.sim.requests.clear()
    w.configure(EXCLUDE_COLUMNS=",".join(FIELDS), LOCAL_DB=w.database + "2")
    w.database += "2"
    w.fivetran.resync()
    w.fivetran.tables.clear()
    tables = synced(w, face)
    assert "SECRET" not in everything(w, tables, caplog.text)
    gone = {*FIELDS, "langsmith_run.project_name", "langsmith_example.dataset_name"}
    assert columns(tables, gone) == columns(plain, gone)
    assert [table for table in TABLES if not tables[table]] == []
    held = {f"{table}.{name}" for table in TABLES for row in tables[table].values() for name in row if row[name] is not None}
    assert gone & held == set()


@pytest.mark.parametrize(("mode", "word"), [("clickhouse", "select"), ("smithdb", "selects")])
def test_an_excluded_field_is_not_asked_for(world: Callable[..., World], mode: Mode, word: str) -> None:
    """Neither the field nor its preview nor its address is in the selection; what it is not excluded from stays."""
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
    """`*.raw` is null in every table; with the payloads excluded too, LangSmith sends neither."""
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
    """The value is gone everywhere, what stands beside it stays, and nothing but the place is changed."""
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
    """The same person has the same hash in a run's metadata and an example's; without the key nobody can make it."""
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


@pytest.mark.parametrize("face", FACES)
def test_offloaded_payloads_are_hidden_too(world: Callable[..., World], face: str) -> None:
    """An excluded payload is not downloaded; a redacted one is, and its place holds the marker."""
    w = world()
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


def private(w: World) -> tuple[str, str]:
    """A project to read and one not to, each with a run and feedback on it, and feedback on the project itself."""
    found = []
    for name in ("open", "closed"):
        project = w.workspace.add_project(name)
        run = w.workspace.add_run(project, inputs={"q": name})
        w.workspace.add_feedback(run, "helpful", score=1)
        w.workspace.add_feedback(None, "overall", project_id=project, score=1)
        found.append(project)
    return found[0], found[1]


SPELT: dict[str, Callable[[str], str]] = {
    "name": lambda _: "closed",
    "id": str,
    "id in capitals": str.upper,
    "id without dashes": lambda ident: ident.replace("-", ""),
}


@pytest.mark.parametrize("by", SPELT)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_an_excluded_project_is_never_read(world: Callable[..., World], face: str, mode: Mode, by: str) -> None:
    """No row of it in any table, and no request for its runs or feedback; new runs there and a second sync change nothing."""
    w = world(mode)
    opened, closed = private(w)
    w.configure(PROJECTS_EXCLUDE=SPELT[by](closed))
    for _ in range(2):
        tables = synced(w, face)
        assert {
            row["project_id"]
            for table in ("langsmith_project", "langsmith_run", "langsmith_feedback")
            for row in tables[table].values()
        } == {opened}
        assert closed not in json.dumps(tables)
        w.workspace.add_run(closed)
        w.clock.advance(hours=1)
    assert not [one for one in w.sim.requests if one.kind in ("runs", "feedback") and closed in f"{one.query} {one.body}"]


@pytest.mark.parametrize("face", FACES)
def test_a_project_that_takes_an_excluded_name_is_read_no_more(world: Callable[..., World], face: str) -> None:
    """Made or renamed between syncs: what is new there stays in LangSmith, what was synced under its old name stays synced."""
    w = world()
    opened, other = private(w)
    w.configure(PROJECTS_EXCLUDE="hush")
    synced(w, face)
    w.workspace.rename_project(other, "hush")
    w.clock.advance(hours=1)
    late = w.workspace.add_run(other, inputs={"q": "SECRET"})
    kept = w.workspace.add_run(opened)
    w.workspace.add_run(w.workspace.add_project("hush"), inputs={"q": "SECRET"})
    tables = synced(w, face)
    assert (late in tables["langsmith_run"], kept in tables["langsmith_run"]) == (False, True)
    assert "SECRET" not in json.dumps(tables)
    assert "hush" not in json.dumps(tables)


def test_a_project_let_in_again_is_read_from_its_beginning(world: Callable[..., World]) -> None:
    """PROJECTS_EXCLUDE emptied: nothing of the time between is missing."""
    w = world()
    w.sim.corpus(projects=3, runs=300, days=40)
    name = next(iter(w.workspace.truth()["langsmith_project"].values()))["name"]
    w.configure(PROJECTS_EXCLUDE=name)
    w.fivetran.sync()
    w.configure(PROJECTS_EXCLUDE="")
    w.clock.advance(hours=1)
    w.fivetran.sync()
    w.assert_complete("fivetran")


OWN = {
    "EXCLUDE_COLUMNS": "langsmith_run.inputs",
    "REDACT_PATHS": "langsmith_run.name",
    "HASH_PATHS": "langsmith_run.error",
    "PROJECTS_EXCLUDE": "closed",
    "HASH_KEY": HASH_KEY,
}
ASKED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "empty texts": dict.fromkeys(OWN, ""),
    "empty lists": {name: [] for name in OWN if name != "HASH_KEY"},
    "more": {
        "EXCLUDE_COLUMNS": "langsmith_run.outputs",
        "REDACT_PATHS": "langsmith_feedback.comment",
        "HASH_PATHS": "langsmith_feedback.correction",
        "PROJECTS_EXCLUDE": "open",
        "HASH_KEY": HASH_KEY,
    },
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_request_can_hide_more_and_never_less(world: Callable[..., World], asked: str) -> None:
    """What the environment hides stays hidden whatever the request's secrets say; what they ask for beside it is hidden too."""
    w = world()
    planted(w)
    private(w)
    w.configure(**OWN)
    w.fivetran.sync(secrets=ASKED[asked])
    tables, more = {table: w.in_fivetran(table) for table in TABLES}, asked == "more"
    assert {row["name"] for row in tables["langsmith_project"].values()} == {
        FIELDS["langsmith_project.name"],
        *(() if more else ("open",)),
    }
    (run,) = (row for row in tables["langsmith_run"].values() if row["project_name"] != "open")
    outputs = {"who": FIELDS["langsmith_run.outputs"], "n": 1}
    assert (run.get("inputs"), run["name"]) == (None, "[redacted]")
    assert run["error"] == digest(FIELDS["langsmith_run.error"])
    assert json.loads(run.get("outputs") or "null") == (None if more else outputs)
    (feedback,) = (row for row in tables["langsmith_feedback"].values() if row.get("run_id") == run["run_id"])
    correction = json.dumps({"who": FIELDS["langsmith_feedback.correction"], "n": 1}, separators=(",", ":"))
    assert feedback["comment"] == ("[redacted]" if more else FIELDS["langsmith_feedback.comment"])
    assert feedback["correction"] == (json.dumps(digest(correction)) if more else correction)


def test_a_request_cannot_put_another_key_under_the_hashes(world: Callable[..., World]) -> None:
    """One that they chose would let them guess: it is refused, and nothing is read."""
    w = world()
    planted(w)
    w.configure(**OWN)
    with pytest.raises(CallFailed, match=r"^400: HASH_KEY: the function's environment has another one"):
        w.fivetran.sync(secrets={"HASH_KEY": "a key that somebody else chose"})
    assert w.sim.requests == []


def test_a_misspelt_key_of_a_request_is_refused(world: Callable[..., World]) -> None:
    """Passed over, it would hide nothing, and nobody would know."""
    w = world()
    planted(w)
    with pytest.raises(CallFailed, match=r"^400: EXCLUDE_COLUMNS: the request writes it as 'exclude_columns'"):
        w.fivetran.setup_test(custom_payload={"exclude_columns": "langsmith_run.inputs"})
    assert w.sim.requests == []


def test_an_excluded_name_that_no_project_has_is_told(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """At the setup test and in a sync, until a project takes the name."""
    w = world()
    opened, _ = private(w)
    w.configure(PROJECTS_EXCLUDE="closed,hush")
    for call in (w.fivetran.setup_test, w.fivetran.sync):
        caplog.clear()
        call()
        told = [line for line in caplog.messages if line.startswith("PROJECTS_EXCLUDE: no project is named")]
        assert told == ["PROJECTS_EXCLUDE: no project is named 'hush' yet; until one is, nothing is left out for it"]
    w.workspace.rename_project(opened, "hush")
    caplog.clear()
    w.fivetran.setup_test()
    assert "PROJECTS_EXCLUDE" not in caplog.text
