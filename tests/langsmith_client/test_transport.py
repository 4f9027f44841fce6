"""Tests over real sockets: whole requests, one connection, the key on its own host alone, payloads from object storage."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from requests import exceptions as network

from langsmith_client.scripted import GET, JSON, KEY, NOW, POST, SELF_HOSTED, Answer, HandClock, serving, world
from langsmith_core.errors import StorageError, TooLargeError, UpstreamError
from langsmith_core.langsmith import client as langsmith
from langsmith_core.langsmith.client import READ_SECONDS, LangSmith
from langsmith_core.langsmith.transport import CONNECT_SECONDS
from samples import settings


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach loopback directly, whatever proxy the machine has."""
    monkeypatch.setenv("NO_PROXY", "*")


def client(address: str) -> LangSmith:
    """Return a client of a real server."""
    clock = HandClock()
    return LangSmith(settings(LANGSMITH_BASE_URL=address), clock, clock.now() + timedelta(hours=1), langsmith.session())


def test_a_get_is_sent_like_this() -> None:
    """A GET has its path, repeated parameters, and the headers of key and workspace, and nothing else that identifies us."""
    w = world(Answer())
    w.client.fetch(GET)
    (sent,) = w.adapter.requests
    assert (sent.method, sent.url, sent.body) == ("GET", f"{SELF_HOSTED}/api/v1/sessions?id=a&id=b&name=the+query", None)
    assert dict(sent.headers) == {
        "User-Agent": "langsmith-sync",
        "Accept": "application/json",
        "Accept-Encoding": sent.headers["Accept-Encoding"],
        "Connection": "keep-alive",
        "X-API-Key": KEY,
        "X-Tenant-Id": "workspace",
    }
    assert "gzip" in sent.headers["Accept-Encoding"]


def test_a_post_is_sent_as_json() -> None:
    """A POST has the call's body with the JSON content type."""
    w = world(Answer())
    w.client.fetch(POST)
    (sent,) = w.adapter.requests
    assert isinstance(sent.body, bytes)
    assert (sent.method, sent.url, json.loads(sent.body)) == ("POST", SELF_HOSTED + POST.path, POST.body)
    assert sent.headers["Content-Type"] == JSON


def test_the_organization_is_sent_where_it_is_given() -> None:
    """LANGSMITH_ORG_ID becomes a header of its own."""
    w = world(Answer(), LANGSMITH_ORG_ID="org")
    w.client.fetch(GET)
    assert w.adapter.requests[0].headers["X-Organization-Id"] == "org"


def test_no_netrc_of_the_machine_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that somebody keeps for the host in .netrc is not sent beside the key."""
    (tmp_path / "netrc").write_text("machine langsmith.example.com login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    w = world(Answer())
    w.client.fetch(GET)
    assert "Authorization" not in w.adapter.requests[0].headers


def test_every_request_has_timeouts_and_checks_certificates() -> None:
    """Connecting and reading are bounded, the certificate is verified, the answer is streamed."""
    w = world(Answer())
    w.client.fetch(GET)
    (options,) = w.adapter.options
    assert (options["timeout"], bool(options["verify"]), options["stream"]) == ((CONNECT_SECONDS, READ_SECONDS), True, True)


DATES: list[tuple[dict[str, str], datetime]] = [
    ({"Date": "Mon, 01 Jun 2026 12:00:00 GMT"}, datetime(2026, 6, 1, 12, tzinfo=UTC)),
    ({"Date": "Mon, 01 Jun 2026 14:00:00 +0200"}, datetime(2026, 6, 1, 12, tzinfo=UTC)),
    ({"Date": "Sun, 19 Jan 2038 03:14:07 GMT"}, NOW),  # a row of that time would never be replaced
    ({"Date": "soon"}, NOW),
    ({"Date": ""}, NOW),
    ({}, NOW),
]


@pytest.mark.parametrize(("headers", "at"), DATES)
def test_a_reply_has_langsmiths_time(headers: dict[str, str], at: datetime) -> None:
    """A reply's time is its Date header, or our own clock's time of the request without one."""
    assert world(Answer(headers=headers)).client.fetch(GET).at == at


def test_notices_are_kept_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each notice of a removal is logged once, with the path."""
    w = world(Answer(headers={"Deprecation": "true", "Sunset": "Sun, 31 Jan 2027 00:00:00 GMT"}))
    with caplog.at_level(logging.WARNING):
        w.client.fetch(POST)
        w.client.fetch(POST)
    assert w.client.notices == {"Deprecation": "true", "Sunset": "Sun, 31 Jan 2027 00:00:00 GMT"}
    assert [POST.path in line for line in caplog.messages] == [True, True]


