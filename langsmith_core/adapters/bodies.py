"""The body of an answer, read as it comes: never more than a bound, never longer than a time.

Here: reading, and what breaks it off. Not here: sending (langsmith), what an answer means (answers).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import requests
import urllib3

from langsmith_core.adapters.answers import Failure
from langsmith_core.adapters.clock import Clock
from langsmith_core.errors import TooHeavyError, TooLargeError

SECONDS_MAX = 180
"""The most seconds of one answer: a server that drips a byte a minute never meets the read timeout."""
BYTES_MAX = 64_000_000
"""A page that is larger is asked for in halves: in a function of 1 GiB, what is made of a page takes several times as much."""
CHUNK = 1 << 20


def read(
    response: requests.Response, clock: Clock, until: datetime, bytes_max: int = BYTES_MAX, remedy: str = "lower PAGE_SIZE"
) -> bytes:
    """The whole body.

    Raises TooLargeError past `bytes_max`, Failure past `until`, and requests' own errors for a broken connection.
    """
    # Closed with the block: whoever keeps an error keeps what its frames hold, but no longer the bytes that were read.
    with io.BytesIO() as whole:
        for part in _parts(response):
            if whole.tell() + len(part) > bytes_max:
                raise TooLargeError(f"the answer is larger than {bytes_max} bytes; {remedy}")
            whole.write(part)
            if clock.now() > until:
                raise Failure(TooHeavyError("LangSmith's answer comes too slowly; lower PAGE_SIZE", 503))
        return whole.getvalue()  # the buffer itself: no second copy


def _parts(response: requests.Response) -> Iterator[bytes]:
    """What has come, as soon as it has come: `iter_content` would wait for a whole chunk, however slowly its bytes drip."""
    try:
        while part := response.raw.read1(CHUNK, decode_content=True):
            yield part
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except urllib3.exceptions.TimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
