"""Requests and answers as values, between the transports and the handlers. No socket and no framework here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from simulator.jsontext import encode

JSON = "application/json"
HTML = "text/html"
PROBLEM = "application/problem+json"


class Headers(dict[str, str]):
    """Header fields by lower-case name."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__((name.lower(), value) for name, value in pairs)

    def get(self, name: str, default: Any = None) -> Any:
        """A field by its name, ignoring case."""
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


@dataclass
class Request:
    """A request as it arrived. Once it is answered, `kind` and `status` are set."""

    method: str
    base_url: str  # scheme and host
    path: str
    query: list[tuple[str, str]]
    headers: Headers
    content: bytes
    kind: str = "unknown"
    status: int | None = None

    @cached_property
    def body(self) -> Any:
        """The JSON body; None if there is none or it is not valid."""
        if not self.content:
            return None
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass
class Response:
    """An answer, and what a faulty network does to it."""

    status: int = 200
    content: bytes = b""
    content_type: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    delay_seconds: float = 0.0
    reset: bool = False  # the connection breaks before any byte of the answer
    cut_at: int | None = None  # only this many bytes of the content arrive
    drip_seconds: float = 0.0  # seconds before each piece of the content
    stream: Iterable[bytes] | None = None  # replaces the content; its length is not announced

    @property
    def pieces(self) -> list[bytes]:
        """The content that arrives: about twenty pieces if it drips, else one."""
        content = self.content if self.cut_at is None else self.content[: self.cut_at]
        size = max(1, len(content) // 20) if self.drip_seconds else max(1, len(content))
        return [content[place : place + size] for place in range(0, len(content), size)]

    def with_headers(self, *pairs: tuple[str, str]) -> Response:
        """Add header fields; returns the same answer."""
        self.headers.extend(pairs)
        return self


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, encode(value))


class ApiError(Exception):
    """A refused request. `detail` is text, or FastAPI's list of validation errors; `body` replaces the usual shape."""

    def __init__(self, status: int, detail: object, *, body: bytes | None = None, content_type: str = JSON) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.body = body
        self.content_type = content_type

    def response(self, path: str) -> Response:
        """The error answer, in the shape of the path's API version."""
        if self.body is not None:
            return Response(self.status, self.body, self.content_type)
        if is_v2(path):
            problem = {
                "type": "about:blank",
                "title": TITLES.get(self.status, "Error"),
                "status": self.status,
                "detail": self.detail if isinstance(self.detail, str) else "invalid parameters",
                "instance": path,
            }
            return Response(self.status, encode(problem), PROBLEM)
        return Response(self.status, encode({"detail": self.detail}))


TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
}


def is_v2(path: str) -> bool:
    """Whether a path belongs to API version 2."""
    return path.startswith(("/api/v2/", "/v2/"))


def invalid(place: str, name: str, message: str, kind: str = "value_error") -> ApiError:
    """FastAPI's 422 for one parameter."""
    return ApiError(422, [{"loc": [place, name], "msg": message, "type": kind}])
