"""What a handler is given: the request in readable form, the store, and what a fault does to this one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from simulator.messages import ApiError, Request, invalid, is_v2
from simulator.query import Query, uuid_of
from simulator.records import Run
from simulator.render_v1 import View
from simulator.settings import Settings
from simulator.times import millis
from simulator.workspace import Workspace


@dataclass
class Call:
    """One request on its way through a handler."""

    request: Request
    store: Workspace
    tenant_id: str
    path: dict[str, str] = field(default_factory=dict)
    cursor_fault: str | None = None  # "repeat": the cursor is ignored; "expire": it has expired
    offset_shift: int = 0
    longer: int = 1  # so many times the records that were asked for

    @property
    def settings(self) -> Settings:
        """The switches."""
        return self.store.settings

    @cached_property
    def query(self) -> Query:
        """The query parameters."""
        return Query(self.request.query)

    @cached_property
    def view(self) -> View:
        """What renderings of runs depend on."""
        return View(self.store, self.request.base_url)

    def page(self) -> tuple[int, int]:
        """Offset and limit, the offset shifted when rows are to repeat or to be skipped."""
        offset, limit = self.query.page()
        return (max(0, offset + self.offset_shift) if offset else 0), limit * self.longer

    def finds(self, run: Run) -> bool:
        """Whether the API shows this run, at the start time that was given to locate it, to the millisecond."""
        start = self.query.moment("start_time")
        located = start is None or millis(start) == millis(run.start_time)
        return located and self.store.shows(run, self.store.clock.now())

    def ident(self, name: str) -> str:
        """An id out of the path."""
        return uuid_of("path", name, self.path[name])

    def json_object(self) -> dict[str, Any]:
        """The body, which has to be a JSON object."""
        body = self.request.body
        if isinstance(body, dict):
            return body
        if is_v2(self.request.path):
            raise ApiError(400, "malformed JSON")
        raise invalid("body", "body", "value is not a valid dict", "type_error.dict")
