"""Tests that docs/demo.md and the README's picture show what the demo prints."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "scripts"))

import demo_pages  # noqa: E402  the path above comes first

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What two runs of the demo print, one after another in one folder."""
    folder = tmp_path_factory.mktemp("demo")
    return [demo_pages.printed(folder) for _ in range(2)]


def lasting(text: str) -> list[str]:
    """The lines of a demo that depend neither on the time nor on the machine: no addresses, calls, or days of a chart."""
    return [
        line for line in text.splitlines() if line and not re.search(r"127\.0\.0\.1:\d|^  call \d|\d\d:\d\d|20\d\d-|[▁-█]", line)
    ]


def test_the_page_of_the_demo_shows_what_it_prints(runs: list[str]) -> None:
    """Line for line and in this order, except for what depends on the time and the machine."""
    page = (ROOT / "docs" / "demo.md").read_text()
    blocks = re.findall(r"<!-- demo -->\n```\n(.*?)```\n<!-- /demo -->", page, re.DOTALL)
    assert [lasting(block) for block in blocks] == [lasting(printed) for printed in runs]


def text_of(picture: Path) -> str:
    """The text of a terminal's picture. Each piece has its line's height and, in characters 12.2 wide, its column."""
    lines: dict[float, str] = {}
    for piece in ET.parse(picture).getroot().findall(".//{*}g[@class='demo-matrix']/{*}text"):  # noqa: S314  our own file
        line, column = float(piece.get("y", "0")), round(float(piece.get("x", "0")) / 12.2)
        lines[line] = lines.get(line, "").ljust(column) + (piece.text or "").replace("\N{NO-BREAK SPACE}", " ")
    return "\n".join(line.rstrip() for line in lines.values())


def test_the_readmes_picture_shows_the_second_run(runs: list[str]) -> None:
    """The picture's text is what the second run prints, all but the rows by table, after the line that starts it."""
    shown = lasting(text_of(ROOT / "docs" / "images" / "five-changes.svg"))
    first, _, rest = runs[1].partition("  table  ")
    assert shown[0] == demo_pages.PROMPT
    assert shown[1:] == lasting(first + rest.partition("\n\n")[2])
    assert "images/five-changes.svg" in (ROOT / "README.md").read_text()
