"""Serve a target of main.py in this process, behind functions-framework's application, configured for the work."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import functions_framework

import main
from bench.work import LATER, Work
from langsmith_core.clock import SystemClock
from langsmith_core.langsmith import pacing

FILE = "langsmith.duckdb"
_ahead = [0.0]  # seconds by which our time is later than the machine's


def served(target: str, work: Work) -> Callable[[bytes], bytes]:
    """Return a call of the target: a body in, the answer's body out."""
    os.environ.update(
        LANGSMITH_API_KEY=work.api_key,
        LANGSMITH_TENANT_ID=work.tenant_id,
        LANGSMITH_BASE_URL=work.url,
        LOCAL_DB=str(Path(work.folder) / FILE),
        **({"PAGE_SIZE": str(work.page_size)} if work.full_pages else {}),
        **({"START_TIME": work.since} if work.start_time else {}),
    )
    if work.cloud:
        pacing.HOSTS = str(urlsplit(work.url).hostname)  # keep the cloud's limits on loopback, before any refusal
    _ahead[0] = work.ahead
    client = functions_framework.create_app(target, main.__file__).test_client()  # type: ignore[no-untyped-call]
    sys.modules["main"].CLOCK = SystemClock(wall=lambda: time.time() + _ahead[0])  # type: ignore[attr-defined]

    def call(body: bytes) -> bytes:
        answer = client.post("/", data=body, content_type="application/json")
        if answer.status_code != 200:
            raise RuntimeError(answer.get_data(as_text=True))
        content: bytes = answer.get_data()
        return content

    return call


def later(work: Work) -> None:
    """Let an hour pass for this process and for the simulator, in which some projects get new runs."""
    _ahead[0] += LATER.total_seconds()
    with build_opener(ProxyHandler({})).open(f"{work.url}/bench/later", timeout=600):
        pass
