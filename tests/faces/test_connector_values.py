"""Lines become the values that the SDK takes. What the SDK makes of them: connector_model, and connector_sdk/test_sdk_values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector_model import coerced
from langsmith_core.faces import connector_schema, connector_values
from langsmith_core.records import rows
from langsmith_core.streams.registry import RUN, TABLES

LONG = "9" * 5_000
# A JSON column's text, and what goes out.
TEXTS: list[tuple[str, Any]] = [
    ('{"a":[1,2.5,"x",null,true]}', {"a": [1, 2.5, "x", None, True]}),
    ('"text"', "text"),
    ("1e400", "1e400"),
    ("-1e400", "-1e400"),
    ('{"a":1e400,"b":1}', {"a": "1e400", "b": 1}),
    (LONG, LONG),
    (f"[-{LONG},1]", [f"-{LONG}", 1]),
    ("12345678901234567890123", 12345678901234567890123),
    ("NaN", "NaN"),
    ("[Infinity]", ["Infinity"]),
    ("1.10", 1.1),
    ('{"a":1,"a":2}', {"a": 2}),
    ("{no json", "{no json"),
    ("[" * 100_000, "[" * 100_000),
]


@pytest.mark.parametrize(("text", "value"), TEXTS, ids=lambda one: str(one)[:20])
def test_a_json_columns_text_as_a_value(text: str, value: Any) -> None:
    """Numbers that are none for a double, or too long for Python, go out as text. What is no JSON goes out as a JSON string."""
    found = connector_values.parsed(text)
    assert found == value
    assert json.loads(json.dumps(found), parse_constant=pytest.fail) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists
    )
)
def test_any_json_is_the_value_it_was(value: Any) -> None:
    """Parsing and the SDK's encoding give back the same value."""
    assert json.loads(json.dumps(connector_values.parsed(json.dumps(value)))) == value


def test_every_kind_of_value_of_a_row() -> None:
    """Times become aware datetimes, decimals stay text, JSON is parsed, null stays null."""
    row = dict.fromkeys((column.name for column in RUN.columns), None) | {
        "run_id": "a",
        "start_time": "2026-01-05T16:46:01.068924Z",
        "total_cost": Decimal("0.10"),
        "total_tokens": 2**63 - 1,
        "inputs": '{"a":1.10}',
        "name": "x",
    }
    line = rows.encode(row, exact=True)
    parsed = connector_values.decoder(RUN, "json")(line)
    assert parsed == row | {
        "start_time": datetime(2026, 1, 5, 16, 46, 1, 68924, UTC),
        "total_cost": "0.10",
        "inputs": {"a": 1.1},
    }
    assert connector_values.decoder(RUN, "string")(line) == parsed | {"inputs": '{"a":1.10}'}


@pytest.mark.parametrize("choice", ["json", "string"])
def test_every_column_is_declared_with_a_type_that_takes_its_values(choice: str) -> None:
    """The declaration has every table with its key and all columns, in the SDK's types."""
    declared = {one["table"]: one for one in connector_schema.declared(choice)}
    assert {name: (one["primary_key"], list(one["columns"])) for name, one in declared.items()} == {
        table.name: ([table.key], [column.name for column in table.columns]) for table in TABLES
    }
    run = declared["langsmith_run"]["columns"]
    assert (run["inputs"], run["start_time"], run["total_tokens"]) == (choice.upper(), "UTC_DATETIME", "LONG")
    assert run["total_cost"] == {"type": "DECIMAL", "precision": 38, "scale": 18}
    assert coerced(run["total_cost"], "12345678901234567890.123456789012345678")
