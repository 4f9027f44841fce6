"""Checks of any answer as bytes, and of failures, before any row is examined.

A check takes an exchange and yields what breaks its rule, in words without payload. `rules` names and orders the checks. Each may
assume that those before it found nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fivetran_model.exchange import Exchange, shown
from fivetran_model.strictjson import NotStrictError

SETUP_BYTES_MAX = 4_096
SECRET_CHARACTERS_MIN = 8
_SECRET_NAME = re.compile(r"key|token|secret|password", re.IGNORECASE)
ANSWER_MEMBERS = {"state", "insert", "delete", "schema", "hasMore", "softDelete"}
FAILURE_MEMBERS = {"errorMessage"}


def size(exchange: Exchange) -> Iterator[str]:
    if len(exchange.body) > exchange.terms.response_bytes_max:
        yield f"{len(exchange.body)} bytes, at most {exchange.terms.response_bytes_max}"


def setup_size(exchange: Exchange) -> Iterator[str]:
    if exchange.is_setup_test and len(exchange.body) > SETUP_BYTES_MAX:
        yield f"{len(exchange.body)} bytes, at most {SETUP_BYTES_MAX}"


def content_type(exchange: Exchange) -> Iterator[str]:
    declared = {name.lower(): value for name, value in exchange.headers.items()}.get("content-type")
    if declared is not None and declared.split(";")[0].strip().lower() != "application/json":
        yield f"Content-Type is {shown(declared)}"


def strict_json(exchange: Exchange) -> Iterator[str]:
    try:
        _ = exchange.document
    except NotStrictError as error:
        yield str(error)


def json_object(exchange: Exchange) -> Iterator[str]:
    if not isinstance(exchange.document, dict):
        yield f"the root is a {type(exchange.document).__name__}"


def no_secret(exchange: Exchange) -> Iterator[str]:
    for part in ("secrets", "customPayload"):
        for name, value in secrets_of(exchange.request.get(part)):
            if value.encode() in exchange.body:
                yield f"the value of {shown(name)}"


def secrets_of(node: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Return each secret of a request, by name: flat, nested, or a list of {key, value}."""
    if isinstance(node, list):
        for item in node:
            yield from secrets_of(_as_member(item), name)
    elif isinstance(node, Mapping):
        for member, value in node.items():
            yield from secrets_of(value, str(member))
    elif isinstance(node, str) and len(node) >= SECRET_CHARACTERS_MIN and _SECRET_NAME.search(name):
        yield name, node


def failure_carries_no_answer(exchange: Exchange) -> Iterator[str]:
    for member in sorted(ANSWER_MEMBERS & exchange.root.keys()):
        yield f"it has {member}"


def failure_has_no_trace(exchange: Exchange) -> Iterator[str]:
    if "stackTrace" in exchange.root:
        yield "it has stackTrace"


def failure_message(exchange: Exchange) -> Iterator[str]:
    message = exchange.root.get("errorMessage")
    if not isinstance(message, str) or not message.strip():
        yield "its errorMessage is no text"
    for member in sorted(exchange.root.keys() - FAILURE_MEMBERS):
        yield f"it has {shown(member)}"


def _as_member(item: Any) -> object:
    return {item["key"]: item["value"]} if isinstance(item, Mapping) and item.keys() == {"key", "value"} else item
