"""Install Chromium where it is missing, from Debian's or Ubuntu's packages, start it once and print its version: `make browser`.

It needs root for the packages. Here: what a person must do where it cannot be installed. Not here: what drives it (Makefile).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from browser import chromium

PACKAGES = ("chromium", "fonts-dejavu-core")


def main() -> int:
    """Install it, or print what is missing; return 1 where it cannot be started."""
    if not chromium.found() and shutil.which("apt-get") and os.geteuid() == 0:
        print("installing Chromium ...", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=True, stdout=sys.stderr)
    reason = chromium.missing()
    if reason:
        print(f"{reason}: apt-get install {' '.join(PACKAGES)}, as root", file=sys.stderr)
        return 1
    print(subprocess.run([str(chromium.found()), "--version"], check=True, capture_output=True, text=True).stdout.strip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
