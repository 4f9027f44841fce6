"""Pages that are longer or heavier than requested: every row arrives, and one record that is too large stops no other.

The bound of an answer is lowered here, so that a megabyte is large. processes/test_memory tests memory. test_sizes tests rows
that are larger than an answer of the product.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from simulation.axes import in_turn
from simulation.face_calls import TABLES, calls, statuses, tables

from langsmith_core.langsmith import reading
from product import World, expected, known
from simulator import Fault
from simulator.messages import Request
from simulator.settings import Mode

MEGABYTE = 1_000_000
NOT_FETCHED = {"_not_fetched": "tooheavy"}
WAYS: tuple[tuple[Mode, str], ...] = (
    ("clickhouse", "fivetran"),
    ("smithdb", "fivetran"),
    ("smithdb", "duckdb"),
    ("clickhouse", "duckdb"),
)
both_apis = pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
both_faces = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


@pytest.fixture
def small(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Callable[[Mode], World]:
    """Make a workspace, and lower the bound of LangSmith's answers to a megabyte."""

    def make(mode: Mode) -> World:
        *_, remedy = reading.read.__defaults__ or ()
        monkeypatch.setattr(reading.read, "__defaults__", (MEGABYTE, remedy))
        return world(mode)

    return make


@pytest.mark.parametrize(("times", "mode", "face"), in_turn([2, 7], WAYS, each=2))
def test_a_page_longer_than_asked(world: Callable[..., World], mode: Mode, face: str, times: int) -> None:
    """All rows land and the sync ends where LangSmith gives more records than it was asked for."""
    w = world(mode)
    w.sim.corpus(projects=30, runs=300, days=20, datasets=25, examples=60)
    w.configure(PAGE_SIZE="20")
    w.sim.faults.add(Fault(longer=times, times=None))
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@both_apis
def test_a_longer_page_of_one_start_time(world: Callable[..., World], mode: Mode) -> None:
    """A project is put aside where longer pages have a single start time, since no query leads behind them. It lands later."""
    w = world(mode)
    tied, other = (w.workspace.add_project(name) for name in ("tied", "other"))
    for _ in range(50):
        w.workspace.add_run(tied, start_time=w.clock.now() - timedelta(hours=1))
    w.configure(PAGE_SIZE="10")
    landed = w.workspace.add_run(other)
    w.sim.faults.add(Fault(kind="runs", longer=3, times=None))
    last = calls(w, "fivetran")[-1]
    assert last.failed(502, "LangSmith returns more records than were asked for"), last
    assert landed in w.in_fivetran("langsmith_run")
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert statuses(calls(w, "fivetran")) == {200}
    w.assert_complete("fivetran")


@both_apis
@both_faces
def test_a_run_that_is_larger_than_what_is_read(small: Callable[[Mode], World], mode: Mode, face: str) -> None:
    """A run above the bound lands with markers in place of its payloads. All other runs land whole."""
    w = small(mode)
    project = w.workspace.add_project("heavy")
    moment = w.clock.now() - timedelta(hours=2)
    for number in range(40):
        start = moment + timedelta(minutes=max(-5, min(5, number - 20)))
        w.workspace.add_run(project, start_time=start, inputs={"n": number}, outputs={"a": "b"})
    heavy = w.workspace.add_run(project, start_time=moment, inputs={"q": "x" * 2 * MEGABYTE}, metadata={"user": "u"})
    assert statuses(calls(w, face)) == {200}
    assert_whole_but(w, face, "langsmith_run", heavy)
    row = tables(w, face)["langsmith_run"][heavy]
    assert {name: json.loads(row[name]) for name in ("inputs", "outputs", "metadata", "raw")} == dict.fromkeys(
        ("inputs", "outputs", "metadata", "raw"), NOT_FETCHED
    )
    assert (row["project_name"], row["status"]) == ("heavy", "success")


@both_faces
def test_an_example_that_is_larger_than_what_is_read(small: Callable[[Mode], World], face: str) -> None:
    """An example above the bound lands with its inputs and markers, when it is new and when it changes."""
    w = small("smithdb")
    heavy = among_examples(w)
    for size in (2, 3):
        w.workspace.edit_example(heavy, outputs={"q": "x" * size * MEGABYTE})
        assert statuses(calls(w, face)) == {200}
        assert_whole_but(w, face, "langsmith_example", heavy)
        row = tables(w, face)["langsmith_example"][heavy]
        assert [json.loads(row[name]) for name in ("outputs", "metadata", "raw")] == [NOT_FETCHED] * 3
        assert json.loads(row["inputs"]) == {"n": "the middle"}
        w.clock.advance(minutes=30)


