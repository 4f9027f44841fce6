"""One file adds a resource to the simulator: no other file names it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from simulator.activity import ALL_ACTIONS
from simulator.resources import RESOURCES
from simulator.routes import OPERATIONS
from simulator.unimplemented import UNIMPLEMENTED

FOLDER = Path(__file__).parent.parent.parent / "simulator"
MODULES = sorted(path.stem for path in (FOLDER / "resources").glob("*.py") if path.stem != "__init__")


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom | ast.Import)]
    return {f"{getattr(node, 'module', '')}.{name.name}" for node in nodes for name in node.names}


def test_every_file_of_the_folder_is_registered() -> None:
    """Each module registers one resource, with a table of its own."""
    assert len({resource.table for resource in RESOURCES}) == len(RESOURCES) == len(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_no_other_file_imports_a_resource(module: str) -> None:
    """No other file of the simulator imports a resource's module: all find it through the folder."""
    named = f"simulator.resources.{module}"
    assert [path.name for path in FOLDER.rglob("*.py") if any(one.startswith(named) for one in imports(path))] == []


def test_what_a_resource_declares_is_in_use() -> None:
    """A resource's operations are routes, its unimplemented parameters are refused, its actions are planned."""
    for resource in RESOURCES:
        assert set(resource.operations) <= set(OPERATIONS)
        assert resource.unimplemented.items() <= UNIMPLEMENTED.items()
        assert set(resource.actions) <= set(ALL_ACTIONS)
