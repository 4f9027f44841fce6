"""Read a request's body: a bounded number of bytes, and JSON with one meaning.

Here: reading and refusing. Not here: what its fields mean (fivetran).
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import get_input_stream

from langsmith_core.errors import ConfigError, RequestError
from langsmith_core.settings.keys import NAMES

if TYPE_CHECKING:
    from typing import IO

    import flask

BYTES_MAX = 4_000_000
"""A state takes 64,000 bytes; secrets and payload take a few more."""
DRAINED_MAX = 16 * BYTES_MAX
"""Bytes of a too large body that are read and thrown away, so that its sender reads the answer.
Past them the connection breaks.
"""
LEVELS_MAX = 100
BROKEN = "body: it arrived incomplete; send it again"
CHUNK = 1 << 16


def read(request: flask.Request) -> bytes:
    """Return the whole body, whatever the method is. `request.get_data()` then returns it again.

    Raises ConfigError for a body of more than BYTES_MAX, of which no more than that is ever held. Raises RequestError where it
    broke off.
    """
    stream = get_input_stream(request.environ)
    # The framework reads the rest of the body into memory after the answer. It must find nothing.
    request.environ["wsgi.input"], request.environ["wsgi.input_terminated"] = io.BytesIO(), True
    try:
        body = _taken(stream, request.content_length or 0)
    except Exception as error:  # every server raises errors of its own here; for the caller they are the same
        raise RequestError(BROKEN) from error
    if body is None:
        raise ConfigError(f"body: larger than {BYTES_MAX} bytes; send the state that the last answer gave, and README's keys")
    if request.content_length is not None and len(body) != request.content_length:
        raise RequestError(BROKEN)
    request.environ["wsgi.input"] = io.BytesIO(body)
    return body


def _taken(stream: IO[bytes], announced: int) -> bytes | None:
    """Return the body; None where it is too large, announced or not."""
    parts: list[bytes] = []
    size, too_large = 0, announced > BYTES_MAX
    while size <= DRAINED_MAX and (part := stream.read(CHUNK)):
        size += len(part)
        too_large = too_large or size > BYTES_MAX
        parts.append(part)
        if too_large:
            parts.clear()
    return None if too_large else b"".join(parts)


def fields(body: bytes, sample: str = '{"state": {}, "secrets": {...}}') -> dict[str, Any]:
    """Return a body's fields. `sample` is what a message tells the caller to send.

    Raises ConfigError where it is no JSON object, gives one name twice, is nested too deep, or holds half a character.
    """
    try:
        found = json.loads(body or b"{}", object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"body: not JSON; send {sample} with Content-Type: application/json") from error
    if not isinstance(found, dict):
        raise ConfigError(f"body: not a JSON object; send {sample}")
    for key, text in _texts(found):
        if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
            raise ConfigError(f"{key}: a text has half of a character (a lone surrogate); write it again")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ConfigError(f"{twice if twice in NAMES else 'body'}: an object gives one name twice; remove one of them")
    return found


def _texts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text in it, names included, with the configuration key that it stands under, else `body`."""
    waiting: list[tuple[str, int, Any]] = [("body", 0, found)]
    while waiting:
        key, depth, value = waiting.pop()
        if depth > LEVELS_MAX:
            raise ConfigError(f"body: nested deeper than {LEVELS_MAX} levels; send what README describes")
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            waiting += [(key, depth + 1, one) for one in value]
        elif isinstance(value, dict):
            yield from ((key, name) for name in value)
            waiting += [(name if name in NAMES else key, depth + 1, one) for name, one in value.items()]
