"""Tests with a source that repeats the key in every form and place that it controls: no exit lets the key through.

Exits are log lines, failure answers, states that Fivetran or a file keeps, and the status. The tests know nothing of how the
product masks. They search everything that left for the echo. test_key_travel tests where requests go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from leaks import LeakWatch
from werkzeug.wrappers import Response

from langsmith_core.destinations.duckdb import file as local
from product import World
from simulator import DEFAULT_TENANT_ID, Fault
from simulator.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEY = "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"
HASH_KEY = 'p+ss/w\\rd "of" the hashes, 100% приват'


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _b64(text: str, before: int = 0, *, urlsafe: bool = False) -> str:
    return (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(b"u" * before + text.encode()).decode()


# name: (the form of a secret, the length at which a piece of that form shows eight of the secret's characters or more)
FORMS: dict[str, tuple[Callable[[str], str], int]] = {
    "as it is": (lambda key: key, 8),
    "in capitals": (str.upper, 8),
    "its beginning": (lambda key: key[:20], 8),
    "its end": (lambda key: key[-20:], 8),
    "its middle": (lambda key: key[10:30], 8),
    "its last eight": (lambda key: f"ends in {key[-8:]}", 8 + 8),
    "URL-encoded where it must be": (lambda key: quote(key, safe=""), 24),
    "URL-encoded, underscores too": (lambda key: quote(key, safe="").replace("_", "%5F"), 10),
    "URL-encoded all over": (_percent, 24),
    "URL-encoded twice": (lambda key: quote(_percent(key), safe=""), 40),
    "base64": (_b64, 12),
    "base64, one byte behind": (lambda key: _b64(key, 1), 12),
    "base64, two bytes behind": (lambda key: _b64(key, 2), 12),
    "base64 for URLs, as basic credentials have it": (lambda key: _b64(key, 5, urlsafe=True), 16),
    "base64, URL-encoded": (lambda key: quote(_b64(key), safe=""), 16),
    "base64 of its end": (lambda key: _b64(key[-12:]), 14),
    "hexadecimal": (lambda key: key.encode().hex(), 18),
    "JSON escapes": (lambda key: "".join(f"\\u{ord(one):04x}" for one in key), 48),
    "a JSON text in a JSON text": (lambda key: json.dumps(json.dumps(key)), 12),
    "Python escapes": (lambda key: "".join(f"\\x{byte:02x}" for byte in key.encode()), 32),
    "backslashes between": ("\\".join, 16),
    "HTML": (lambda key: "".join(f"&#x{ord(one):x};" for one in key), 48),
}
IN_A_HOST = (
    "as it is",
    "in capitals",
    "its beginning",
    "its end",
    "its middle",
    "base64 for URLs, as basic credentials have it",
    "hexadecimal",
)
SOME = ("as it is", "its beginning", "URL-encoded all over", "base64, one byte behind", "JSON escapes")
HEADERS = ("Sunset", "Deprecation", "Retry-After", "Date", "Server", "WWW-Authenticate", "Link", "Set-Cookie", "X-Anything")


def failing(status: int, body: Any, **headers: str) -> Callable[[str], Fault]:
    """Return a function that makes a fault whose answer has a text in it, at one place."""

    def fault(text: str) -> Fault:
        filled = json.loads(json.dumps(body).replace("TEXT", json.dumps(text)[1:-1]))
        return Fault(
            status=status,
            body=json.dumps(filled).encode(),
            headers={name: one.replace("TEXT", text) for name, one in headers.items()},
            times=None,
        )

    return fault


PLACES: dict[str, Callable[[str], Fault]] = {
    **{f"headers, {status}": failing(status, {}, **dict.fromkeys(HEADERS, "TEXT")) for status in (200, 400, 401, 429, 500)},
    **{f"detail, {status}": failing(status, {"detail": "no TEXT"}) for status in (400, 401, 403, 404, 410, 422, 500)},
    "a list of details": failing(422, {"detail": [{"loc": ["TEXT"], "msg": "TEXT is none"}]}),
    "far behind": failing(422, {"detail": "x" * 190 + "TEXT"}),
    "error": failing(403, {"error": {"message": "TEXT"}}),
    "a name of a field": failing(400, {"TEXT": "TEXT"}),
    "a record that is none": failing(200, [{"TEXT": "TEXT"}]),
    "an answer that is none": failing(200, {"TEXT": ["TEXT"]}),
    "a record's id": failing(
        200, [{"id": "TEXT", "name": "TEXT", "start_time": "TEXT", "run_count": "TEXT", "last_run_start_time": "TEXT"}]
    ),
    "a type": lambda text: Fault(status=500, content_type=f"text/{text}", times=None),
    "a text": lambda text: Fault(status=502, body=text, content_type="text/html", times=None),
}
RUNS: dict[str, Callable[[str], Fault]] = {
    "a cursor": failing(200, {"runs": [], "items": [], "cursors": {"next": "TEXT"}, "next_cursor": "TEXT"}),
    "a run": failing(200, {"runs": [{"id": "TEXT", "start_time": "TEXT", "session_id": "TEXT"}], "items": [{"id": "TEXT"}]}),
    "a refused query": failing(422, {"detail": "TEXT"}),
}
RECORDS = ("a run",)


def everything_shown(capsys: pytest.CaptureFixture[str], *answers: bytes) -> list[str]:
    """Return all texts that left: log lines, standard error, and answers without rows."""
    printed = capsys.readouterr()
    return [printed.err, *_texts([*map(json.loads, printed.out.splitlines()), *map(json.loads, answers)])]


def kept(w: World) -> Any:
    """Return the state in the file."""
    with local.opened(w.database) as file:
        return file.load()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield name
            yield from _texts(one) if name != "insert" else ()
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def given_away(echo: str, piece: int, texts: Iterable[str]) -> list[str]:
    """Return the texts that hold a piece of the echo, in upper or lower case."""
    pieces = {echo[at : at + piece].lower() for at in range(max(1, len(echo) - piece + 1))}
    return [one[:300] for one in texts if any(part in one.lower() for part in pieces)]


def called(w: World, fault: Fault, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what a Fivetran call prints and answers while the fault strikes."""
    w.sim.faults.clear()
    w.sim.faults.add(fault)
    answer = w.post("/fivetran", b'{"state": {}}').data
    assert fault.struck > 0
    return everything_shown(capsys, answer)


