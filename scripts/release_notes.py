"""Print what the changelog says of a version: `release_notes.py v0.1.0`. Refuse a tag that pyproject.toml does not have."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Print the section, and return the exit code."""
    version = sys.argv[1].removeprefix("v")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if version != declared:
        print(f"The tag says {version}, and pyproject.toml {declared}. Make them the same, and tag again.", file=sys.stderr)
        return 1
    notes = section((ROOT / "CHANGELOG.md").read_text(), version)
    if notes is None:
        print(
            f"CHANGELOG.md has no heading `## {version} - YYYY-MM-DD`. Add it above what changed, and tag again.", file=sys.stderr
        )
        return 1
    print(notes)
    return 0


def section(changelog: str, version: str) -> str | None:
    """Return the text below a version's heading; None where there is none, or it has no date."""
    found = re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else None


if __name__ == "__main__":
    sys.exit(main())
