"""Requests over HTTP: bodies as Fivetran writes them, and a caller that posts them.

Here: the request's fields, the three shapes of secrets, one POST over a real socket. Not here: what is done with answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypedDict

import requests

AGENT = "Fivetran Google Cloud Functions Connector/langsmith_external_id/langsmith"
SYNC_ID = "3f0c2a54-6c2b-4a52-9d0e-0b1f5f6f7a10"
CALL_SECONDS_MAX = 540
"""The longest a first-generation function may run; Fivetran's own patience is not documented."""


class Response(Protocol):
    """What a call returns: `requests.Response` fits, and so does Reply."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers."""

    @property
    def content(self) -> bytes:
        """The body, uncompressed."""


class Reply(NamedTuple):
    """An answer made in this process."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


Call = Callable[[bytes], Response]


class Fields(TypedDict, total=False):
    """What a caller may set in a request; None leaves the field out. By default `agent` and `sync_id` are sent."""

    agent: str | None
    secrets: object
    custom_payload: object
    sync_id: str | None


def request(state: Mapping[str, Any] | None, fields: Fields, *, setup_test: bool = False) -> dict[str, Any]:
    """Return the request's members. Only `state` is always there, and may be null."""
    optional = {
        "agent": fields.get("agent", AGENT),
        "secrets": fields.get("secrets"),
        "customPayload": fields.get("custom_payload"),
        "sync_id": fields.get("sync_id", SYNC_ID),
        "setup_test": setup_test or None,
    }
    return {"state": state} | {name: value for name, value in optional.items() if value is not None}


def encoded(members: Mapping[str, Any]) -> bytes:
    """Return the request's body."""
    return json.dumps(members).encode()


def nested(secrets: Mapping[str, str], name: str = "langsmith") -> dict[str, dict[str, str]]:
    """Return flat secrets as free JSON, one level down."""
    return {name: dict(secrets)}


def listed(secrets: Mapping[str, str]) -> list[dict[str, str]]:
    """Return flat secrets as the list of pairs that Fivetran's own API takes."""
    return [{"key": key, "value": value} for key, value in secrets.items()]


def over_http(url: str, *, seconds_max: float = CALL_SECONDS_MAX) -> Call:
    """Return a call that posts to a running function: no proxy, no redirect, no retry. It raises requests' own errors."""

    def call(body: bytes) -> Response:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": "application/json", "User-Agent": AGENT}
            return session.post(url, data=body, headers=headers, timeout=seconds_max, allow_redirects=False)

    return call
