"""What `fivetran deploy` sends: the zip that the SDK makes of `.build/connector`, unpacked where only the SDK and it are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from connector_sdk.syncs import PYTHON, ROOT, clean

KILOBYTES_MAX = 800
"""What is unpacked. It is Python's text; the zip has less than half of it."""
BESIDE = {"connector.py", "requirements.txt", "README.md", "LICENSE", "configuration_form.pb"}
FACES = {"__init__", "account", "process", "setup_test", "status", "status_progress"}
"""Modules of faces/ that the connector's own import."""


def test_the_zip_has_what_is_needed_and_nothing_else(package: Path) -> None:
    """No configuration goes with it, and no test, no destination, no other face, no pyproject.toml and no .gitignore."""
    files = {str(file.relative_to(package)) for file in package.rglob("*") if file.is_file()}
    modules = {name for name in files if name.startswith("langsmith_core/")}
    assert files - modules == BESIDE
    assert not [name for name in modules if "/destinations/" in name or not name.endswith(".py")]
    faces = {Path(name).stem for name in modules if name.startswith("langsmith_core/faces/")}
    assert {one for one in faces if not one.startswith("connector")} == FACES
    assert sum((package / name).stat().st_size for name in files) < KILOBYTES_MAX * 1000


def test_nothing_in_the_folder_lets_the_packer_leave_a_module_out(package: Path) -> None:
    """The SDK's packer leaves out what it finds in a .gitignore, and some names wherever they are. No module has such a name."""
    built = package.parent / "connector"
    modules = {str(file.relative_to(built)) for file in built.rglob("*.py")}
    assert modules == {str(file.relative_to(package)) for file in package.rglob("*.py")}
    assert not [name for name in (".gitignore", "pyproject.toml") if (built / name).exists()]


def test_requirements_are_the_locks_without_what_fivetran_has(package: Path) -> None:
    """They are pinned as in requirements.txt. `requests` and the SDK must not be listed."""
    lock = (ROOT / "requirements.txt").read_text()
    listed = (package / "requirements.txt").read_text().split()
    assert [one.partition("==")[0] for one in listed] == ["msgspec", "tenacity"]
    assert [one for one in listed if f"{one} " not in lock] == []


def test_every_module_imports_where_only_the_sdk_is(package: Path) -> None:
    """Each module of the zip imports by the interpreter that has Fivetran's SDK and requirements.txt, and nothing of ours."""
    names = sorted(str(one.relative_to(package).with_suffix("")).replace("/", ".") for one in package.rglob("*.py"))
    names = [re.sub(r"\.__init__$", "", name) for name in names]
    program = (
        f"import importlib\nfor name in {names!r}: importlib.import_module(name)\nimport sys; print('duckdb' in sys.modules)"
    )
    command = [str(PYTHON), "-B", "-c", program]
    done = subprocess.run(command, cwd=package, env=clean(), capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr[-2000:]


def test_the_sdk_is_the_last_one_under_a_free_licence() -> None:
    """Only 2.13.1 is pinned and installed: later releases bring a proprietary core."""
    lock = (ROOT / "requirements-connector.txt").read_text()
    assert re.findall(r"^fivetran[\w-]*==\S+", lock, re.MULTILINE) == ["fivetran-connector-sdk==2.13.1"]
    command = [str(PYTHON), "-m", "pip", "list", "--format=freeze"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  our own environment
    assert re.findall(r"(?m)^fivetran\S*", listed) == ["fivetran_connector_sdk==2.13.1"]
