"""Where the deployed function's main.py is, and the command that serves it on this machine.

In the repository it is the file that is deployed. A wheel carries a copy in a folder of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLACES = (HERE / "served" / "main.py", HERE.parent / "main.py")
HOST = "127.0.0.1"
SHOWN = f"functions-framework --source main.py --target sync --host {HOST}"


def source() -> Path:
    """Return the path of main.py."""
    return next(place for place in PLACES if place.is_file())


def command(target: str, port: int) -> list[str]:
    """Return the command that serves a target on the loopback interface."""
    options = ["--host", HOST, "--port", str(port), "--source", str(source()), "--target", target]
    return [sys.executable, "-m", "functions_framework", *options]
