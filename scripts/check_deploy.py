"""Check the Terraform files: their format, checkov's rules, and any checkers that you name.

    check_deploy.py [--all] [CHECKER ...]

Runs `terraform fmt -check`, checkov without the internet, then `python CHECKER terraform` for each checker. It skips and names
what is not installed; with --all, as in CI, that is a failure. `terraform plan` on a stand-in for the providers is a test
(tests/terraform). With the real providers, `validate` and `plan` belong to the pipeline that deploys.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / ".checks" / "bin"
INSTALL = "python3 -m venv .checks && .checks/bin/pip install checkov==3.3.30 python-hcl2==8.1.4"
TERRAFORM = ("terraform", "fmt", "-check", "-diff", "-recursive", "terraform")
CHECKOV = ("checkov", "--directory", "terraform", "--framework", "terraform", "--skip-download", "--compact", "--quiet")
NEEDS = {"terraform": "install Terraform 1.9 or newer", "checkov": INSTALL, "python": INSTALL}


def main(arguments: list[str]) -> int:
    """Run every check; return 1 if one failed."""
    parser = argparse.ArgumentParser(description="Check what deploys.")
    parser.add_argument("--all", action="store_true", help="a check that cannot run is a failure")
    parser.add_argument("checkers", nargs="*", metavar="CHECKER", help="a Python program that takes a folder of Terraform files")
    given = parser.parse_args(arguments)
    checks = [TERRAFORM, CHECKOV, *(("python", str(Path(one).resolve()), "terraform") for one in given.checkers)]
    results = [_run(check) for check in checks]
    return int(False in results or (given.all and None in results))


def _run(check: tuple[str, ...]) -> bool | None:
    """Whether the check passed; None where it cannot run."""
    name, *arguments = check
    program = _found(name)
    if program is None:
        print(f"LEFT OUT {' '.join(check)}: no {name}; {NEEDS[name]}", flush=True)
        return None
    passed = subprocess.run([program, *arguments], cwd=ROOT, check=False).returncode == 0
    print(f"{'passed' if passed else 'FAILED'} {' '.join(check)}", flush=True)
    return passed


def _found(name: str) -> str | None:
    """Return the program's path: checkov and its Python from an environment of their own, the rest from the path."""
    own = OWN / name
    if own.exists():
        return str(own)
    return None if name == "python" else shutil.which(name, path=os.environ.get("PATH", os.defpath))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
