"""Odd records among good ones: a small workspace in which one record is replaced by undocumented JSON in every answer.

Here: the workspace, strategies for the JSON, and the fault that replaces the record. The tests check what becomes of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct
from simulation.face_calls import TABLES

from langsmith_core.records import times
from langsmith_core.streams.registry import TABLE_OF
from product import NOW, World
from simulator import Clock, Fault

PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK = TABLES
HOUR = timedelta(hours=1)
OTHER_ID = "00000000-0000-4000-8000-00000000dead"
"""An id that no record of the workspace has."""
UNDECLARED = {
    PROJECT: ("extra", "session_feedback_stats", "tenant_id", ""),
    DATASET: ("extra", "tenant_id", ""),
    EXAMPLE: ("attachment_urls", ""),
    RUN: ("extra", "events", "inputs_s3_urls", "outputs_s3_urls", "s3_urls", "session_id", "project_id", ""),
    FEEDBACK: ("feedback_source", "session_id", "feedback_group_id", ""),
}
"""Fields of a record that are no columns, or contain one."""
PLACEHOLDER = "the odd record stands here"


class Filled(Struct):
    """A small workspace: the ids of its good records by table, and of each table's replaceable record."""

    odd: dict[str, str]
    good: dict[str, list[str]]


def filled(w: World) -> Filled:
    """Fill a workspace with good records, and one replaceable record of each table.

    No good record belongs to a replaceable one.
    """
    store, now = w.workspace, w.clock.now()
    projects = [store.add_project(name, start_time=now - 9 * HOUR) for name in ("odd project", "good project")]
    datasets = [store.add_dataset(name) for name in ("odd dataset", "good dataset")]
    runs = [
        store.add_run(
            projects[1],
            start_time=now - HOUR - timedelta(minutes=minutes),
            inputs={"messages": [{"content": f"question {minutes}"}]},
            extra={"metadata": {"user": f"user {minutes}"}},
        )
        for minutes in range(5)
    ]
    examples = [store.add_example(datasets[1], {"q": number}, {"a": number}) for number in range(3)]
    feedback = [store.add_feedback(run, "good", score=0.5, comment="so so", value={"why": "so"}) for run in runs[1:4]]
    every = dict(zip(TABLES, (projects, datasets, examples, runs, feedback), strict=True))
    odd = {table: ids[len(ids) // 2 if len(ids) > 2 else 0] for table, ids in every.items()}
    return Filled(odd, {table: [one for one in ids if one != odd[table]] for table, ids in every.items()})


def continued(w: World, content: Filled) -> None:
    """Add good records later: to the good project and dataset, and to the run that may be odd."""
    ((project,), (dataset,)) = content.good[PROJECT], content.good[DATASET]
    content.good[RUN].append(w.workspace.add_run(project, inputs={"asked": "later"}))
    content.good[FEEDBACK].append(w.workspace.add_feedback(content.odd[RUN], "again", score=1.0))
    content.good[EXAMPLE].append(w.workspace.add_example(dataset, {"q": "later"}))


def at(w: World, hours: float) -> None:
    """Set the clock to this many hours after the beginning, however many requests there were."""
    w.clock.advance(Clock(NOW).now() + hours * HOUR - w.clock.now())


def rewritten(w: World, ident: str, made: Callable[[dict[str, Any]], bytes]) -> Fault:
    """Replace the record of this id, from now on, in every answer that shows it."""
    return w.sim.faults.add(Fault(rewrite=lambda body: _with(body, ident, made), times=None))


def _with(body: bytes, ident: str, made: Callable[[dict[str, Any]], bytes]) -> bytes:
    if ident.encode() not in body:
        return body
    answer = json.loads(body)
    whole = [answer]
    listed = next((part for part in (whole, answer, *_lists_in(answer)) if _place(part, ident) is not None), None)
    if listed is None:
        return body
    place = _place(listed, ident)
    assert place is not None
    record, listed[place] = listed[place], PLACEHOLDER
    return json.dumps(whole[0]).encode().replace(json.dumps(PLACEHOLDER).encode(), made(record))


def _lists_in(answer: Any) -> list[Any]:
    return [answer.get("runs"), answer.get("items")] if isinstance(answer, dict) else []


def _place(part: Any, ident: str) -> int | None:
    """The place of the record in a list."""
    records = enumerate(part if isinstance(part, list) else [])
    return next((place for place, one in records if isinstance(one, dict) and one.get("id") == ident), None)


def _lists(depth: int, inside: str = "1") -> str:
    return "[" * depth + inside + "]" * depth


def _object(members: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members) + "}"


DEEP = st.sampled_from([40, 485, 520, 3_000]).flatmap(
    lambda depth: st.sampled_from(
        [
            _lists(depth),
            _lists(depth, '{"content":"deep"}'),
            '{"a":' * depth + "1" + "}" * depth,
            '[{"":' * depth + "0" + "}]" * depth,
        ]
    )
)
"""Nested containers: less and more deeply than a warehouse takes, and more deeply than a parser takes."""
NUMBERS = st.sampled_from(
    ["0", "-0", "1e999", "-1e-999", "9" * 400, "0." + "1" * 400, "1E400", "9223372036854775808", "18446744073709551616", "1.5"]
)
TIMES = st.sampled_from(
    [
        *("0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59-14:00"),
        *(
            "9999-12-31",
            "2262-04-12T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "yesterday",
            "2026-13-45T99:00:00",
            "2026-W01-1",
            "T",
            " ",
        ),
    ]
)
"""Timestamps beyond computing, and texts that are no timestamps. None lies near those of good records."""
IDS_AND_ADDRESSES = st.sampled_from(
    [
        *(
            "",
            " ",
            "x",
            "../../sessions",
            "a,b",
            "null",
            "x" * 39,
            "x" * 201,
            "y" * 100_000,
            "\u00e9\u4e16",
            "?id=1&id=2",
            "'; --",
        ),
        *("https://" + "h" * 300 + ".example/x", "https://[::1/x", "https://caf\u00e9..example/x", "http://169.254.169.254/"),
        *(OTHER_ID, OTHER_ID.upper(), OTHER_ID.replace("-", ""), "{" + OTHER_ID + "}", "urn:uuid:" + OTHER_ID, OTHER_ID + "\n"),
    ]
)
TEXTS = st.text(max_size=8) | st.sampled_from(["\ud800", "\x00", "\ufffe", "z" * 50_000, '{"a":', "[]", "NaN", "[redacted]"])
"""Texts of any characters, with NUL and lone surrogates. JSON writes these with escapes."""
SCALARS = (
    st.sampled_from(["null", "true", "false", "NaN", "-Infinity", "{}", "[]"])
    | NUMBERS
    | (TIMES | IDS_AND_ADDRESSES | TEXTS).map(json.dumps)
)
VALUES = (
    SCALARS
    | st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda some: "[" + ",".join(some) + "]")
            | st.lists(st.tuples(TEXTS, inner), max_size=3).map(_object)
        ),
        max_leaves=6,
    )
    | DEEP
)
"""Any JSON, as text."""
LISTED = re.compile(r"\[-1\]$")


def fields(table: str) -> list[str]:
    """Return the top-level fields of a table's records: those that columns are made of, and UNDECLARED."""
    sources = [source for column in TABLE_OF[table].columns for source in (*column.sources, *filter(None, (column.offloaded,)))]
    return sorted({*(LISTED.sub("", source).partition(".")[0] for source in sources), *UNDECLARED[table]})


def members(table: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Draw members of an object to replace a record: any number, names and order, with duplicates."""
    return st.lists(st.tuples(st.sampled_from(fields(table)) | TEXTS, VALUES), max_size=6)


def with_members(over: list[tuple[str, str]]) -> Callable[[dict[str, Any]], bytes]:
    """Return a function that puts these members into a good record, and removes its own of the same names."""
    names = {name for name, _ in over}

    def made(record: dict[str, Any]) -> bytes:
        return _object([*((name, json.dumps(value)) for name, value in record.items() if name not in names), *over]).encode()

    return made


def text(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value)


def canonical(time: str) -> str:
    """A timestamp as rows hold it."""
    return times.canonical(time)
