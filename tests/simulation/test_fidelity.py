"""JSON fidelity through all faces, the connector with JSON_COLUMNS=string: tables hold what LangSmith sent, as documented."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from product import World
from simulator import RawJson

DEEP_500 = b"[" * 500 + b"]" * 500
DEEP_501 = b"[" * 501 + b"]" * 501
DEEP_10000 = b'{"a":' * 10_000 + b"1.50" + b"}" * 10_000
LONG = b"1" * 100
# the text that LangSmith sends: the text that the column holds
FORMS = {
    b'{"n":123456789012345678901234567890}': '{"n":123456789012345678901234567890}',
    b'{"n":%b}' % LONG: f'{{"n":{LONG.decode()}}}',
    b'{"n":1.10000000000000000000000001,"e":1e400,"z":-0.0}': '{"n":1.10000000000000000000000001,"e":1e400,"z":-0.0}',
    b'{"n": NaN, "p": Infinity, "m": -Infinity}': '{"n":"NaN","p":"Infinity","m":"-Infinity"}',
    b'{"s":"\\ud800 and \\udc00"}': '{"s":"\ufffd and \ufffd"}',
    b'{"s":"\\ud83d\\ude00"}': None,  # a pair is one character; the test compares it as a value
    b'{"s":"a\\u0000b"}': '{"s":"a\ufffdb"}',
    b'{"s":"a\\\\u0000b"}': '{"s":"a\\\\u0000b"}',
    DEEP_500: DEEP_500.decode(),
    DEEP_501: json.dumps(DEEP_501.decode()),
    DEEP_10000: json.dumps(DEEP_10000.decode()),
}


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
@pytest.mark.parametrize("face", ["fivetran", "duckdb", "connector"])
def test_payloads_arrive_in_the_documented_form(world: Callable[..., World], mode: str, face: str) -> None:
    """Each hard payload arrives in its documented form, in inputs and in raw. Ordinary ones beside it stay whole."""
    w = world(mode)
    project = w.workspace.add_project("hard")
    runs = {w.workspace.add_run(project, inputs=RawJson(sent), outputs={"plain": 1}): form for sent, form in FORMS.items()}
    w.configure(JSON_COLUMNS="string")
    w.sync(face)
    rows = w.rows(face, "langsmith_run")
    assert rows.keys() == runs.keys()
    for run, form in runs.items():
        assert rows[run]["inputs"] == form or (form is None and json.loads(rows[run]["inputs"]) == {"s": "\U0001f600"})
        assert json.loads(rows[run]["outputs"]) == {"plain": 1}
        raw = json.loads(rows[run]["raw"])
        raw = json.loads(raw) if isinstance(raw, str) else raw
        assert raw["id"] == run
        assert raw["inputs"] == json.loads(rows[run]["inputs"])


@pytest.mark.parametrize("face", ["fivetran", "duckdb", "connector"])
def test_text_columns_hold_no_character_that_a_warehouse_refuses(world: Callable[..., World], face: str) -> None:
    """NUL and lone surrogates become U+FFFD in names and error texts, as in JSON."""
    w = world()
    project = w.workspace.add_project("names")
    run = w.workspace.add_run(project, name="a\x00b", error="c\ud800d", status="error")
    w.configure(JSON_COLUMNS="string")
    w.sync(face)
    rows = w.rows(face, "langsmith_run")
    assert (rows[run]["name"], rows[run]["error"]) == ("a\ufffdb", "c\ufffdd")
