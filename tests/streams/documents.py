"""LangSmith's own documents: what can be asked for, and what a record may have."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from langsmith_core.calls import Call
from samples import FIXTURES


@lru_cache
def document(name: str) -> Any:
    """One of LangSmith's OpenAPI documents: `v1` or `v2-alpha`."""
    return json.loads((FIXTURES.parent / f"langsmith-openapi-{name}.json").read_bytes())


def fields_of(name: str, schema: str) -> set[str]:
    """The fields that a document gives a record."""
    return set(document(name)["components"]["schemas"][schema]["properties"])


def parameters_of(call: Call) -> set[str]:
    """The query parameters that v1's document knows for the path of a GET. Fails where it does not know the path."""
    for template, methods in document("v1")["paths"].items():
        if "get" in methods and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), call.path):
            return {one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"}
    raise AssertionError(f"no document knows {call.path}")
