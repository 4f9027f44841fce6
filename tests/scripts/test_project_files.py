"""Tests of the files that hosts and editors read: they parse, and the commands in them exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
YAML = sorted([*ROOT.glob(".github/**/*.yml"), ROOT / ".pre-commit-config.yaml"])
TARGETS = set(re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text().replace("$(VENV)", ".venv"), re.MULTILINE))


@pytest.mark.parametrize("file", YAML, ids=lambda file: file.name)
def test_a_file_of_github_parses(file: Path) -> None:
    """Each is YAML, and holds a mapping."""
    assert isinstance(yaml.safe_load(file.read_text()), dict)


def test_the_workflow_runs_what_people_run() -> None:
    """CI runs .ci/run itself, with an answer required of the audit, and no step of its own in its place."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["run"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert job["env"] == {"AUDIT_REQUIRED": "1"}


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        ".devcontainer/devcontainer.json",
        ".github/workflows/ci.yml",
        ".github/workflows/release.yml",
        "CONTRIBUTING.md",
    ],
)
def test_each_make_target_that_is_named_exists(name: str) -> None:
    """Each target of a `make` command at the beginning of a line, a step or a span of code is one of the Makefile."""
    commands = re.findall(r"(?:^|run: |`|\": \")make((?: [^\s#`\"]+)+)", (ROOT / name).read_text(), re.MULTILINE)
    named = {word for command in commands for word in command.split() if not re.search(r"^-|=", word)}
    assert named
    assert named - TARGETS == set()


def test_the_devcontainer_parses() -> None:
    """It is plain JSON, of the oldest Python that works."""
    assert json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())["image"].endswith("python:3.11")


def notes(tag: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the release workflow."""
    command = [sys.executable, str(ROOT / "scripts" / "release_notes.py"), tag]
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  our own script


def test_the_version_can_be_tagged() -> None:
    """The version of pyproject.toml has its dated section in the changelog, which is what a release says."""
    version = re.findall(r'^version = "([\d.]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[0]
    done = notes(f"v{version}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "### Added" in done.stdout
    assert "\n## " not in done.stdout


def test_another_tag_is_refused() -> None:
    """A tag that is not the version ends with 1, and says both."""
    done = notes("v99.0.0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The tag says 99.0.0, and pyproject.toml ")
