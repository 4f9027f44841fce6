"""The documents say what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from langsmith_core.sync import state
from langsmith_core.settings.config import KEYS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_readme_has_the_codes_tables() -> None:
    """Configuration and tables in the README are what `make docs` writes from the code."""
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    assert docs.rendered(README) == README


def test_every_link_leads_to_a_file() -> None:
    """A relative link in a document names a file that exists."""
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_design_names_every_field_of_the_state() -> None:
    """The state layout in docs/DESIGN.md has each field of each part of the state."""
    design = (ROOT / "docs" / "DESIGN.md").read_text()
    parts = (state.State, state.Scope, state.Cycle, state.Walk, state.History, state.Slice)
    missing = [name for part in parts for name in part.__struct_fields__ if f'"{name}"' not in design]
    assert missing == []


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
