"""The row of an odd record holds all that can be read of it. It holds no value that a privacy rule hides."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulation import odd_records
from simulation.face_calls import TABLES, calls, state, statuses, tables
from simulation.odd_records import EXAMPLE, FEEDBACK, PROJECT, RUN, text, with_members

from product import World
from simulator import Fault

FACES = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
OTHER = odd_records.OTHER_ID
SECRET = "tell-no-one what the user said"


def synced(w: World, face: str) -> dict[str, Any]:
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    return tables(w, face)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("face", "ident"),
    [("duckdb", 5), ("duckdb", "a,b"), ("fivetran", True), ("fivetran", OTHER.upper()), ("fivetran", "x" * 200)],
)
def test_an_id_that_is_no_uuid_is_a_rows_key_and_no_more(
    world: Callable[..., World], caplog: pytest.LogCaptureFixture, face: str, table: str, ident: object
) -> None:
    """A record whose id is no UUID lands under that id. The id enters no state and no request, and the log names it."""
    w = world()
    content = odd_records.filled(w)
    odd_records.rewritten(w, content.odd[table], with_members([("id", text(ident))]))
    key = ident if isinstance(ident, str) else text(ident)
    assert key in synced(w, face)[table]
    w.clock.advance(hours=25)
    assert key in synced(w, face)[table]
    assert f'"{key}"' not in json.dumps(state(w, face))
    assert not any(key in map(str, (*dict(one.query).values(), one.path)) for one in w.sim.requests if len(key) > 4)
    lines = [line for line in caplog.messages if "is not a UUID" in line]
    assert all(line.startswith(f"{table}: ") and line.endswith(f": {key[:40]})") for line in lines)
    assert len(lines) == 2  # one for each sync; examples come again, since their dataset's version counts as not read


@FACES
@pytest.mark.parametrize("named", ["run_id", "session_id", "trace_id"])
def test_feedback_that_names_no_run_or_project_touches_nothing(world: Callable[..., World], face: str, named: str) -> None:
    """Feedback with an odd id lands, and nothing is asked for by that id. Feedback beside it still updates its run."""
    w = world()
    content = odd_records.filled(w)
    synced(w, face)
    w.clock.advance(hours=1)
    odd, good = (w.workspace.add_feedback(content.good[RUN][number], "late", score=1.0) for number in (0, 1))
    odd_records.rewritten(w, odd, with_members([(named, '"../no id"')]))
    w.sim.requests.clear()
    assert synced(w, face)[FEEDBACK].keys() >= {odd, good}
    bodies = json.dumps([one.body for one in w.sim.requests if one.kind == "runs"])
    assert (content.good[RUN][1] in bodies, "no id" in bodies) == (True, False)


@FACES
@pytest.mark.parametrize("last", ['"soon"', "5", '"0001-01-01T00:00:00+14:00"', '["2026"]'])
def test_a_project_whose_newest_run_is_of_no_time_is_asked_for_runs(world: Callable[..., World], face: str, last: str) -> None:
    """A project is asked for runs where its `last_run_start_time` cannot be read, even if other projects have one."""
    w = world()
    content = odd_records.filled(w)
    (project,) = content.good[PROJECT]
    other = w.workspace.add_project("told")
    content.good[RUN].append(w.workspace.add_run(other))
    odd_records.rewritten(w, project, with_members([("last_run_start_time", last)]))
    found = synced(w, face)
    assert found[RUN].keys() == {*content.good[RUN], content.odd[RUN]}
    w.clock.advance(hours=2)
    content.good[RUN].append(w.workspace.add_run(project))
    assert synced(w, face)[RUN].keys() == {*content.good[RUN], content.odd[RUN]}


@FACES
@pytest.mark.parametrize("as_of", ['"soon"', "null", '"9999-12-31T23:59:59"', '"0001-01-01T00:00:00+14:00"'])
def test_a_version_of_no_time_hides_no_other(world: Callable[..., World], face: str, as_of: str) -> None:
    """A version with an odd time does not hide other versions: a later example of its dataset arrives."""
    w = world()
    odd_records.filled(w)
    odd = b'[{"as_of":' + as_of.encode() + b"},"
    w.sim.faults.add(Fault(kind="versions", rewrite=lambda body: odd + body.lstrip()[1:] if len(body) > 4 else body, times=None))
    synced(w, face)
    w.clock.advance(hours=1)
    dataset = w.workspace.dataset_of_example[next(iter(w.workspace.dataset_of_example))]
    late = w.workspace.add_example(dataset, {"q": "late"})
    w.clock.advance(minutes=5)
    found = synced(w, face)
    assert late in found[EXAMPLE]
    for table, records in w.truth().items():
        assert records.keys() <= found[table].keys(), table


def _nested(depth: int) -> str:
    return "[" * depth + '{"content":' + text(SECRET) + ',"n":1.50}' + "]" * depth


@pytest.mark.parametrize(("face", "rule"), [("fivetran", "REDACT_PATHS"), ("duckdb", "HASH_PATHS")])
@pytest.mark.parametrize("depth", [1, 32, 33, 485, 499, 600, 5_000])
def test_what_a_rule_names_stays_within_lists_of_any_depth(world: Callable[..., World], face: str, rule: str, depth: int) -> None:
    """A hidden value is in no row and no state, however deep in lists. Within 32 lists its neighbours stay, digit for digit."""
    w = world()
    w.configure(
        **{rule: f"{RUN}.inputs.content,{RUN}.metadata.content,{FEEDBACK}.value.content", "HASH_KEY": "sixteen letters and more"}
    )
    content = odd_records.filled(w)
    nested = _nested(depth)
    odd_records.rewritten(
        w, content.odd[RUN], with_members([("inputs", nested), ("extra", f'{{"metadata":{nested},"kept":"k"}}')])
    )
    odd_records.rewritten(w, content.odd[FEEDBACK], with_members([("value", nested)]))
    found = synced(w, face)
    run, feedback = found[RUN][content.odd[RUN]], found[FEEDBACK][content.odd[FEEDBACK]]
    assert SECRET not in json.dumps([found, state(w, face)])
    assert depth > 490 or json.loads(run["raw"])["extra"]["kept"] == "k"  # deeper, `raw` is a text that holds JSON
    columns = (run["inputs"], run.get("metadata"), feedback["value"])
    assert ["1.50" in (column or "") for column in columns] == [depth <= 32] * 3


@FACES
def test_a_member_whose_name_has_the_dots_in_it_fills_no_column(world: Callable[..., World], face: str) -> None:
    """A member named `extra.metadata` does not fill the column of that path, since no privacy rule would reach it."""
    w = world()
    w.configure(REDACT_PATHS=f"{RUN}.metadata.user", EXCLUDE_COLUMNS="*.raw")
    content = odd_records.filled(w)
    odd = [("extra", "null"), ("extra.metadata", f'{{"user":{text(SECRET)}}}'), ("prompt_cost_details.raw", '{"a":1}')]
    odd_records.rewritten(w, content.odd[RUN], with_members(odd))
    row = synced(w, face)[RUN][content.odd[RUN]]
    assert (row.get("metadata"), row.get("prompt_cost_details")) == (None, None)


@FACES
@pytest.mark.parametrize("named", ["odd project", "its id"])
def test_an_excluded_project_that_has_no_id_stops_the_sync(world: Callable[..., World], face: str, named: str) -> None:
    """Nothing leaves of an excluded project without an id.

    Where the exclusion has its name, the sync fails. Where it has its id, all other rows arrive.
    """
    w = world()
    content = odd_records.filled(w)
    hidden = content.odd[PROJECT]
    run = w.workspace.add_run(hidden)
    feedback = w.workspace.add_feedback(run, "secret", score=1.0)
    odd_records.rewritten(w, hidden, lambda _: b"{}")
    w.configure(PROJECTS_EXCLUDE=hidden if named == "its id" else named)
    made = calls(w, face)
    found = tables(w, face)
    assert not {run, feedback} & {*found[RUN], *found[FEEDBACK]}
    if named == "its id":
        assert (statuses(made), found[RUN].keys() == {*content.good[RUN], content.odd[RUN]}) == ({200}, True)
    else:
        assert made[-1].failed(
            502, "LangSmith's answer does not have its documented form; upgrade this program: a record of langsmith_project"
        )
