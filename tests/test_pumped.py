"""No text of a request's or LangSmith's costs more than its length, whatever stands in it.

Termination is proven, and no time is measured. A reading of quadratic cost would take hours for such long texts, and its process
is killed. pumping.py has the texts and their readers.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from langsmith_core.privacy import replace
from langsmith_core.privacy.places import Steps
from langsmith_core.records import json_text
from pumping import patterns

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "main.py", *sorted((ROOT / "langsmith_core").rglob("*.py"))]


def test_every_long_text_is_read() -> None:
    """Every pattern, every parser of a key and every reading of JSON ends on its long text."""
    process = subprocess.run(
        [sys.executable, "-m", "pumping"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = process.stdout.splitlines()
    assert (process.returncode, printed[-1]) == (0, "done"), process.stderr


def test_every_pattern_is_known() -> None:
    """Every pattern stands at the top of its module, where the test above finds it."""
    compiled = 0
    for file in FILES:
        tree = ast.parse(file.read_text())
        top = {id(one.value) for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)}
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            if ast.unparse(call.func).startswith("re."):
                assert (ast.unparse(call.func), id(call) in top) == ("re.compile", True), f"{file.name}: {ast.unparse(call)}"
                compiled += 1
    assert compiled == len(patterns())


@pytest.mark.parametrize("ways", [[("a",)], [("a",), (0, 0, "a")], [(None, "a"), ("b", "a")]])
@pytest.mark.parametrize("inner", [b'{"a":1}', b'"text"', b"1"])
def test_lists_in_lists_are_not_read_again_at_each_level(
    ways: list[Steps], inner: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search in lists of lists costs the same at any depth: deeper than 32 lists, the value is replaced whole."""
    read: list[int] = []
    elements = json_text.element_views

    def counted(text: json_text.Text) -> list[msgspec.Raw]:
        read.append(len(memoryview(text)))
        return elements(text)

    monkeypatch.setattr(json_text, "element_views", counted)
    levels = []
    for depth in (50, 100, 400):
        read.clear()
        text = b"[" * depth + inner + b"]" * depth
        assert replace.changed(text, ways, replace.redacted) == b"[" * 32 + b'"[redacted]"' + b"]" * 32
        levels.append(len(read))
    assert levels == [32, 32, 32]


@pytest.mark.parametrize("depth", [1, 5, 32])
def test_lists_in_lists_are_looked_into(depth: int) -> None:
    """A member within 32 lists is found and replaced, and all else stays."""
    around = b"[" * depth, b"]" * depth
    found = replace.changed(b'1,{"a":2,"b":3}'.join(around), [("a",)], replace.redacted)
    assert found == b'1,{"a":"[redacted]","b":3}'.join(around)
