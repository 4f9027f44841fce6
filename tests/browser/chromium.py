"""The browser of these tests, and looking at a page with it. What drives it lies in .browser, an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".browser" / "bin" / "python"
PROGRAM = Path(__file__).parent / "programs" / "look.py"
NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120
"""The longest wait for a look that must end. No test measures time by it."""


def found() -> str | None:
    """Return the path of a Chromium: what CHROMIUM names, else the first of its usual names."""
    return next((path for path in map(shutil.which, [os.environ.get("CHROMIUM", ""), *NAMES]) if path), None)


def missing() -> str | None:
    """Return why no page can be looked at, or None where it can."""
    if not PYTHON.exists():
        return "what drives the browser is not installed; run `make browser`"
    if not found():
        return "no Chromium is installed; run `make browser` on Debian or Ubuntu, or name one in CHROMIUM"
    return None


def look(url: str, picture: Path, *, scheme: str = "light", width: int = 1_200) -> dict[str, Any]:
    """Return what a page shows, as programs/look.py says."""
    asked = json.dumps({"url": url, "scheme": scheme, "width": width, "picture": str(picture)})
    command = [str(PYTHON), str(PROGRAM), str(found())]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  ours
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen
