"""Payloads in object storage: the presigned URLs that v1 shows in their place, and the storage itself.

A URL is valid for `presigned_seconds` and needs no key. Self-hosted deployments return relative URLs.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import Any

from simulator.jsontext import encode
from simulator.messages import JSON, ApiError, Response
from simulator.records import Run
from simulator.store import Store

EXPIRED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'


def storage_urls(store: Store, run: Run, what: str, base_url: str) -> dict[str, Any] | None:
    """The `s3_urls` object of a run's inputs, outputs or attachments; None if there is none."""
    if what == "attachment":
        names = [f"attachment.{name}" for name in run.attachments]
        return {name: storage_url(store, run.id, name, base_url) for name in names} or None
    return {"ROOT": storage_url(store, run.id, what, base_url)} if what in run.offloaded else None


def storage_url(store: Store, owner: str, what: str, base_url: str) -> dict[str, str]:
    """One entry: the presigned URL, signed anew each time, and the name inside the storage."""
    expires = store.clock.now() + timedelta(seconds=store.settings.presigned_seconds)
    token = base64.urlsafe_b64encode(encode([owner, what, expires.timestamp(), next(store.signed)])).decode()
    host = base_url if store.settings.presigned == "absolute" else ""
    return {"presigned_url": f"{host}/public/download?jwt={token}", "s3_url": f"ttl_s/{what}/{owner}"}


def download(store: Store, token: str) -> Response:
    """Answer the download of a presigned URL."""
    try:
        owner, what, expires, _ = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        raise ApiError(403, "Invalid token") from None
    if expires < store.clock.now().timestamp():
        raise ApiError(403, "expired", body=EXPIRED, content_type="application/xml")
    found = _blob(store, owner, what)
    if found is None:
        raise ApiError(404, "Not found")
    return Response(200, found[1], found[0])


def _blob(store: Store, owner: str, what: str) -> tuple[str, bytes] | None:
    run = store.runs.get(owner)
    if run is not None and what in run.offloaded:
        return JSON, encode(getattr(run, what))
    dataset = store.datasets.get(store.dataset_of_example.get(owner, ""))
    attachments = run.attachments if run else dataset.examples[owner].attachments if dataset else {}
    return attachments.get(what.removeprefix("attachment."))
