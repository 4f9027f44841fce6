"""Run the demo twice, and keep what it prints: docs/demo.md, and the README's picture of the second run: `make demo-pages`.

Both hold one run's own output. A test compares them with what the demo prints today, but for times, addresses and seconds.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "demo.md"
PICTURE = ROOT / "docs" / "images" / "five-changes.svg"
PROMPT = "$ langsmith-sync demo          # the second time"
WIDTH = 101
_COLOURS = {
    r"^\$.*": "bold",
    r"^  changed in LangSmith.*": "bold",
    r"success, ended .*|it began .*|reopened .*|deleted(?: \d|, 0).*": "green",
    r"\b(?:pending|not there|none|live)\b": "yellow",
}
"""What has a colour in the picture."""


def main() -> None:
    """Run the demo in an empty folder, and write the page and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (printed(Path(folder)) for _ in range(2))
    PAGE.write_text(page(PAGE.read_text(), (first, second)))
    PICTURE.write_text(picture(second))


def page(text: str, runs: tuple[str, str]) -> str:
    """Return the page's text with each block as the demo has printed it."""
    blocks = iter(runs)
    return re.sub(
        r"(<!-- demo -->\n```\n).*?(```\n<!-- /demo -->)",
        lambda found: f"{found[1]}{next(blocks)}{found[2]}",
        text,
        flags=re.DOTALL,
    )


def picture(run: str) -> str:
    """Return the second run as an SVG: all but the rows by table. It asks nobody for a font."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    for line in (PROMPT, "", *_without_rows(run).splitlines()):
        text = Text(line)
        for pattern, style in _COLOURS.items():
            text.highlight_regex(pattern, style)
        console.print(text)
    svg = re.sub(r"    @font-face \{.*?\}\n", "", console.export_svg(title="langsmith-sync", unique_id="demo"), flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, Consolas, monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _without_rows(run: str) -> str:
    head, _, rest = run.partition("  table  ")
    return head + rest.partition("\n\n")[2].rstrip()


def printed(folder: Path) -> str:
    """Run the demo in a folder, and return what it prints. Its environment has no LangSmith of this machine's user."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LANGSMITH_")}
    command = [sys.executable, "-m", "langsmith_sync", "demo"]
    environment = {**own, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.lstrip("\n").rstrip() + "\n"


if __name__ == "__main__":
    main()
