"""Ask for known vulnerabilities of every locked package: `make audit`. It runs in an environment of its own, .audit.

pip-audit asks pypi.org. A machine that does not reach it, or reaches a copy without that service, learns nothing: this says so,
and fails only with AUDIT_REQUIRED=1. A package that pip-audit has skipped is not a package without vulnerabilities.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

ROOT = Path(__file__).resolve().parents[1]
Packages: TypeAlias = list[dict[str, Any]]
"""What pip-audit says of each package of a file."""


class Report(NamedTuple):
    """Lines of known vulnerabilities, lines of what was not answered, and how many packages were."""

    known: list[str]
    left_out: list[str]
    answered: int


def main() -> int:
    """Ask for each file, and return the exit code: 1 for a vulnerability, or for no answer where one is required."""
    files = sorted([*ROOT.glob("requirements*.txt"), *ROOT.glob("*/requirements.txt")])
    found = report({str(file.relative_to(ROOT)): _asked(file) for file in files})
    print(
        "\n".join(
            [f"{found.answered} packages were answered for, {len(found.known)} vulnerabilities", *found.known, *found.left_out]
        )
    )
    return int(bool(found.known) or bool(found.left_out and os.environ.get("AUDIT_REQUIRED")))


def report(answers: Mapping[str, Packages | None]) -> Report:
    """Return what the answers say, by file. None stands for no answer at all."""
    known: set[str] = set()
    left_out, answered = [], 0
    for file, packages in answers.items():
        asked = [package for package in packages or () if "skip_reason" not in package]
        skipped = len(packages or ()) - len(asked)
        known |= {line for package in asked for line in _lines(package)}
        answered += len(asked)
        if packages is None or skipped:
            left_out.append(f"left out: known vulnerabilities of {skipped if packages else 'all'} packages of {file}: no answer")
    return Report(sorted(known), left_out, answered)


def _asked(file: Path) -> Packages | None:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json"]
    done = subprocess.run([*command, "--requirement", str(file)], capture_output=True, check=False, text=True)
    if not done.stdout.startswith("{"):
        return None
    packages: Packages = json.loads(done.stdout)["dependencies"]
    return packages


def _lines(package: dict[str, Any]) -> list[str]:
    name = f"{package['name']} {package['version']}"
    return [f"{name}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'no version'}" for one in package["vulns"]]


if __name__ == "__main__":
    sys.exit(main())
