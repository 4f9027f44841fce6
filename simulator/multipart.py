"""Bodies as clients send them: compressed with gzip or zstd, and in parts. Parts are bytes; the handlers read them."""

from __future__ import annotations

import gzip
import importlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from simulator.messages import ApiError, Request


@dataclass
class Part:
    """One part of a multipart body."""

    name: str
    content_type: str
    data: bytes


def unpacked(request: Request) -> bytes:
    """Decompress a body."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding == "gzip":
        return gzip.decompress(request.content)
    if encoding == "zstd":
        return _unpack_zstd(request.content)
    return request.content


def _unpack_zstd(content: bytes) -> bytes:
    """Decompress zstd. Only the SDK sends it, and installs the package; /info offers it only where the package is."""
    zstandard = importlib.import_module("zstandard")
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True)
    return bytes(reader.read())


def parts_of(request: Request) -> Iterator[Part]:
    """Split a multipart body into its parts."""
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind != "multipart/form-data" or "boundary" not in options:
        raise ApiError(422, "a multipart body is expected")
    decoder = MultipartDecoder(options["boundary"].encode())
    decoder.receive_data(unpacked(request))
    decoder.receive_data(None)
    part: Part | None = None
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            part = Part(str(event.name), event.headers.get("Content-Type", ""), b"")
        elif isinstance(event, Data) and part is not None:
            part.data += event.data
            if not event.more_data:
                yield part
