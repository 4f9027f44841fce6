"""Serve a target of main.py in this process, behind functions-framework's application, configured for the work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import functions_framework

import main
from bench.work import Work

FILE = "langsmith.duckdb"


def served(target: str, work: Work) -> Callable[[bytes], bytes]:
    """Return a call of the target: a body in, the answer's body out."""
    os.environ.update(
        LANGSMITH_API_KEY=work.api_key,
        LANGSMITH_TENANT_ID=work.tenant_id,
        LANGSMITH_BASE_URL=work.url,
        PAGE_SIZE=str(work.page_size),
        LOCAL_DB=str(Path(work.folder) / FILE),
    )
    client = functions_framework.create_app(target, main.__file__).test_client()  # type: ignore[no-untyped-call]

    def call(body: bytes) -> bytes:
        answer = client.post("/", data=body, content_type="application/json")
        if answer.status_code != 200:
            raise RuntimeError(answer.get_data(as_text=True))
        content: bytes = answer.get_data()
        return content

    return call
