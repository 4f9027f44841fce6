"""Recognise JSON inside a text, as lenient readers do: a payload's string may be an encoded object or list.

Judges by the text's beginning. Not here: what happens to such a text (privacy.replace).
"""

from __future__ import annotations

import re

import msgspec

_OPENING = re.compile(r"[^\w{\[]*(?:json[c5l]?\b[^\w{\[]*)?[{\[]", re.IGNORECASE)
"""Anything but letters and digits may precede the bracket: blanks, byte order marks, zero-width spaces, quotes, code fences."""
_QUOTE = re.compile(r'[^\w"]*"')
_WORD = re.compile(r"\w")


def may_hold_json(text: str) -> bool:
    """Return whether some reader may take a text for an object or a list, also if it is encoded as a JSON string again."""
    while not _OPENING.match(text):
        inner = _decoded(text)
        if inner is None:
            return False
        text = inner
    return True


def _decoded(text: str) -> str | None:
    """Decode a text that is a JSON string, whatever signs surround it; None if it is not one."""
    opening, last = _QUOTE.match(text), text.rfind('"')
    if opening is None or _WORD.search(text, last):
        return None
    try:
        return msgspec.json.decode(text[opening.end() - 1 : last + 1], type=str)
    except msgspec.DecodeError:
        return None
