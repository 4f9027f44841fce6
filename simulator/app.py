"""The simulator itself: turns a request into an answer, for any transport.

It checks in LangSmith's order: first the key, then the rate limits, then the operation. Unimplemented parameters are refused.
Planned faults come before all checks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Unpack

from simulator.adapter import SimulatorAdapter
from simulator.auth import Keys
from simulator.call import Call
from simulator.clock import Clock
from simulator.compression import packed
from simulator.corpus import CorpusShape, fill
from simulator.faults import Fault, Faults, disturb, replacement
from simulator.journal import Journal
from simulator.limits import Limits
from simulator.messages import HTML, ApiError, Request, Response
from simulator.recorded import NGINX_405
from simulator.routes import OPEN_KINDS, Route, find_route
from simulator.server import serving, wsgi_app
from simulator.settings import Mode, Settings
from simulator.times import http_date
from simulator.unimplemented import check as check_implemented
from simulator.workspace import Workspace

DEFAULT_API_KEY = "lsv2_pt_simulator"
DEFAULT_SERVICE_KEY = "lsv2_sk_simulator"
DEFAULT_TENANT_ID = "5f0c4dfe-93c1-4c5e-8d5e-0b6a3b2f9a10"
URL_MAX = 8_000  # the server fails on a longer query string (langsmith-sdk 859)
UI_HOSTS = ("smith.langchain.com", "eu.smith.langchain.com", "apac.smith.langchain.com", "aws.smith.langchain.com")


class Simulator(Settings):
    """An imitation of one LangSmith workspace. Its attributes are its switches (settings.py)."""

    def __init__(
        self,
        clock: Clock | None = None,
        mode: Mode = "clickhouse",
        seed: int = 0,
        *,
        api_key: str = DEFAULT_API_KEY,
        tenant_id: str = DEFAULT_TENANT_ID,
    ) -> None:
        super().__init__(mode=mode)
        self.clock = clock or Clock.system()
        self.seed = seed
        self.keys = Keys(api_key, DEFAULT_SERVICE_KEY, tenant_id)
        self.workspace = Workspace(self.clock, self, seed)
        self.requests: list[Request] = []
        self.faults = Faults(seed)
        self.limits = Limits(self)
        self.wsgi = wsgi_app(self.handle)
        self.journal: Journal | None = None
        self._lock = threading.RLock()

    @property
    def api_key(self) -> str:
        """The API key of the workspace."""
        return self.keys.personal

    @property
    def tenant_id(self) -> str:
        """The id of the workspace."""
        return self.keys.tenant_id

    def adapter(self) -> SimulatorAdapter:
        """Return a transport for `requests.Session.mount`, which needs no sockets."""
        return SimulatorAdapter(self.handle, self.clock)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on the loopback interface while the block lasts; yields the base URL."""
        with serving(self.wsgi, port) as base_url:
            yield base_url

    def corpus(self, **shape: Unpack[CorpusShape]) -> None:
        """Fill the workspace with seeded data that ends at the clock's present."""
        with self._lock:
            fill(self.workspace, self.seed, **shape)

    def keep(self, journal: Journal) -> None:
        """Make every change of a journal again, each at its own time, and write further changes into it."""
        for moment, request in journal.changes():
            with self.workspace.standing_at(moment):
                self._guarded(request)
        self.journal = journal

    def expire_cursors(self) -> None:
        """Expire every cursor handed out so far: using one is a 400."""
        self.cursor_epoch += 1

    def handle(self, request: Request) -> Response:
        """Answer one request and record it in `requests`."""
        with self._lock:
            self.requests.append(request)
            self.workspace.run_schedule()
            response = self._guarded(request)
            if self.journal is not None:
                self.journal.add(request, self.clock.now())
            request.status = response.status
            response.delay_seconds += self.latency_seconds  # the transport waits it out, outside the lock
            response.with_headers(("Date", http_date(self.clock.now())))
        return packed(response, request) if self.compressed else response

    def _guarded(self, request: Request) -> Response:
        try:
            route, path = find_route(request.method, request.path)
            request.kind = route.kind
            faults = self.faults.striking(request)
            response = replacement(faults, request) or self._answer(request, route, path, faults)
        except ApiError as error:
            return error.response(request.path)
        return disturb(response, faults)

    def _answer(self, request: Request, route: Route, path: dict[str, str], faults: list[Fault]) -> Response:
        try:
            if request.base_url.removeprefix("https://") in UI_HOSTS:
                return Response(405, NGINX_405.encode(), HTML)
            now = self.clock.now()
            full = self.limits.refusal(request, now, before_auth=True)
            if full is not None:
                return full
            if route.kind not in OPEN_KINDS:
                self.keys.check(request)
            if sum(len(name) + len(value) + 2 for name, value in request.query) > URL_MAX:
                raise ApiError(500, "Internal server error")
            refused = self.limits.refusal(request, now)
            if refused is None:
                check_implemented(route.operation, request)
            return refused or route.handler(self._call(request, path, faults))
        except ApiError as error:
            return error.response(request.path)

    def _call(self, request: Request, path: dict[str, str], faults: list[Fault]) -> Call:
        cursor = next((fault.cursor for fault in faults if fault.cursor), None)
        shift, longer = sum(fault.offset_shift or 0 for fault in faults), prod(fault.longer or 1 for fault in faults)
        return Call(request, self.workspace, self.tenant_id, path, cursor, shift, longer)
