"""Record ids: tell whether a text is a UUID as LangSmith writes it, and bring other spellings to that form."""

from __future__ import annotations

import re
from uuid import UUID

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def as_id(text: str) -> str | None:
    """Return the id in LangSmith's spelling; None where the text is no UUID.

    Capital letters and left-out dashes are accepted: they mean the same id.
    """
    try:
        return str(UUID(text))
    except ValueError:
        return None


def is_id(text: object) -> bool:
    """Return whether a value is an id exactly as LangSmith writes it.

    Only such an id may stand in a state, in a URL path or in a row's key.
    """
    return isinstance(text, str) and _ID.fullmatch(text) is not None
