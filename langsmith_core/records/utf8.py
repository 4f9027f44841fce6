"""Check and repair UTF-8 in chunks, so that a large answer is not copied as a whole."""

from __future__ import annotations

import codecs

from langsmith_core.records.json_shape import CHUNK


def is_utf8(body: bytes) -> bool:
    """Return whether the bytes are valid UTF-8, without making a second copy of them."""
    if body.isascii():  # four times as fast
        return True
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(body)
    try:
        for at in range(0, len(body), CHUNK):
            decoder.decode(view[at : at + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def as_utf8(body: bytes) -> bytearray:
    """Replace bytes that are not valid UTF-8 by U+FFFD."""
    decoder, view, out = codecs.getincrementaldecoder("utf-8")("replace"), memoryview(body), bytearray()
    for at in range(0, len(body), CHUNK):
        out += decoder.decode(view[at : at + CHUNK]).encode()
    out += decoder.decode(b"", final=True).encode()
    return out
