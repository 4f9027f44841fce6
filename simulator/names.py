"""Write a list of names as one line of text, where a tuple of quoted strings would fill a screen."""

from __future__ import annotations


def split_names(text: str) -> tuple[str, ...]:
    """Split a text at its whitespace."""
    return tuple(text.split())
