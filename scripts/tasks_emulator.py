"""Install the tests' Cloud Tasks emulator into .emulators/: `make emulators`. Nothing outside that folder changes.

The emulator is `gcloud-tasks-emulator` from PyPI. It gets an environment of its own, because it pins older libraries.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parents[1] / ".emulators" / "tasks"
PACKAGE = "gcloud-tasks-emulator==0.6.2"


def install() -> None:
    """Create the environment, unless it exists."""
    if (ENVIRONMENT / "bin" / "gcloud-tasks-emulator").exists():
        print(f"the Cloud Tasks emulator is in {ENVIRONMENT}")
        return
    python = ENVIRONMENT / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)
    print(f"installed the Cloud Tasks emulator into {ENVIRONMENT}")
