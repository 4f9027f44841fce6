"""What a handler receives: the parsed request, the store, and what a fault changes in this one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simulator.messages import ApiError, Request, invalid, is_v2
from simulator.query import Query, uuid_of
from simulator.records import Run
from simulator.settings import Settings
from simulator.times import millis
from simulator.view import View

if TYPE_CHECKING:
    from simulator.workspace import Workspace


@dataclass
class Call:
    """One request on its way through a handler."""

    request: Request
    store: Workspace
    tenant_id: str
    path: dict[str, str] = field(default_factory=dict)
    cursor_fault: str | None = None  # "repeat" ignores the cursor, "expire" refuses it
    offset_shift: int = 0
    longer: int = 1  # a page has this many times the records that were asked for

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
        """What the rendering of a run depends on."""
        return View(self.store, self.request.base_url)

    def page(self) -> tuple[int, int]:
        """Offset and limit. A fault may shift the offset of a further page, so that rows repeat or are skipped."""
        offset, limit = self.query.page()
        return (max(0, offset + self.offset_shift) if offset else 0), limit * self.longer

    def finds(self, run: Run) -> bool:
        """Whether the API shows this run, and a given `start_time` equals its own to the millisecond."""
        start = self.query.moment("start_time")
        located = start is None or millis(start) == millis(run.start_time)
        return located and self.store.shows(run, self.store.clock.now())

    def ident(self, name: str) -> str:
        """An id from the path. Raises ApiError 422 if it is no UUID."""
        return uuid_of("path", name, self.path[name])

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ApiError 422 (v1) or 400 (v2) if it is none."""
        body = self.request.body
        if isinstance(body, dict):
            return body
        if is_v2(self.request.path):
            raise ApiError(400, "malformed JSON")
        raise invalid("body", "body", "value is not a valid dict", "type_error.dict")
