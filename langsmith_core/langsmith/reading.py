"""Read an answer's body as it arrives, within a bound of bytes and a deadline.

Here: reading, and what breaks it off. Not here: sending (client), what an answer means (answers).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import requests
import urllib3

from langsmith_core.clock import Clock
from langsmith_core.errors import TooHeavyError, TooLargeError
from langsmith_core.langsmith.answers import Failure

SECONDS_MAX = 180
"""The most seconds of one answer. A server that sends a byte a minute never meets the read timeout."""
BYTES_MAX = 64_000_000
"""A larger page is asked for in halves. In a function of 1 GiB, rows made of a page take several times its size."""
CHUNK = 1 << 20


def read(
    response: requests.Response, clock: Clock, until: datetime, bytes_max: int = BYTES_MAX, remedy: str = "lower PAGE_SIZE"
) -> bytes:
    """Return the whole body.

    Raises TooLargeError past `bytes_max`, Failure past `until`, and requests' own errors for a broken connection.
    """
    # The block closes the buffer. Whoever keeps an error keeps its frames, but then no longer the bytes read.
    with io.BytesIO() as whole:
        for part in _parts(response):
            if whole.tell() + len(part) > bytes_max:
                raise TooLargeError(f"the answer is larger than {bytes_max} bytes; {remedy}")
            whole.write(part)
            if clock.now() > until:
                raise Failure(TooHeavyError("LangSmith's answer arrives too slowly; lower PAGE_SIZE", 503))
        return whole.getvalue()  # the buffer itself, not a second copy


def _parts(response: requests.Response) -> Iterator[bytes]:
    """Yield unpacked bytes as soon as they arrive. `iter_content` would wait for a whole chunk, however slowly its bytes come.

    urllib3 unpacks no more than CHUNK at a time (since 2.6), so a small answer that unpacks to gigabytes meets the bound first.
    """
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
