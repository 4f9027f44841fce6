"""An excluded project is never read. A request may hide more than the environment, but not less, and no misspelt key passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulation.secret_fields import FACES, FIELDS, HASH_KEY, MODES, TABLES, digest, planted, private, synced

from fivetran_model import CallFailed
from product import World
from simulator.settings import Mode

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
    """No table has a row of an excluded project. No request for runs or feedback names it, in two syncs."""
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
    """A project that takes an excluded name between syncs is read no more. Rows synced before stay."""
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
    """A project that PROJECTS_EXCLUDE no longer names is read from its beginning."""
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
    """The environment's privacy settings hold, whatever a request's secrets say. What the secrets add is hidden, too."""
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
    """A request with another HASH_KEY is refused before any reading, since a chosen key helps to guess values."""
    w = world()
    planted(w)
    w.configure(**OWN)
    with pytest.raises(CallFailed, match=r"^400: HASH_KEY: the function's environment has another one"):
        w.fivetran.sync(secrets={"HASH_KEY": "a key that somebody else chose"})
    assert w.sim.requests == []


def test_a_misspelt_key_of_a_request_is_refused(world: Callable[..., World]) -> None:
    """A misspelt privacy key is refused. If it were ignored, it would hide nothing, and nobody would know."""
    w = world()
    planted(w)
    with pytest.raises(CallFailed, match=r"^400: EXCLUDE_COLUMNS: it is written as 'exclude_columns'"):
        w.fivetran.setup_test(custom_payload={"exclude_columns": "langsmith_run.inputs"})
    assert w.sim.requests == []


def test_an_excluded_name_that_no_project_has_is_told(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """The setup test and each sync warn of an excluded name that no project has, until one takes it."""
    w = world()
    opened, _ = private(w)
    w.configure(PROJECTS_EXCLUDE="closed,hush")
    for call in (w.fivetran.setup_test, w.fivetran.sync):
        caplog.clear()
        call()
        warnings = [line for line in caplog.messages if line.startswith("PROJECTS_EXCLUDE: no project is named")]
        assert warnings == ["PROJECTS_EXCLUDE: no project is named 'hush' yet, so nothing is excluded for it; check the name"]
    w.workspace.rename_project(opened, "hush")
    caplog.clear()
    w.fivetran.setup_test()
    assert "PROJECTS_EXCLUDE" not in caplog.text
