"""What lenient readers of JSON take for JSON: a text inside a payload may be one, however it is wrapped.

Here: telling by the beginning of a text. Not here: what becomes of such a text (replacing).
"""

from __future__ import annotations

import re

import msgspec

_OPENING = re.compile(r"[^\w{\[]*(?:json[c5l]?\b[^\w{\[]*)?[{\[]", re.IGNORECASE)
"""Blanks, byte order marks, zero-width spaces, quotes, fences: all but letters and digits may stand before a bracket."""
_QUOTE = re.compile(r'[^\w"]*"')
_WORD = re.compile(r"\w")


def may_hold_json(text: str) -> bool:
    """Whether a text may be an object or a list for some reader: plain, behind other signs, or as a JSON string again."""
    while not _OPENING.match(text):
        inner = _decoded(text)
        if inner is None:
            return False
        text = inner
    return True


def _decoded(text: str) -> str | None:
    """What a text says that is itself a JSON string, whatever signs stand around it; None where it is none."""
    first, last = _QUOTE.match(text), text.rfind('"')
    if first is None or _WORD.search(text, last):
        return None
    try:
        return msgspec.json.decode(text[first.end() - 1 : last + 1], type=str)
    except msgspec.DecodeError:
        return None
