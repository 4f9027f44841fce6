"""Values that the SDK changes, refuses or would break: each as it arrives, by either encoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from connector_sdk.syncs import ROW_DATA, Destination, sync

from product import World
from simulator import RawJson

DIGITS = "9" * 5_000
ODD = r'{"a":1.10,"b":1E5,"c":9,"d":1e400,"e":12345678901234567890123,"f":-0,"g":"\ud800","h":{"x":1,"x":2},"i":"\u0000"}'
ODD = ODD.replace(":9,", f":{DIGITS},")
PARSED = {
    "a": 1.1,
    "b": 100000.0,
    "c": DIGITS,
    "d": "1e400",
    "e": 12345678901234567890123,
    "f": 0,
    "g": "\ufffd",
    "h": {"x": 2},
    "i": "\ufffd",
}
"""As JSON: numbers in their shortest form, those that are none for a double or too long as text, the last of two keys."""
TEXT = ODD.replace("\\ud800", "\ufffd").replace("\\u0000", "\ufffd")
"""As STRING: the text digit for digit. Only half characters and NUL are replaced, as in every face."""
ways = pytest.mark.parametrize("more", [{}, ROW_DATA], ids=["values", "row_data"])


def _run(package: Path, world: World, configuration: dict[str, str], more: dict[str, str], **run: Any) -> dict[str, Any]:
    """Return the row of a run with these fields."""
    project = next(iter(world.workspace.projects))
    made = world.workspace.add_run(project, **run)
    held = sync(package, Destination(), configuration, more=more)
    assert held.message is None, held.message
    return held.tables["langsmith_run"][made]


@ways
def test_numbers_and_texts_in_json(package: Path, world: World, configuration: dict[str, str], more: dict[str, str]) -> None:
    """What goes out of a JSON column is JSON, and nothing raises."""
    row = _run(package, world, configuration, more, inputs=RawJson(ODD.encode()))
    assert json.loads(row["inputs"], parse_constant=pytest.fail) == PARSED


@ways
def test_the_same_digit_for_digit(package: Path, world: World, configuration: dict[str, str], more: dict[str, str]) -> None:
    """With JSON_COLUMNS=string a column has LangSmith's own text."""
    row = _run(package, world, {**configuration, "JSON_COLUMNS": "string"}, more, inputs=RawJson(ODD.encode()))
    assert row["inputs"] == TEXT


@ways
def test_decimals_times_and_large_integers(
    package: Path, world: World, configuration: dict[str, str], more: dict[str, str]
) -> None:
    """A cost keeps all its digits; an integer past 64 bits is null, and `raw` has it."""
    row = _run(
        package, world, configuration, more, total_tokens=2**70, name="h\u00e9", total_cost=0.1234567890123456, prompt_cost=1e-18
    )
    assert (row["total_cost"], row["prompt_cost"], row["name"]) == ("0.1234567890123456", "1E-18", "h\u00e9")
    assert "total_tokens" not in row
    assert str(2**70) in row["raw"]


@ways
@pytest.mark.parametrize(("megabytes", "cut"), [("8", True), ("40", False)])
def test_a_row_of_ten_megabytes(
    package: Path, world: World, configuration: dict[str, str], more: dict[str, str], megabytes: str, cut: bool
) -> None:
    """It arrives whole where MAX_RESPONSE_MB has room for it, and else with a marker of what was cut."""
    payload = {"text": "x" * 10_000_000}
    row = _run(package, world, {**configuration, "MAX_RESPONSE_MB": megabytes}, more, inputs=payload)
    assert json.loads(row["inputs"]) == ({"_cut_bytes": 10_000_011} if cut else payload)


def test_json_as_deep_as_rows_hold(package: Path, world: World, configuration: dict[str, str]) -> None:
    """Five hundred levels go through the SDK's encoder."""
    deep = "[" * 480 + "]" * 480
    row = _run(package, world, configuration, {}, inputs=RawJson(f'{{"a":{deep}}}'.encode()))
    assert row["inputs"].replace(" ", "") == f'{{"a":{deep}}}'
