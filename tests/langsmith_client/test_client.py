"""Tests of the errors that answers and network failures become, and that no message holds anything private.

Not here: waiting (test_retries).
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests import exceptions as network

from langsmith_client.scripted import GET, JSON, KEY, POST, Answer, world
from langsmith_core import masking
from langsmith_core.errors import (
    ConfigError,
    CredentialsError,
    GoneError,
    LimitedError,
    NotJsonError,
    NotServedError,
    RefusedError,
    SyncError,
    TooHeavyError,
    UpstreamError,
)
from langsmith_core.langsmith.answers import MEANINGS
from langsmith_core.langsmith.network import NETWORK
from langsmith_core.langsmith.retries import ATTEMPTS_FEW, ATTEMPTS_MAX

HTML = "text/html; charset=utf-8"
# Every status with a meaning of its own: the error, the status we answer with, how often it is asked.
STATUSES: dict[int, tuple[type[SyncError], int, int]] = {
    400: (RefusedError, 502, 1),
    401: (CredentialsError, 401, 1),
    403: (CredentialsError, 403, 1),
    404: (GoneError, 502, 1),
    405: (ConfigError, 400, 1),
    408: (TooHeavyError, 503, ATTEMPTS_FEW),
    410: (NotServedError, 502, 1),
    413: (TooHeavyError, 502, 1),
    422: (RefusedError, 502, 1),
    425: (UpstreamError, 503, ATTEMPTS_MAX),
    429: (LimitedError, 503, ATTEMPTS_MAX),
    501: (NotServedError, 502, 1),
    502: (TooHeavyError, 502, ATTEMPTS_FEW),
    503: (UpstreamError, 503, ATTEMPTS_MAX),
    504: (TooHeavyError, 503, ATTEMPTS_FEW),
}
OTHERS = [201, 202, 204, 206, 300, 304, 402, 406, 407, 409, 411, 415, 418, 431, 451, 499]
SERVER_ERRORS = [500, 505, 507, 508, 511, 520, 521, 522, 523, 524, 525, 526, 529, 530, 598, 599]
BODILESS = (204, 304)
NO_PAYLOAD = b'{"inputs": "what the user said"}'


def failure(status: int, content_type: str = JSON, body: bytes = NO_PAYLOAD, **headers: str) -> tuple[SyncError, int]:
    """Return the error that a permanent status becomes, and how often it was asked for."""
    w = world(Answer(status, b"" if status in BODILESS else body, content_type, headers))
    with pytest.raises(SyncError) as caught:
        w.client.fetch(POST)
    assert w.client.sent == len(w.adapter.requests)
    return caught.value, w.client.sent


@pytest.mark.parametrize("status", MEANINGS)
def test_every_status_of_the_table(status: int) -> None:
    """Each status becomes its error with our status. Only those that may pass are asked again."""
    error, asked = failure(status)
    assert (type(error), error.status, asked) == STATUSES[status]


def test_no_status_of_the_table_is_untested() -> None:
    """The table above has every status of the product's table."""
    assert list(MEANINGS) == list(STATUSES)


@pytest.mark.parametrize("status", SERVER_ERRORS)
def test_any_other_server_error_is_asked_again(status: int) -> None:
    """Any other 5xx may pass. It is asked six times, and is then LangSmith's failure."""
    error, asked = failure(status)
    assert (type(error), error.status, asked) == (UpstreamError, 502, ATTEMPTS_MAX)


@pytest.mark.parametrize("status", OTHERS)
def test_any_other_status_is_an_error_at_once(status: int) -> None:
    """Any other status is a failure and never an empty answer."""
    error, asked = failure(status)
    assert (type(error), error.status, asked) == (UpstreamError, 502, 1)


@pytest.mark.parametrize("status", [*MEANINGS, *OTHERS, *SERVER_ERRORS])
@pytest.mark.parametrize("content_type", [JSON, "application/problem+json", HTML, "text/plain", ""])
def test_messages_name_status_and_path_and_nothing_private(status: int, content_type: str) -> None:
    """A message has the status and the path; no key, no query, no payload, no address."""
    error, _ = failure(status, content_type)
    assert str(status) in str(error)
    assert POST.path in str(error)
    for private in (KEY, "the payload", "what the user said", "example.com", "html"):
        assert private not in str(error)


WORDS: list[tuple[Any, str]] = [
    ({"detail": "Limit exceeds maximum"}, "Limit exceeds maximum"),
    ({"detail": [{"loc": ["query"], "msg": "too large", "input": "secret"}, {"msg": "too small"}]}, "too large; too small"),
    ({"detail": {"error": "code", "message": "words"}}, "words"),
    ({"detail": {"error": "code"}}, "code"),
    ({"error": "Forbidden"}, "Forbidden"),
    ({"title": "Not Found", "status": 404}, "Not Found"),
    ({"message": "words"}, "words"),
    ({"detail": "x" * 1000}, "x" * 200),
    ("words", "words"),
]


