"""The deployed bundle holds the product, and is all that it needs."""

from __future__ import annotations

import importlib.metadata
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform.planning import FIVETRAN, ROOT, Plan, Terraform, run

IMPORT = """
import importlib, sys
sys.path[:0] = {folders!r}
import main
for name in {modules!r}:
    importlib.import_module(name)
print(main.__file__)
print(sys.modules["langsmith_core.settings.config"].__file__)
"""


def _expected() -> dict[str, str]:
    """Return what git tracks of the product, by path."""
    listed = run(["git", "ls-files", "main.py", "requirements.txt", "langsmith_core"], ROOT).stdout.split()
    return {name: (ROOT / name).read_text() for name in listed}


def _sources(plan: Plan) -> dict[str, str]:
    (archive,) = plan.of("archive_file")
    return {one["filename"]: one["content"] for one in archive["source"]}


def test_the_bundle_holds_the_product_and_nothing_else(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The bundle holds what git tracks of main.py, langsmith_core and requirements.txt, unchanged, and nothing else."""
    assert _sources(plan(FIVETRAN)) == _expected()


def test_the_bundles_name_is_its_content(terraform: Terraform, tmp_path: Path) -> None:
    """The same files give the same bundle in another folder. A changed line gives another, under another name of the zip."""
    copy = tmp_path / "terraform"
    shutil.copytree(ROOT / "terraform", copy, ignore=shutil.ignore_patterns(".*"))
    for name, text in _expected().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    # What git does not track stays out: a cache, a module of one's own, a merge's leavings.
    (tmp_path / "langsmith_core" / "__pycache__").mkdir()
    (tmp_path / "langsmith_core" / "__pycache__" / "config.cpython-312.pyc").write_bytes(b"\0")
    for stray in ("langsmith_core/mine.py", "langsmith_core/sync/engine_BASE_123.py"):
        (tmp_path / stray).write_text("KEY = 'mine'\n")
    here, there = terraform.plan(FIVETRAN), terraform.plan(FIVETRAN, copy)
    assert here.outputs["bundle"] == there.outputs["bundle"]
    (tmp_path / "main.py").write_text(_expected()["main.py"] + "\n")
    changed = terraform.plan(FIVETRAN, copy)
    assert changed.outputs["bundle"] != here.outputs["bundle"]
    (stored,) = changed.of("google_storage_bucket_object")
    assert stored["name"].removeprefix("bundle-") == Path(stored["source"]).name


def test_the_bundle_imports_from_itself_and_its_requirements_alone(tmp_path: Path) -> None:
    """The modules import with nothing installed but what requirements.txt pins. The embedded DuckDB's are left out."""
    bundle, packages = tmp_path / "bundle", tmp_path / "packages"
    for name, text in _expected().items():
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text(text)
    for name in _pinned():
        _installed(name, packages)
    modules = [
        name[:-3].replace("/", ".")
        for name in _expected()
        if name.startswith("langsmith_core/") and name.endswith(".py") and "__init__" not in name
    ]
    # Only a local sync loads DuckDB.
    modules = [name for name in modules if not name.startswith("langsmith_core.destinations.duckdb.")]
    program = IMPORT.format(folders=[str(bundle), str(packages)], modules=modules)
    # -I -S leaves out this folder, the environment and the tests' packages.
    done = run([sys.executable, "-I", "-S", "-c", program], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(bundle / "main.py"), str(bundle / "langsmith_core" / "settings" / "config.py")]


def _installed(name: str, folder: Path) -> None:
    """Link a package's files into a folder, as if it had been installed there."""
    package = importlib.metadata.distribution(name)
    for file in package.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            link = folder / file
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(str(package.locate_file(file)))


def _pinned() -> list[str]:
    """Return the names that requirements.txt pins. A line with a marker, which may mean another system, counts if installed."""
    lines = re.findall(r"^([\w.-]+)==([^\n]*)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    here = {one.name.lower().replace("_", "-") for one in importlib.metadata.distributions()}
    return [name for name, rest in lines if ";" not in rest or name in here]


LOCKED = ("requirements.txt", "requirements-local.txt", "requirements-dev.txt", "bench/requirements.txt")


@pytest.mark.parametrize("name", LOCKED)
def test_requirements_are_pinned_with_their_hashes(name: str) -> None:
    """Every requirement is one version of a package with the hashes of its files, so that pip takes no other file for it.

    The file names no index.
    """
    text = re.sub(r"^#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    pinned = r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({pinned})+", text)


@pytest.mark.parametrize("name", LOCKED)
def test_a_requirement_with_an_extra_stands_there_without_it_too(name: str) -> None:
    """Pip up to 23 wants both where both are asked for. The script that locks writes the second, once however often it runs."""
    text = (ROOT / name).read_text()
    extras = re.findall(r"^([\w.-]+)\[[\w,-]+\]==([\w.]+)", text, re.MULTILINE)
    assert [one for one, version in extras if f"\n{one}=={version} " not in text] == []
    once = re.sub(
        r"^([\w.-]+)(==.+\n( .+\n)*)", lambda m: "" if (m[1], m[2].split()[0][2:]) in extras else m[0], text, flags=re.MULTILINE
    )
    named_twice = runpy.run_path(str(ROOT / "scripts" / "lock.py"))["named_twice"]
    assert named_twice(once) == text


def test_the_zip_stays_out_of_git(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The zip is written into a folder of the module that git ignores."""
    (archive,) = plan(FIVETRAN).of("archive_file")
    folder = Path(archive["output_path"]).parent.name
    assert f"{folder}/" in (ROOT / "terraform" / ".gitignore").read_text().splitlines()
