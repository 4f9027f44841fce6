"""Check a caller before any work: where the call comes from, and by which method. Answer failures as JSON.

Not here: the body (body, fivetran).

On Google Cloud, IAM stops everyone else before this point. Elsewhere a function listens on somebody's machine, and any web page
that this person opens can call it: by the machine's own address, or by the page's own name that leads there (DNS rebinding). A
browser reveals such a page by Origin, Sec-Fetch-Site and Host.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException

from langsmith_core.errors import ForeignError, MethodError, RequestError, SyncError
from langsmith_core.masking import fit

if TYPE_CHECKING:
    import flask
    from werkzeug.datastructures import Headers

_HOST = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]+)|\[(?P<six>[0-9A-Fa-f:.]+)\])(?::[0-9]*)?")
_ORIGIN = re.compile(r"https?://(?P<host>[^/]+)")
REASONS = {
    400: "what was sent cannot be read; send it again, as JSON",
    404: "there is nothing at this path; call the function's own address",
    413: "the body is too large; send less",
}


def allow(request: flask.Request, *methods: str) -> None:
    """Raise MethodError for any other method."""
    if request.method not in methods:
        named = ", ".join(methods)
        raise MethodError(f"this target takes {named}, not {request.method:.20}; call it by one of those", allowed=methods)


def from_here(headers: Headers) -> None:
    """Raise ForeignError for a call to a name that is not this machine's own, or from another site's web page."""
    if not _is_here(headers.get("Host", "")):
        raise ForeignError(
            "Host: outside Google Cloud a function answers only calls from its own machine; call http://localhost, or let "
            "the tunnel or proxy send Host: localhost"
        )
    origin = headers.get("Origin")
    page = _ORIGIN.fullmatch(origin or "")
    if headers.get("Sec-Fetch-Site") == "cross-site" or (origin is not None and not (page and _is_here(page["host"]))):
        raise ForeignError("Origin: a web page of another site made this call; call the function yourself, such as with curl")


def refusal(error: HTTPException) -> SyncError:
    """Return the web framework's refusal as one of our errors, because either target answers JSON."""
    status = error.code or 500
    return RequestError(f"request: {REASONS.get(status, 'the server cannot answer it; look into the log')}", status)


def answer(error: SyncError) -> Response:
    """Return the error as JSON, `{"errorMessage": ...}`, with its status."""
    body = msgspec.json.encode({"errorMessage": fit(str(error))})
    headers = {"Content-Length": str(len(body))} | ({"Allow": ", ".join(error.allowed)} if isinstance(error, MethodError) else {})
    # Sent in pieces: before a whole answer, the framework reads the request to its end, whatever its size, and may fail.
    pieces = iter([body]) if isinstance(error, (ForeignError, RequestError)) else [body]
    return Response(pieces, error.status, headers, mimetype="application/json")


def _is_here(host: str) -> bool:
    """Whether a host, with its port, is a name or an address by which a machine reaches itself."""
    found = _HOST.fullmatch(host)
    if not found:
        return False
    name = (found["name"] or found["six"]).lower().removesuffix(".")
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
