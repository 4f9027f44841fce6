"""Terraform on the module. Each set of variables is planned once."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from terraform import planning
from terraform.planning import ROOT, Plan, Terraform

ABSENT = "terraform is not installed: install version 1.9 or newer, and these tests plan the module without the internet"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that share plans, or gcloud's list of commands, to one worker, so that each is made once."""
    for item in items:
        for shared in ("plan", "known_to_gcloud"):
            if isinstance(item, pytest.Function) and shared in item.fixturenames:
                item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def terraform() -> Iterator[Terraform]:
    """Terraform with a stand-in for the providers."""
    if planning.PROGRAM is None:
        pytest.skip(ABSENT)
    with planning.attached() as program:
        yield program


@pytest.fixture(scope="session")
def plan(terraform: Terraform) -> Callable[[dict[str, Any]], Plan]:
    """The plan of the module with some variables."""
    made: dict[str, Plan] = {}

    def of(variables: dict[str, Any]) -> Plan:
        name = json.dumps(variables, sort_keys=True)
        if name not in made:
            made[name] = terraform.plan(variables)
        return made[name]

    return of


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the repository's files that the guide's commands touch, as a user has them."""
    for name in ("terraform", "scripts", "langsmith_core"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    for name in ("main.py", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path