@pytest.fixture
def w(world: Callable[..., World]) -> World:
    """Return a workspace with one run, and set a key that is long enough."""
    w = world("dual")
    w.sim.keys = replace(w.sim.keys, personal=KEY)
    w.workspace.add_run(w.workspace.add_project("p"))
    w.configure(LANGSMITH_API_KEY=KEY, MAX_SECONDS="60")
    return w


@pytest.mark.parametrize("place", [*PLACES, *RUNS])
def test_no_form_of_the_key_leaves(w: World, capsys: pytest.CaptureFixture[str], leak_watch: LeakWatch, place: str) -> None:
    """A key that LangSmith, or a server in its place, repeats is masked in everything that leaves."""
    for form, (made, piece) in FORMS.items():
        echo = made(KEY)
        fault = PLACES[place](echo) if place in PLACES else RUNS[place](echo)
        fault.kind = "runs" if place in RUNS else None
        assert given_away(echo, piece, called(w, fault, capsys)) == [], form
    if place in RECORDS:
        leak_watch.answers.clear()  # a row may hold what a record holds


@pytest.mark.parametrize("form", SOME)
def test_no_form_of_the_key_is_kept(w: World, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """The saved reason of a failed pass has a mask in place of the key. So has the status."""
    made, piece = FORMS[form]
    w.sim.faults.add(failing(401, {"detail": "no TEXT"})(made(KEY)))
    answers = [w.post("/sync", b"").data, w.request("GET", "/sync").data]
    state = kept(w)
    assert state["trouble"]["message"].endswith(")")
    assert given_away(made(KEY), piece, [*everything_shown(capsys, *answers), *_texts(state)]) == []


def test_a_message_that_was_kept_before_is_told_with_a_mask(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The status masks a message that was saved by a version that did not mask."""
    w.sim.faults.add(failing(401, {"detail": "no"})("nothing"))
    w.post("/sync", b"")
    with local.opened(w.database) as file:
        state = json.dumps(file.load()).replace("LANGSMITH_API_KEY", KEY)
        file._connection.execute("UPDATE _langsmith_state SET state = ?", [state])  # noqa: SLF001
    status = w.request("GET", "/sync").data
    assert json.loads(status)["last_error"]["message"].startswith("(the key): LangSmith refuses the key")
    assert given_away(KEY, 8, everything_shown(capsys, status)) == []


@pytest.mark.parametrize("form", IN_A_HOST)
def test_a_redirect_to_a_host_that_is_named_like_the_key(w: World, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """The message names the host of a redirect, but not the key in it."""
    made, piece = FORMS[form]
    texts = called(w, Fault(redirect=f"https://{made(KEY)}.elsewhere.example/", times=None), capsys)
    assert given_away(made(KEY), piece, texts) == []
    assert any("elsewhere.example)" in one for one in texts)


def test_a_status_line_that_repeats_the_key(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A key in a status line's reason, which is free text, leaves nowhere."""
    for status in (200, 400, 500):
        for form, (made, piece) in ((one, FORMS[one]) for one in SOME):
            echo = made(KEY)
            with serving(Response("{}", f"{status} {echo}", content_type="application/json"), 0) as address:
                w.configure(LANGSMITH_BASE_URL=address)
                answer = w.post("/fivetran", b"{}").data
            assert given_away(echo, piece, everything_shown(capsys, answer)) == [], form


def test_a_header_that_is_none(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad header makes urllib3 warn with its address and text. Neither leaves, on standard error or elsewhere."""

    def application(environ: WSGIEnvironment, _: StartResponse) -> Iterable[bytes]:
        environ["werkzeug.socket"].sendall(
            b"HTTP/1.1 500 no\r\nContent-Length: 2\r\nConnection: close\r\n" + f"no header {KEY} at all\r\n\r\n{{}}".encode()
        )
        raise ConnectionAbortedError

    with serving(application, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        answers = [w.post("/fivetran", b"{}").data]
    texts = everything_shown(capsys, *answers)
    assert any(one.startswith("urllib3.connection: Failed to parse headers") for one in texts)
    assert given_away(KEY, 8, texts) == []
    assert [one for one in texts if "no header" in one] == []


# Places in a request where a caller may put a secret by mistake.
REQUESTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "a project's name": lambda text: {"customPayload": {"PROJECTS": text}},
    "an excluded project's name": lambda text: {"customPayload": {"PROJECTS_EXCLUDE": text.replace(",", "")}},
    "a host": lambda text: {"secrets": {"LANGSMITH_BASE_URL": f"https://{text}.example", "LANGSMITH_API_KEY": KEY}},
    "a switch": lambda text: {"secrets": {"SYNC_RUNS": text}},
    "a workspace": lambda text: {"secrets": {"LANGSMITH_TENANT_ID": text}},
    "a misspelt key's name": lambda text: {"secrets": {"HASH_KEYS": text}},
    "a state": lambda text: {"state": {"version": text}},
    "a state's field": lambda text: {"state": {text: text, "api": text}},
    "the sync's id": lambda text: {"sync_id": text},
    "a path": lambda text: {"customPayload": {"REDACT_PATHS": text}},
}


@pytest.mark.parametrize("from_request", [True, False], ids=["request", "environment"])
@pytest.mark.parametrize("slip", REQUESTS)
def test_a_secret_where_none_belongs(w: World, capsys: pytest.CaptureFixture[str], slip: str, from_request: bool) -> None:
    """A key of the request or the environment is masked wherever the request repeats it."""
    secrets = {"LANGSMITH_API_KEY": KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "HASH_KEY": HASH_KEY}
    if not from_request:
        w.configure(**secrets)
    for secret in (KEY, HASH_KEY):
        asked = REQUESTS[slip](secret)
        asked = {"state": {}, **asked, "secrets": {**(secrets if from_request else {}), **asked.get("secrets", {})}}
        answers = [
            w.post("/fivetran", json.dumps({**asked, "setup_test": test}).encode(), X_Cloud_Trace_Context=quote(secret)).data
            for test in (True, False)
        ]
        assert given_away(secret, 8, everything_shown(capsys, *map(_without_state, answers))) == []


def _without_state(answer: bytes) -> bytes:
    """Return a setup test's answer without its state, which comes back as it was sent."""
    return json.dumps({name: value for name, value in json.loads(answer).items() if name != "state"}).encode()
