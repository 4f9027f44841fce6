"""Prepare a struct for reading while one thread alone runs: when its module is imported.

msgspec studies a struct when the first value of it is read, and keeps what it found. A second thread that reads one meanwhile
finds half of it, and the process dies. So a server that begins with two calls at once would crash (seen with msgspec 0.22).

Not here: decoders that a module makes at import. They have studied their types by then.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

_T = TypeVar("_T")


def prepared(kind: type[_T]) -> type[_T]:
    """Let msgspec study a struct and all that its fields may hold. Use it where `convert` or `decode` is given the struct."""
    msgspec.json.Decoder(kind)
    return kind
