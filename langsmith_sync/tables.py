"""Print a table: drawn to fit a terminal; elsewhere plain lines, one for each row, however long."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show(names: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print rows under the names of their columns. Those of `right` are set to the right."""
    console = Console(highlight=False)
    texts = [[_text(cell) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_drawn(names, texts, right))
    else:
        print("\n".join(_lines(names, texts, right)))


def _drawn(names: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _lines(names: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    under = ["-" * width for width in widths]
    sides = [str.rjust if name in right else str.ljust for name in names]
    return [
        "  ".join(side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True)).rstrip()
        for row in (names, under, *rows)
    ]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
