"""Compress an answer for a client that asks for it, as LangSmith's load balancer does."""

from __future__ import annotations

import gzip

from simulator.messages import Request, Response

LEVEL = 1  # a test waits for it


def packed(response: Response, request: Request) -> Response:
    """Return the answer as gzip where the request takes that. A cut falls on the same share of the packed bytes."""
    if not _asked(request) or not response.content or response.stream is not None:
        return response
    plain = response.content
    response.content = gzip.compress(plain, LEVEL, mtime=0)
    if response.cut_at is not None:
        response.cut_at = response.cut_at * len(response.content) // len(plain)
    return response.with_headers(("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))


def _asked(request: Request) -> bool:
    accepted = request.headers.get("Accept-Encoding", "").split(",")
    return "gzip" in {one.partition(";")[0].strip().lower() for one in accepted}
