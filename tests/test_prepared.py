"""Structs that are read are studied at import, so that no two threads study one at once."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = {"str", "tuple[Id, ...]"}
"""Types that hold no struct."""
AT_ONCE = """
import json, sys, threading
from sync.full import FULL
from langsmith_core.sync import state_json

text, barrier, read = state_json.dump(FULL), threading.Barrier(4), []
sys.setswitchinterval(1e-6)

def load():
    value = json.loads(text)
    barrier.wait()
    read.append(state_json.load(value, FULL.source))

threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert read == [FULL] * 4
"""


def test_threads_that_read_their_first_state_at_once() -> None:
    """The first state of a process may be read by four threads at once. Each gets the whole state."""
    command = [sys.executable, "-c", AT_ONCE]
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    done = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert (done.returncode, done.stderr) == (0, "")


def read_types(source: str) -> Iterator[str]:
    """Yield the types that a module gives to `msgspec.convert` and to `msgspec.json.decode`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name == "msgspec.convert":
                yield ast.unparse(node.args[1])
            if name == "msgspec.json.decode":
                yield from (ast.unparse(one.value) for one in node.keywords if one.arg == "type")


def test_every_type_that_is_read_is_prepared() -> None:
    """Each module prepares the structs that it reads by name."""
    found, bare = 0, []
    for path in sorted((ROOT / "langsmith_core").rglob("*.py")):
        source = path.read_text()
        kinds = set(read_types(source)) - PLAIN
        found += len(kinds)
        bare += [(path.name, kind) for kind in kinds if f"{kind} = prepared(" not in source]
    assert bare == []
    assert found > 4
