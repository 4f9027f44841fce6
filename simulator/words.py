"""Names listed as one line of text, where a tuple of quoted strings would take a screen."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())