@both_faces
def test_an_example_whose_inputs_are_larger_than_what_is_read(
    small: Callable[[Mode], World], face: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An example with inputs above the bound is passed over, and the log names it. It lands once it is made smaller."""
    w = small("smithdb")
    heavy = among_examples(w)
    for size in (2, 3):
        w.workspace.edit_example(heavy, inputs={"q": "x" * size * MEGABYTE})
        for one in list(w.workspace.truth()["langsmith_example"])[:3]:
            w.workspace.edit_example(one, outputs={"n": size})
        assert statuses(calls(w, face)) == {200}
        assert_whole_but(w, face, "langsmith_example", heavy, there=False)
        w.clock.advance(minutes=30)
    assert f"is skipped; make it smaller (once: {heavy})" in caplog.text
    w.workspace.edit_example(heavy, inputs={"q": "small"})
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


def among_examples(w: World) -> str:
    """Add examples to a dataset, and return the id in the middle."""
    dataset = w.workspace.add_dataset("d")
    made = [w.workspace.add_example(dataset, inputs={"n": number}) for number in range(61)]
    middle = sorted(made)[30]
    w.workspace.edit_example(middle, inputs={"n": "the middle"})
    return middle


@both_faces
def test_what_hides_a_payload_hides_its_marker(small: Callable[[Mode], World], face: str) -> None:
    """An excluded column stays null, even in a run above the bound."""
    w = small("clickhouse")
    heavy = w.workspace.add_run(w.workspace.add_project("p"), inputs={"q": "x"}, outputs={"a": "x" * 2 * MEGABYTE})
    w.configure(EXCLUDE_COLUMNS="langsmith_run.inputs,*.raw")
    assert statuses(calls(w, face)) == {200}
    row = tables(w, face)["langsmith_run"][heavy]
    assert (row.get("inputs"), row.get("raw"), json.loads(row["outputs"])) == (None, None, NOT_FETCHED)


@both_faces
def test_feedback_that_is_larger_than_what_is_read(
    small: Callable[[Mode], World], face: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Feedback above the bound is passed over and the rest lands: LangSmith cannot leave out a part. The log says so."""
    w = small("smithdb")
    run = w.workspace.add_run(w.workspace.add_project("p"))
    for number in range(30):
        w.workspace.add_feedback(run, key="k", score=number)
    heavy = w.workspace.add_feedback(run, key="k", score=1.0, comment="x" * 2 * MEGABYTE)
    for number in range(30):
        w.workspace.add_feedback(run, key="k", score=number)
    assert statuses(calls(w, face)) == {200}
    found = tables(w, face)["langsmith_feedback"]
    there = {key: one for key, one in w.workspace.truth()["langsmith_feedback"].items() if key != heavy}
    assert known(found, "langsmith_feedback", there) == {key: expected(one) for key, one in there.items()}
    assert "langsmith_feedback: a record is larger than the limit of an answer and is skipped" in caplog.text


@both_faces
@pytest.mark.parametrize("kind", ["runs", "sessions", "datasets", "examples", "feedback"])
def test_a_list_without_an_end(small: Callable[[Mode], World], face: str, kind: str) -> None:
    """A list without an end is broken off each time and put aside, and the sync fails. Later it is read."""
    w = small("clickhouse")
    w.sim.corpus(projects=2, runs=20, days=20, datasets=2, examples=3)
    fault = w.sim.faults.add(Fault(kind=kind, when=lambda request: "info" not in request.path, stream=_endless, times=None))
    assert calls(w, face)[-1].status == 502
    assert fault.struck < 60
    w.sim.faults.clear()
    w.clock.advance(hours=1)
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


def test_pages_follow_the_weight_of_each_table(small: Callable[[Mode], World]) -> None:
    """After the first dataset, pages of heavy examples are small enough for the bound."""
    w = small("smithdb")
    for number in range(4):
        dataset = w.workspace.add_dataset(f"d{number}")
        for _ in range(6):
            w.workspace.add_example(dataset, inputs={"q": "x" * 300_000})
    w.configure(MAX_RESPONSE_MB="1.5")
    assert statuses(calls(w, "fivetran")) == {200}
    w.assert_complete("fivetran")
    asked = [int(dict(request.query)["limit"]) for request in w.sim.requests if request.kind == "examples"]
    assert asked[0] == 10
    assert max(asked[8:]) <= 3


def assert_whole_but(w: World, face: str, table: str, key: str, *, there: bool = True) -> None:
    """Check that every row is there with its values, but for one row: only whether that one is there is checked."""
    found = tables(w, face)
    for one in TABLES:
        records = {name: record for name, record in w.workspace.truth()[one].items() if (one, name) != (table, key)}
        rows = {name: row for name, row in found[one].items() if (one, name) != (table, key)}
        assert known(rows, one, records) == {name: expected(record) for name, record in records.items()}, one
    assert (key in found[table]) == there


def _endless(_: Request) -> Iterator[bytes]:
    yield b'{"runs":[1'
    while True:
        yield b",1" * 50_000
