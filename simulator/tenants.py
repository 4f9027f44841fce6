"""Several workspaces behind one address, as LangSmith serves them: a request belongs to the workspace that it names.

Here: choosing the simulator of a request. Not here: keys (auth); each workspace refuses the key of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.adapter import SimulatorAdapter
from simulator.app import Simulator
from simulator.messages import Request, Response
from simulator.server import serving, wsgi_app


class Tenants:
    """These workspaces behind one address. A request that names none of them goes to the first, which refuses it."""

    def __init__(self, *simulators: Simulator) -> None:
        self._first, self._by_id = simulators[0], {one.tenant_id: one for one in simulators}

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        return self._by_id.get(request.headers.get("X-Tenant-Id", "").lower(), self._first).handle(request)

    def adapter(self) -> SimulatorAdapter:
        """Return a transport for `requests.Session.mount`, which needs no sockets."""
        return SimulatorAdapter(self.handle, self._first.clock)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve on the loopback interface while the block lasts; yields the base URL."""
        with serving(wsgi_app(self.handle), 0) as base_url:
            yield base_url
