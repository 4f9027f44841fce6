"""The filter language of run queries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.client import make
from simulator.filters import Compare, FilterError, Join, parse

SCALARS = st.none() | st.booleans() | st.integers(-(10**6), 10**6)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('eq(name, "a")', Compare("eq", "name", "a")),
        ("eq(name, 'it\\'s')", Compare("eq", "name", "it's")),
        ("neq(error,null)", Compare("neq", "error", None)),
        ("eq(is_root, true)", Compare("eq", "is_root", True)),
        (' gt( latency , "5s" ) ', Compare("gt", "latency", "5s")),
        ("lte(latency, 1.5e1)", Compare("lte", "latency", 15.0)),
        ("gt(latency, -2)", Compare("gt", "latency", -2)),
        ("in(id, [\"a\", 'b', 3])", Compare("in", "id", ["a", "b", 3])),
        ("in(id, [])", Compare("in", "id", [])),
        ('search("a b")', Compare("search", None, "a b")),
        ('search(name, "a")', Compare("search", "name", "a")),
        (
            'and(has(tags, "x"), or(eq(status, "error"), not(eq(is_root, true))))',
            Join(
                "and",
                (
                    Compare("has", "tags", "x"),
                    Join(
                        "or",
                        (Compare("eq", "status", "error"), Join("not", (Compare("eq", "is_root", True),))),
                    ),
                ),
            ),
        ),
    ],
)
def test_filters_are_read_into_trees(text: str, node: object) -> None:
    """The parser reads both kinds of quotes, numbers, constants, lists, one-argument search, and nesting."""
    assert parse(text) == node


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "eq(name)",
        'eq("name", "a")',
        'eq(name, "a"',
        'eq(name, "a"))',
        'eq(name "a")',
        "and()",
        'and("a")',
        'not(eq(name, "a"), eq(name, "b"))',
        'like(name, "a")',
        'eq(name, "a") garbage',
        "eq(name, %)",
        "eq(name, 'open",
    ],
)
def test_broken_filters_are_refused(text: str) -> None:
    """A text that is no filter raises FilterError; the parser guesses nothing."""
    with pytest.raises(FilterError):
        parse(text)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from("\"'"))
def test_any_text_stands_in_quotes(value: str, quote: str) -> None:
    """Any text with escaped backslashes and quotes is read back unchanged, and so is a JSON string."""
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    assert parse(f"eq(name, {quote}{escaped}{quote})") == Compare("eq", "name", value)
    assert parse(f"eq(name, {json.dumps(value)})") == Compare("eq", "name", value)


@given(st.lists(SCALARS, min_size=1))
def test_lists_hold_any_constants(values: list[object]) -> None:
    """A list reads as a JSON array of any constants."""
    names = {None: "null", True: "true", False: "false"}
    written = ", ".join(names[value] if isinstance(value, bool | None) else str(value) for value in values)
    assert parse(f"in(id, [{written}])") == Compare("in", "id", values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('eq(name, "alpha")', "a"),
        ('neq(name, "alpha")', "bc"),
        ('in(name, ["alpha", "gamma"])', "ac"),
        ('eq(run_type, "LLM")', "b"),
        ('eq(status, "error")', "b"),
        ('eq(status, "pending")', "c"),
        ("neq(error, null)", "b"),
        ("eq(error, null)", "ac"),
        ('gte(start_time, "2026-05-31T10:01:00Z")', "bc"),
        ('gt(start_time, "2026-05-31T10:01:00")', "c"),
        ('lt(start_time, "2026-05-31T12:01:00+02:00")', "a"),
        ('lte(start_time, "2026-05-31T10:01:00Z")', "ab"),
        ('and(gte(start_time, "2026-05-31T10:00:30Z"), lt(start_time, "2026-05-31T10:01:30Z"))', "b"),
        ('or(lt(start_time, "2026-05-31T10:00:30Z"), gt(start_time, "2026-05-31T10:01:30Z"))', "ac"),
        ('not(lt(start_time, "2026-05-31T10:01:00Z"))', "bc"),
        ('gt(end_time, "2026-05-31T10:00:03Z")', "b"),
        ("gt(latency, 3)", "b"),
        ('lt(latency, "3s")', "a"),
        ('has(tags, "prod")', "ab"),
        ('not(has(tags, "prod"))', "c"),
        ("eq(is_root, true)", "ac"),
        ('eq(thread_id, "t-1")', "a"),
        ('eq(metadata_key, "team")', "ab"),
        ('and(eq(metadata_key, "team"), eq(metadata_value, "blue"))', "a"),
        ('and(eq(metadata_key, "other"), eq(metadata_value, "blue"))', ""),
        ('has(metadata, \'{"team": "green"}\')', "b"),
        ('eq(feedback_key, "stars")', "ab"),
        ('and(eq(feedback_key, "stars"), gte(feedback_score, 0.5))', "b"),
        ('and(eq(feedback_key, "helpful"), eq(feedback_score, 0.1))', ""),
        ('and(eq(feedback_key, "stars"), gte(feedback_score, 0.05), eq(name, "alpha"))', "a"),
        ('search("needle")', "c"),
        ('search(name, "ALPH")', "a"),
        ('search(inputs, "needle")', "c"),
    ],
)
@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_filters_choose_runs(text: str, expected: str, mode: str) -> None:
    """Each attribute and operator finds the right runs on both API versions; joined conditions must hold for one entry."""
    sim, api = make(mode)  # type: ignore[arg-type]  # a row of the table
    project = sim.workspace.add_project("one")
    names = {}
    names[
        sim.workspace.add_run(
            project,
            name="alpha",
            start_time="2026-05-31T10:00:00Z",
            end_time="2026-05-31T10:00:02Z",
            tags=["prod"],
            metadata={"team": "blue", "other": "x"},
            thread_id="t-1",
        )
    ] = "a"
    alpha = next(iter(names))
    names[
        sim.workspace.add_run(
            project,
            name="beta",
            run_type="llm",
            start_time="2026-05-31T10:01:00Z",
            end_time="2026-05-31T10:01:04Z",
            error="no",
            parent_run_id=alpha,
            tags=["prod", "beta"],
            metadata={"team": "green"},
        )
    ] = "b"
    beta = list(names)[1]
    pending = sim.workspace.add_run(
        project, name="gamma", start_time="2026-05-31T10:02:00Z", end_time=None, inputs={"q": "a Needle in hay"}
    )
    names[pending] = "c"
    for run, key, score in ((alpha, "stars", 0.1), (beta, "stars", 1), (alpha, "helpful", 1)):
        sim.workspace.add_feedback(run, key, score=score)
    v2 = mode == "smithdb"
    found = api.v2_runs(project_ids=[project], filter=text) if v2 else api.v1_runs(session=[project], filter=text)
    assert "".join(sorted(names[run["id"]] for run in found)) == expected


def test_filters_on_the_root_and_on_the_tree() -> None:
    """`trace_filter` tests the root, `tree_filter` any run of the trace."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    root = sim.workspace.add_run(project, name="root")
    leaf = sim.workspace.add_run(project, name="leaf", parent_run_id=root)
    lone = sim.workspace.add_run(project, name="lone")

    def found(**body: str) -> set[str]:
        return {run["id"] for run in api.v1_runs(session=[project], **body)}

    assert found(trace_filter='eq(name, "root")') == {root, leaf}
    assert found(tree_filter='eq(name, "leaf")') == {root, leaf}
    assert found(filter='eq(name, "leaf")', trace_filter='eq(name, "root")') == {leaf}
    assert found(trace_filter='eq(name, "lone")') == {lone}
