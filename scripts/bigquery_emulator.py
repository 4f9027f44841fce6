"""Install the tests' BigQuery emulator into .emulators/: `make emulators`. Nothing outside that folder changes.

The emulator is `local-bigquery` from PyPI. It needs Python 3.13 or newer, so it gets an environment of its own. It also needs
three extensions of DuckDB, which PyPI carries too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".emulators"
ENVIRONMENT, HOME = FOLDER / "bigquery", FOLDER / "bigquery-home"
PACKAGES = (
    "local-bigquery==0.3.2",
    "duckdb==1.5.5",  # the newest whose extensions are on PyPI
    "duckdb-extensions==1.5.5",
    "duckdb-extension-icu==1.5.5",
    "duckdb-extension-ducklake==1.5.5",
    "duckdb-extension-spatial==1.5.5",
)
NAMES = ("python3.13", "python3.14")
EXTENSIONS = "from duckdb_extensions import import_extension as add\n[add(name) for name in ('icu', 'ducklake', 'spatial')]"


def install() -> None:
    """Create the environment, unless it exists."""
    python = ENVIRONMENT / "bin" / "python"
    if HOME.exists() and (ENVIRONMENT / "bin" / "local-bigquery").exists():
        print(f"the BigQuery emulator is in {ENVIRONMENT}")
        return
    subprocess.run([*_maker(), str(ENVIRONMENT)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    unfinished = HOME.with_suffix(".part")
    unfinished.mkdir(exist_ok=True)
    subprocess.run([str(python), "-c", EXTENSIONS], check=True, env={**os.environ, "HOME": str(unfinished)})
    unfinished.rename(HOME)
    print(f"installed the BigQuery emulator into {ENVIRONMENT}")


def _maker() -> list[str]:
    """Return a command that creates an environment of a new enough Python: an installed one, or one that uv brings."""
    for python in _pythons():
        if _runs(python):
            return [python, "-m", "venv"]
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
    if uv:
        return [uv, "venv", "--quiet", "--seed", "--python", "3.13"]
    sys.exit("the BigQuery emulator needs Python 3.13; install it (or uv, which brings it), and run this again")


def _pythons() -> list[str]:
    """Return Pythons that may be new enough: this one, those on the path, and those that pyenv keeps off it."""
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [sys.executable, *on_path, *(str(path) for name in NAMES for path in sorted(kept.glob(f"*/bin/{name}")))]


def _runs(python: str) -> bool:
    """Whether it starts and is new enough. On the path, a shim of pyenv may stand for a version that is not chosen."""
    check = "import sys; sys.exit(sys.version_info < (3, 13))"
    return subprocess.run([python, "-c", check], check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    install()