@pytest.mark.parametrize(("body", "words"), WORDS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_langsmiths_own_words_are_passed_on_where_it_refuses(status: int, body: Any, words: str) -> None:
    """In whatever shape LangSmith gives its reason, the message ends with it, cut to 200 characters."""
    error, _ = failure(status, body=json.dumps(body).encode())
    assert str(error).endswith(f"({status}, {POST.path}: {words})")


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"null", b"[]", b"{}", b"5", b'{"detail":null}', b'{"detail":[]}', b'{"detail":[5]}', b"\xff"]
)
def test_a_refusal_without_words_is_still_its_error(body: bytes) -> None:
    """A refusal with an empty or broken body is the same error."""
    error, asked = failure(422, body=body)
    assert (type(error), asked, f"(422, {POST.path}" in str(error)) == (RefusedError, 1, True)


def test_a_refusal_of_any_depth_is_still_its_error() -> None:
    """A refusal with a deeply nested body is the same error, and no 500."""
    error, _ = failure(400, body=b"[" * 100_000)
    assert type(error) is RefusedError


@pytest.mark.parametrize("before", [14, *range(200 - len(KEY), 201)])
def test_a_refusal_that_repeats_the_key_does_not_spread_it(before: int) -> None:
    """No message holds the key or its beginning, wherever the answer repeats it or is cut."""
    with masking.secrets_masked([KEY]):
        error, _ = failure(401, body=json.dumps({"detail": f"{'x' * before}{KEY}"}).encode())
    assert KEY[:4] not in str(error)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, UpstreamError), (401, UpstreamError), (403, NotJsonError), (404, NotJsonError)]
)
def test_html_in_langsmiths_place_is_asked_again(status: int, kind: type[UpstreamError]) -> None:
    """LangSmith answers these statuses as JSON only. HTML comes from a proxy and is asked again; then LangSmith has failed.

    A 403 or 404 may come from an old LangSmith that does not know the page: an optional stream is left out for it.
    """
    error, asked = failure(status, HTML, b"<html>")
    assert (type(error), error.status, asked) == (kind, 502, ATTEMPTS_MAX)
    w = world(Answer(status, b"<html>", HTML), Answer(body=b"[1]"))
    assert (w.client.fetch(GET).body, w.client.sent) == (b"[1]", 2)


@pytest.mark.parametrize(
    "content_type", [JSON, "application/json; charset=utf-8", "application/problem+json", "Application/JSON"]
)
def test_an_answer_is_what_says_that_it_is_json(content_type: str) -> None:
    """Any spelling of the JSON content type counts."""
    assert world(Answer(body=b"[1]", content_type=content_type)).client.fetch(GET).body == b"[1]"


# Every kind of failure on the way: the error, the status we answer with, how often it is asked.
ON_THE_WAY: list[tuple[type[network.RequestException], type[SyncError], int, int]] = [
    (network.SSLError, ConfigError, 400, 1),
    (network.ConnectTimeout, UpstreamError, 503, ATTEMPTS_MAX),
    (network.ReadTimeout, TooHeavyError, 503, ATTEMPTS_FEW),
    (network.Timeout, TooHeavyError, 503, ATTEMPTS_FEW),
    (network.ProxyError, UpstreamError, 503, ATTEMPTS_MAX),
    (network.ConnectionError, UpstreamError, 503, ATTEMPTS_MAX),
    (network.ChunkedEncodingError, UpstreamError, 502, ATTEMPTS_MAX),
    (network.ContentDecodingError, UpstreamError, 502, ATTEMPTS_MAX),
    (network.RequestException, ConfigError, 400, 1),
    (network.InvalidURL, ConfigError, 400, 1),
    (network.InvalidProxyURL, ConfigError, 400, 1),
    (network.InvalidSchema, ConfigError, 400, 1),
    (network.InvalidHeader, ConfigError, 400, 1),
    (network.MissingSchema, ConfigError, 400, 1),
    (network.URLRequired, ConfigError, 400, 1),
]


@pytest.mark.parametrize(("kind", "error", "status", "asked"), ON_THE_WAY)
def test_every_failure_on_the_way(kind: type[network.RequestException], error: type[SyncError], status: int, asked: int) -> None:
    """Each network failure becomes its error with its class and the host, and nothing of its own text."""
    w = world(kind(f"https://langsmith.example.com/?api_key={KEY}"))
    with pytest.raises(SyncError) as caught:
        w.client.fetch(GET)
    assert (type(caught.value), caught.value.status, w.client.sent) == (error, status, asked)
    assert f"({kind.__name__}, langsmith.example.com)" in str(caught.value)
    assert KEY not in str(caught.value)
    assert "the query" not in str(caught.value)


def kinds(root: type[network.RequestException]) -> Iterator[type[network.RequestException]]:
    """Return a class of exceptions and all classes derived from it."""
    yield root
    for child in root.__subclasses__():
        yield from kinds(child)


def test_the_table_of_failures_is_total() -> None:
    """Every exception of requests has a meaning. The most specific comes first: no line hides one below it."""
    named = [value for value in vars(network).values() if isinstance(value, type) and issubclass(value, network.RequestException)]
    for kind in {*named, *kinds(requests.RequestException)}:
        assert any(issubclass(kind, mapped) for mapped, _ in NETWORK), kind
    for above, (mapped, _) in enumerate(NETWORK):
        assert not any(issubclass(mapped, earlier) for earlier, _ in NETWORK[:above]), mapped
