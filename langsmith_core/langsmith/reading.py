"""The body of an answer, read as it comes: never more than a bound, never longer than a time.

Here: reading, and what breaks it off. Not here: sending (langsmith), what an answer means (answers).
"""

from __future__ import annotations

from collections.abc import Iterator

import requests
import urllib3

from langsmith_core.clock import Clock
from langsmith_core.errors import TooHeavyError
from langsmith_core.langsmith.answers import Failure

SECONDS_MAX = 180
"""The most seconds of one answer: a server that drips a byte a minute never meets the read timeout."""
BYTES_MAX = 256_000_000
CHUNK = 1 << 20


def read(response: requests.Response, clock: Clock, bytes_max: int = BYTES_MAX, remedy: str = "lower PAGE_SIZE") -> bytes:
    """The whole body.

    Raises TooHeavyError past `bytes_max`, Failure past SECONDS_MAX, and requests' own errors for a broken connection.
    """
    parts: list[bytes] = []
    size, begun = 0, clock.now()
    for part in _parts(response):
        parts.append(part)
        size += len(part)
        if size > bytes_max:
            raise TooHeavyError(f"the answer is larger than {bytes_max} bytes; {remedy}")
        if (clock.now() - begun).total_seconds() > SECONDS_MAX:
            raise Failure(TooHeavyError("LangSmith's answer comes too slowly; lower PAGE_SIZE", 503))
    return b"".join(parts)


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