def test_two_calls_use_one_connection() -> None:
    """One connection stays open over answers that succeed and answers that fail."""
    with serving() as server:
        server.answers = [Answer(), Answer(503), Answer(), Answer(404), Answer()]
        asking = client(server.address)
        for _ in range(2):
            asking.fetch(GET)
        with pytest.raises(UpstreamError):
            asking.fetch(GET)
        asking.fetch(POST)
        assert (len(server.seen), server.connections) == (5, 1)


def test_connections_to_langsmith_and_to_its_storage_are_both_kept() -> None:
    """Pages and payloads come in turns, each host over one connection."""
    with serving() as server, serving() as storage:
        asking = client(server.address)
        for _ in range(5):
            asking.fetch(GET)
            asking.download(f"{storage.address}/payload", 1_000)
        assert (len(server.seen), server.connections) == (5, 1)
        assert (len(storage.seen), storage.connections) == (5, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_does_not_follow_a_redirect(status: int) -> None:
    """A redirect is an error that names the other host, which is not asked. The message holds nothing private."""
    with serving() as server, serving() as other:
        server.answers = [Answer(status, headers={"Location": f"{other.address}/secret?token=secret"})]
        with pytest.raises(UpstreamError, match=rf"^LANGSMITH_BASE_URL: .*\({status}, redirect to 127\.0\.0\.1\)$"):
            client(server.address).fetch(GET)
        assert (len(server.seen), other.seen) == (1, [])


@pytest.mark.parametrize("location", ["/login", "https://[::1", ""])
def test_any_redirect_is_the_same_error(location: str) -> None:
    """Any redirect is an error that says what to do."""
    with pytest.raises(UpstreamError, match=r"^LANGSMITH_BASE_URL: ") as caught:
        world(Answer(302, headers={"Location": location})).client.fetch(GET)
    assert "None" not in str(caught.value)


def test_the_key_is_sent_to_the_configured_host_only() -> None:
    """A signed address is asked without key and workspace, though in the same session."""
    with serving() as server, serving() as storage:
        storage.answers = [Answer(body=b"stored", content_type="application/octet-stream")]
        asking = client(server.address)
        asking.fetch(GET)
        assert asking.download(f"{storage.address}/payload?signature=secret", 100) == b"stored"
        ((path, headers),) = storage.seen
        assert path == "/payload?signature=secret"
        assert not {"X-API-Key", "X-Tenant-Id", "Authorization", "Cookie"} & headers.keys()


@pytest.mark.parametrize("address", ["/public/download?jwt=secret", "public/download?jwt=secret"])
def test_a_relative_address_is_langsmiths_own(address: str) -> None:
    """A self-hosted instance signs relative addresses. They are asked below the API's root, then below the host's."""
    w = world(Answer(404), Answer(body=b"stored"))
    assert w.client.download(address, 100) == b"stored"
    assert [one.url for one in w.adapter.requests] == [
        f"{SELF_HOSTED}/api/public/download?jwt=secret",
        f"{SELF_HOSTED}/public/download?jwt=secret",
    ]
    assert all("X-API-Key" not in one.headers for one in w.adapter.requests)


STORAGE: list[tuple[Answer | Exception, type[UpstreamError], bool]] = [
    # what is answered, the error, whether it is asked again
    (Answer(403, content_type="application/xml"), StorageError, False),
    (Answer(401), StorageError, False),
    (Answer(404), UpstreamError, False),
    (Answer(410), UpstreamError, False),
    (Answer(302, headers={"Location": "https://elsewhere.example.com"}), StorageError, False),
    (Answer(302, headers={"Location": "https://[::1"}), StorageError, False),
    (Answer(307, headers={"Location": "https://" + "h" * 300 + ".example.com"}), StorageError, False),
    (Answer(429), StorageError, True),
    (Answer(503), StorageError, True),
    (network.ConnectionError("secret"), StorageError, True),
    (network.ReadTimeout("secret"), StorageError, True),
    (Answer(body=b"x" * 101), TooLargeError, False),
]


@pytest.mark.parametrize(("line", "error", "again"), STORAGE)
def test_a_payload_that_cannot_be_had(line: Answer | Exception, error: type[UpstreamError], again: bool) -> None:
    """An expired address is an error at once, and failing storage is asked again. No message holds the signature."""
    w = world(line)
    with pytest.raises(UpstreamError) as caught:
        w.client.download("https://storage.example.com/in?signature=secret", 100)
    assert (type(caught.value), len(w.adapter.requests) > 1) == (error, again)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("line", [network.SSLError("x"), network.InvalidURL("x")])
def test_a_storage_that_cannot_be_reached_is_no_wrong_configuration(line: Exception) -> None:
    """LangSmith writes signed addresses, so a bad one is no ConfigError."""
    with pytest.raises(UpstreamError) as caught:
        world(line).client.download("https://storage.example.com/in", 100)
    assert "LANGSMITH_BASE_URL" not in str(caught.value)


def test_an_address_that_is_none_is_no_fault_of_ours() -> None:
    """A record whose address is no address is an UpstreamError."""
    with pytest.raises(UpstreamError):
        world(Answer()).client.download("https://[broken/in", 100)


ODD_HEADERS = [
    {"Location": "https://[::1"},
    {"Location": "//caf\u00e9..example.com:port"},
    {"Location": ""},
    {"Location": "https://" + "h" * 300 + ".example.com/"},
    {"X-Of-Storage": "caf\u00e9 \xff"},
    {"Content-Encoding": "\xff"},
]


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=str)
def test_odd_headers_of_storage_are_no_fault_of_ours(headers: dict[str, str]) -> None:
    """A redirect to nonsense is a redirect. Other headers are ignored, whatever bytes they have."""
    with serving() as server:
        status = 302 if "Location" in headers else 200
        server.answers = [Answer(status, b"stored", headers=headers)]
        if status == 200:
            assert client(server.address).download(f"{server.address}/in", 100) == b"stored"
            return
        with pytest.raises(StorageError, match=r"^object storage answered 302 \(127\.0\.0\.1\); let"):
            client(server.address).download(f"{server.address}/in", 100)


