"""Tests of the wheel: it is built, installed into an empty environment, and run from outside of the repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
ONE_WORKER = pytest.mark.xdist_group("wheel")  # so that it is built and installed once
QUIET = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH_", "PYTHON"))}


def required(part: str) -> dict[str, SpecifierSet]:
    """The ranges of the wheel's requirements: of an extra, or of none."""
    listed = PROJECT["optional-dependencies"][part] if part else PROJECT["dependencies"]
    return {one.name: one.specifier for one in map(Requirement, listed) if one.name != PROJECT["name"]}


def lines(name: str) -> dict[str, SpecifierSet]:
    """The ranges of a list of direct requirements."""
    read = (ROOT / name).read_text().splitlines()
    return {one.name: one.specifier for one in map(Requirement, (line for line in read if line and line[0] not in "#-"))}


def test_the_ranges_are_those_of_the_lists() -> None:
    """What the wheel requires is what requirements.in and requirements-local.in ask for, package by package."""
    wanted = lines("requirements.in") | lines("requirements-local.in")
    assert {name: one for part in ("", "duckdb", "gcp", "demo") for name, one in required(part).items()} == wanted


@pytest.mark.parametrize("name", ["requirements", "requirements-local"])
def test_the_ranges_hold_what_is_pinned(name: str) -> None:
    """Each pinned version is one that the wheel takes."""
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / f"{name}.txt").read_text(), re.MULTILINE))
    ranges = {package: one for part in ("", "duckdb", "gcp", "demo") for package, one in required(part).items()}
    held = {package: pinned[package] in one for package, one in ranges.items() if package in pinned}
    assert len(held) >= 4
    assert set(held.values()) == {True}


def test_nothing_deployed_came_with_the_command_line() -> None:
    """requirements.txt, which Google's builder reads, names neither typer, nor rich, nor python-dotenv."""
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert pinned.isdisjoint({"typer", "rich", "python-dotenv", "shellingham"})


class Installed(NamedTuple):
    """The wheel, and the folder with the programs of the environment that it is installed in."""

    wheel: Path
    programs: Path

    def run(self, folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command in a folder."""
        command = [str(self.programs / "langsmith-sync"), *words]
        return subprocess.run(command, cwd=folder, env={**QUIET, **environment}, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel as pip builds it, with what the demo needs, in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], env=QUIET, check=True)  # noqa: S603
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "environment", with_pip=False, symlinks=True)
    programs = folder / "environment" / "bin"
    into = [*PIP, "--python", str(programs / "python"), "install", "--quiet", "--no-compile"]
    subprocess.run([*into, f"{PROJECT['name']}[demo] @ {wheel.as_uri()}"], env=QUIET, check=True)  # noqa: S603
    return Installed(wheel, programs)


@ONE_WORKER
def test_the_wheel_holds_the_packages_and_the_function(installed: Installed) -> None:
    """Every module that git tracks, main.py in a folder of its own as it is deployed, the licence, and no test."""
    tracked = subprocess.run(
        ["git", "ls-files", "langsmith_core", "langsmith_sync", "simulator"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    with zipfile.ZipFile(installed.wheel) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert held == {*tracked.stdout.split(), "langsmith_sync/served/main.py"}
        assert wheel.read("langsmith_sync/served/main.py") == (ROOT / "main.py").read_bytes()
        assert [name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE")]


@ONE_WORKER
def test_the_installed_command_runs_outside_of_the_repository(installed: Installed, tmp_path: Path) -> None:
    """It shows its help and its streams. The modules are the wheel's own."""
    shown = installed.run(tmp_path, "--help")
    assert (shown.returncode, shown.stdout.startswith("Usage: langsmith-sync [OPTIONS] COMMAND")) == (0, True)
    assert installed.run(tmp_path, "streams").stdout.count("langsmith_") == 12
    where = [str(installed.programs / "python"), "-c", "import langsmith_core, simulator; print(langsmith_core.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=QUIET, capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert Path(found.strip()).is_relative_to(installed.programs.parent)


@ONE_WORKER
def test_the_installed_demo_syncs_through_the_real_server(installed: Installed, tmp_path: Path) -> None:
    """functions-framework serves the wheel's main.py, and the demo's runs arrive. Its last lines name the installed command."""
    ran = installed.run(tmp_path, "demo")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("\n  langsmith-sync demo\n") == 1
    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as file:
        assert file.execute("SELECT count(*) FROM langsmith_run").fetchall() == [(2_967,)]


@ONE_WORKER
def test_the_installed_sync_brings_a_workspace(installed: Installed, langsmith: Any, tmp_path: Path) -> None:
    """The command of the wheel syncs a LangSmith by its address, and exports what it has stored."""
    ran = installed.run(tmp_path, "sync", **langsmith.environment)
    assert ran.returncode == 0, ran.stderr
    assert "400 of 400 runs" in ran.stdout
    assert installed.run(tmp_path, "export", "out").returncode == 0
    with duckdb.connect() as reader:
        assert reader.execute(f"SELECT count(*) FROM '{tmp_path}/out/langsmith_run.parquet'").fetchall() == [(400,)]  # noqa: S608


@ONE_WORKER
def test_without_an_extra_the_command_says_what_to_install(installed: Installed, langsmith: Any, tmp_path: Path) -> None:
    """A library that is missing is named with the extra that brings it, in place of a traceback."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['duckdb'] = None\n")
    ran = installed.run(tmp_path, "sync", **langsmith.environment, PYTHONPATH=str(hidden))
    assert (ran.returncode, ran.stderr.partition(",")[0]) == (
        2,
        "SINK: duckdb is not installed; run pip install 'langsmith-sync[duckdb]'",
    )
