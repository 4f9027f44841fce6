"""scripts/check_deploy.py: the checks that it runs, those that it leaves out, and its exit code."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from terraform import planning
from terraform.planning import ROOT, run


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    """The script in a repository with a folder of Terraform files and without an environment for checks."""
    for name in ("scripts", "terraform"):
        (tmp_path / name).mkdir()
    (tmp_path / "terraform" / "main.tf").write_text('locals {\n  a = "b"\n}\n')
    shutil.copy(ROOT / "scripts" / "check_deploy.py", tmp_path / "scripts")
    return [sys.executable, str(tmp_path / "scripts" / "check_deploy.py")]


def test_what_cannot_run_is_told_and_left_out(script: list[str], tmp_path: Path) -> None:
    """A check that cannot run is left out, and a line says what to install. That is no failure."""
    done = run([*script, "checker.py"], env={"PATH": str(tmp_path)})
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["LEFT", "OUT", "terraform"],
        ["LEFT", "OUT", "checkov"],
        ["LEFT", "OUT", "python"],
    ]
    assert "install Terraform 1.9 or newer" in lines[0]
    assert ".checks/bin/pip install checkov==" in lines[1]
    assert done.returncode == 0


def test_with_all_what_cannot_run_is_a_failure(script: list[str], tmp_path: Path) -> None:
    """With --all, as in CI, a check that cannot run is a failure."""
    assert run([*script, "--all"], env={"PATH": str(tmp_path)}).returncode == 1


def test_a_file_out_of_format_is_a_failure(script: list[str], tmp_path: Path) -> None:
    """A file that `terraform fmt` would change is a failure, and the difference is shown. A formatted file passes."""
    if planning.PROGRAM is None:
        pytest.skip("terraform is not installed: install version 1.9 or newer, and this test formats a file")
    differ = shutil.which("diff")  # terraform needs it to show differences
    assert differ, "install diffutils"
    environment = {"PATH": f"{Path(planning.PROGRAM).parent}:{Path(differ).parent}"}
    good = run(script, env=environment)
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "passed terraform fmt -check -diff -recursive terraform")
    (tmp_path / "terraform" / "main.tf").write_text('locals {\na="b"\n}\n')
    bad = run(script, env=environment)
    assert bad.returncode == 1
    assert "FAILED terraform fmt -check -diff -recursive terraform" in bad.stdout
    assert '+  a = "b"' in bad.stdout


def test_a_checker_that_is_named_runs_on_the_module(script: list[str], tmp_path: Path) -> None:
    """A named checker runs on the module in the environment for checks. Its failure is the script's."""
    own = tmp_path / ".checks" / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to(sys.executable)
    checker = tmp_path / "checker.py"
    checker.write_text("import sys\nprint('looked at', sys.argv[1:], flush=True)\nsys.exit(3)\n")
    done = run([*script, str(checker)], env={"PATH": str(tmp_path)})
    assert "looked at ['terraform']" in done.stdout
    assert done.returncode == 1