NOWHERE = [
    "https://" + "h" * 300 + ".example.com/in",
    "https://caf\u00e9..example.com/in",
    "https://.example.com/in",
    "https:///in",
    "https://\u2100.example.com/in",
    "https://host:99999/in",
    "https://host:port/in",
    "https://[v1.x]/in",
    "https://ho st/in",
    "https://\x00/in",
]


@pytest.mark.parametrize("address", NOWHERE)
def test_a_host_that_is_none_is_no_fault_of_ours(address: str) -> None:
    """Requests does not translate urllib3's and idna's errors for a bad host. They become
    UpstreamError, and it is not asked again.
    """
    with serving() as server, pytest.raises(UpstreamError) as caught:
        client(server.address).download(address, 100)
    assert (type(caught.value), len(str(caught.value)) < 200) == (UpstreamError, True)


@pytest.mark.parametrize(
    "address", ["http://storage.example.com/in", "http://169.254.169.254/token", "ftp://localhost/in", "file:///in"]
)
def test_a_record_cannot_name_an_unencrypted_address(address: str) -> None:
    """Anybody may write an address into a record. Only loopback beside a loopback LangSmith is asked without encryption."""
    w = world(Answer(body=b"stored"))
    with pytest.raises(UpstreamError, match="is not https, at"):
        w.client.download(address, 100)
    assert w.adapter.requests == []


def test_nothing_printed_of_a_client_holds_the_key() -> None:
    """The repr of a client in a trace or a log shows no key."""
    assert KEY not in repr(world(Answer()).client)
