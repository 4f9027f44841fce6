"""Error answers that were seen of LangSmith and of what stands before it, by name, to be planned as faults.

sim.faults.add(recorded("502_lb", kind="runs", nth=3))

The names are those of the error bodies that were collected from threads and documents. What a request provokes by itself
(auth, runs_v1, limits ...) is not made here: a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.faults import Fault
from simulator.messages import HTML, JSON, PROBLEM

NGINX_405 = (
    "<html>\r\n<head><title>405 Not Allowed</title></head>\r\n<body>\r\n<center><h1>405 Not Allowed</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
NO_SCOPE = "At least one of 'session', 'id', 'parent_run', 'trace' or 'reference_example' must be specified"
LEGACY = "Using legacy API key. Please generate a new API key."
TOO_LARGE = {
    "loc": ["query", "limit"],
    "msg": "ensure this value is less than or equal to 100",
    "type": "value_error.number.not_le",
    "ctx": {"limit_value": 100},
}
NO_SESSION = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "session not found",
    "instance": "/api/v2/runs/query",
}


@dataclass(frozen=True)
class Recorded:
    """One error answer."""

    status: int
    body: str | dict[str, Any]
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


RECORDED: dict[str, Recorded] = {
    "400_limit": Recorded(400, {"detail": "Limit exceeds maximum allowed value of 100"}),
    "400_scope": Recorded(400, {"detail": NO_SCOPE}),
    "401_invalid": Recorded(401, {"detail": "Invalid token"}),
    "401_legacy_key": Recorded(401, {"detail": LEGACY}),
    "403_forbidden": Recorded(403, '{"error":"Forbidden"}\n'),
    "403_org_scoped_key": Recorded(403, {"error": "org_scoped_key_requires_workspace"}),
    "403_non_json_waf": Recorded(403, "<html><head><title>403 Forbidden</title></head></html>", HTML),
    "404_run": Recorded(404, {"detail": "Run not found"}),
    "405_wrong_host": Recorded(405, NGINX_405, HTML),
    "410_retired": Recorded(410, {"detail": "Gone"}),
    "422_fastapi": Recorded(422, {"detail": [TOO_LARGE]}),
    "429_empty": Recorded(429, "", headers={"Retry-After": "10"}),
    "429_json": Recorded(429, {"detail": "Rate limit exceeded"}),
    "500": Recorded(500, {"detail": "Internal server error"}),
    "501_smithdb_only": Recorded(501, {"detail": "Not Implemented"}),
    "502_lb": Recorded(502, "<html><head><title>502 Server Error</title></head></html>", HTML),
    "v2_problem_details": Recorded(404, NO_SESSION, PROBLEM),
}


def recorded(name: str, **plan: Any) -> Fault:
    """A fault that answers with one of them; `plan` says which requests it strikes."""
    told = RECORDED[name]
    shown: dict[str, Any] = {"status": told.status, "body": told.body, "content_type": told.content_type}
    return Fault(**shown, headers=dict(told.headers), **plan)
