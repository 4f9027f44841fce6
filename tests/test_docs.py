"""Tests that the documents say what the code does."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from langsmith_core.completeness import position
from langsmith_core.settings.config import KEYS
from langsmith_core.streams import bounds, context, kinds, memory, offset_trail
from langsmith_core.sync import state, state_json

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DESIGN = (ROOT / "docs" / "DESIGN.md").read_text()
KINDS = get_args(kinds.Item)


def _docs() -> ModuleType:
    """Load scripts/docs.py, which is no package's module."""
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    return docs


WRITTEN = {str(file.relative_to(ROOT)): text for file, text in _docs().written()}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_what_derives_from_the_code_is_as_the_code_has_it(name: str) -> None:
    """Tables, trees and lists in the documents and in Terraform are those that `make docs` writes from the code."""
    assert (ROOT / name).read_text() == WRITTEN[name]


def test_every_link_leads_to_a_file() -> None:
    """A relative link in a document names a file that exists."""
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "connector" / "README.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_design_names_every_field_of_the_state() -> None:
    """docs/DESIGN.md has each field of each part of the state, and of each kind of work."""
    parts = [state.State, state.Task, state.Look, state.Backfill, state.LookedUp, state.Trouble, state.Running]
    parts += [position.Position, position.Short]
    parts += [context.Scope, bounds.Bounds, bounds.Past, offset_trail.Trail]
    parts += [
        memory.Memory,
        memory.Projects,
        memory.Examples,
        memory.Runs,
        memory.Feedback,
        memory.Queue,
        memory.Prompts,
        memory.Usage,
    ]
    named = set(re.findall(r'[`".](\w+)[`"]', DESIGN))
    assert sorted({name for part in (*parts, *KINDS) for name in part.__struct_fields__} - named) == []


def test_the_design_names_every_kind_of_work() -> None:
    """The table of work items in docs/DESIGN.md has a row for each kind, and no other."""
    table = DESIGN.partition("| kind | it asks | then comes |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(kind.__name__ for kind in KINDS)


def test_the_designs_example_is_a_state() -> None:
    """The program reads the state that docs/DESIGN.md shows, and writes the same one."""
    text = re.sub(r" +//.*$", "", DESIGN.partition("```jsonc\n")[2].partition("```")[0], flags=re.MULTILINE)
    shown = json.loads(text)
    read = state_json.load(shown, shown["source"])
    assert json.loads(state_json.dump(read)) == shown


def test_every_make_target_of_the_readme_exists() -> None:
    """Each `make` command that the README shows is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets


def test_messages_name_keys_that_exist() -> None:
    """A message that begins with an upper-case key names one that a user can set."""
    known = {key.name for key in KEYS}
    for source in [ROOT / "main.py", *ROOT.glob("langsmith_core/**/*.py")]:
        for key in re.findall(r'"([A-Z]+_[A-Z_]+): ', source.read_text()):
            assert key in known, f"{source.name}: {key}"
