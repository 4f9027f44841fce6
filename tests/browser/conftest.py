"""The browser that these tests need. Where it is missing, they are skipped; where BROWSER_REQUIRED is set, they fail."""

from __future__ import annotations

import os

import pytest
from browser import chromium


@pytest.fixture(scope="session", autouse=True)
def _browser() -> None:
    reason = chromium.missing()
    if reason and os.environ.get("BROWSER_REQUIRED"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
