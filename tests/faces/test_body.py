"""Tests of faces.body: how much of a request's body is read and held, and which JSON is refused.

Not here: what its fields mean (test_fivetran).
"""

from __future__ import annotations

import io
import json
from typing import Any

import flask
import pytest
from werkzeug.test import EnvironBuilder

from langsmith_core.errors import ConfigError, SyncError
from langsmith_core.faces import body as asked

SAYS = r"^body: larger than 4000000 bytes; send the state that the last answer gave"


class Endless(io.RawIOBase):
    """A body without an end, or with one after `size` bytes. It counts what is read, and refuses to be read in one piece."""

    def __init__(self, size: int | None = None) -> None:
        self._size, self.given, self.most = size, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer) if self._size is None else min(len(buffer), self._size - self.given)
        buffer[:size] = b" " * size
        self.given, self.most = self.given + size, max(self.most, size)
        return size

    def readall(self) -> bytes:
        raise AssertionError("read whole, whatever its size")


def request(body: Any, announced: int | None = None) -> flask.Request:
    """Return a request with this body, chunked where its length is not announced."""
    environ = EnvironBuilder(method="POST", content_type="application/json").get_environ()
    environ["wsgi.input"] = body
    environ.pop("CONTENT_LENGTH", None)
    if announced is None:
        environ["wsgi.input_terminated"] = True
    else:
        environ["CONTENT_LENGTH"] = str(announced)
    return flask.Request(environ)


@pytest.mark.parametrize("announced", [None, 4_000_000])
def test_a_body_at_the_bound_is_read(announced: int | None) -> None:
    """A body of four megabytes is read, announced or chunked. The framework then reads it again from memory."""
    one = request(Endless(4_000_000), announced)
    assert asked.read(one) == b" " * 4_000_000
    assert one.get_data() == b" " * 4_000_000


@pytest.mark.parametrize("announced", [None, 4_000_001, 10_000_000, 10**15])
def test_a_larger_body_is_refused_and_never_held(announced: int | None) -> None:
    """A larger body is thrown away piece by piece, sixty-four megabytes at most. The framework reads none of it."""
    body = Endless(None if announced is None else announced)
    one = request(body, announced)
    with pytest.raises(ConfigError, match=SAYS) as refused:
        asked.read(one)
    assert (refused.value.status, body.most <= asked.CHUNK) == (400, True)
    assert body.given <= asked.DRAINED_MAX + asked.CHUNK
    assert one.get_data() == b""


@pytest.mark.parametrize("announced", [100, 5_000_000])
def test_a_body_that_ends_before_its_length_is_refused(announced: int) -> None:
    """A body shorter than its announced length is a 400, without waiting for more."""
    with pytest.raises(SyncError, match=r"^body: (it arrived incomplete; send it again|larger than)"):
        asked.read(request(io.BytesIO(b"{}"), announced))


def test_a_body_longer_than_its_length_is_cut_there() -> None:
    """Bytes past the announced length belong to another request."""
    assert asked.read(request(io.BytesIO(b'{"state": {}}{"state": {}}'), 13)) == b'{"state": {}}'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"state":' + b'{"a":' * 101 + b"1" + b"}" * 102, "body: nested deeper than 100 levels"),
        (b'{"state":' + b"[" * 900 + b"]" * 900 + b"}", "body: nested deeper than 100 levels"),
        (b'{"secrets":{"PROJECTS":"\\ud800"}}', "PROJECTS: a text has half of a character"),
        (b'{"secrets":{"PROJECTS":["a","\\udc00"]}}', "PROJECTS: a text has half of a character"),
        (b'{"sync_id":"\\ud800"}', "body: a text has half of a character"),
        (b'{"state":{"\\ud800":1}}', "body: a text has half of a character"),
        (b'{"secrets":{"PAGE_SIZE":"5","PAGE_SIZE":"6"}}', "PAGE_SIZE: an object gives one name twice"),
        (b'{"state":{},"state":{}}', "body: an object gives one name twice"),
    ],
)
def test_what_no_request_needs_is_refused(body: bytes, says: str) -> None:
    """JSON that has two meanings, or would break a later reader, is a 400. The message names the key it stands under, if any."""
    with pytest.raises(ConfigError, match=f"^{says}") as refused:
        asked.fields(body)
    assert refused.value.status == 400


def test_any_other_text_is_read() -> None:
    """Any other text is read; a whole pair of surrogates is one character."""
    assert asked.fields(json.dumps({"sync_id": "\U0001f600 é \ufffd"}).encode())["sync_id"] == "\U0001f600 é \ufffd"
