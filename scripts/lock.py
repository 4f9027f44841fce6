"""Resolve the pinned requirements anew, each with the hashes of its files: `make lock`.

uv resolves. pip up to 23 refuses a hashed requirement where another package asks for it with an extra that the file lacks,
or without one that it has. So such a requirement stands in the file twice, with its extra and without.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = (
    "requirements",
    "requirements-local",
    "requirements-dev",
    "requirements-connector",
    "requirements-browser",
    "bench/requirements",
    "dbt/requirements",
    "requirements-site",
    "requirements-audit",
)
UV = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-annotate", "--no-emit-find-links")
HASHED = ("--generate-hashes", "--no-strip-extras", "--custom-compile-command", "make lock")
_PINNED = re.compile(r"^([\w.-]+)\[[\w,-]+\](==(?:.*\\\n)+.*\n)", re.MULTILINE)


def main() -> None:
    """Write the files. The versions that they have stay, unless a requirement's range no longer has them."""
    for name in NAMES:
        target = ROOT / f"{name}.txt"
        command = [str(Path(sys.executable).with_name("uv")), *UV, *HASHED, f"{name}.in", "--output-file", str(target)]
        subprocess.run(command, cwd=ROOT, check=True)
        target.write_text(named_twice(target.read_text()))


def named_twice(text: str) -> str:
    """Return a file's text, in which each requirement with an extra is followed by the same one without."""
    return _PINNED.sub(r"\g<0>\g<1>\g<2>", text)


if __name__ == "__main__":
    main()
