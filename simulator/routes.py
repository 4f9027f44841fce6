"""Every operation: method, path without its prefix, the kind under which requests are recorded, and handler.

v1 is served under `/api/v1`, `/v1`, `/api` and without a prefix, as the SDK calls it; v2 under `/api/v2` and `/v2`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator import (
    datasets,
    downloads,
    example_writes,
    examples,
    feedback,
    feedback_writes,
    info,
    ingest,
    project_writes,
    run_stats,
    runs_v1,
    runs_v2,
    sessions,
)
from simulator.call import Call
from simulator.messages import ApiError, Response
from simulator.resource import Handler, Operation
from simulator.resources import RESOURCES


def _download(call: Call) -> Response:
    return downloads.download(call.store, call.query.text("jwt") or "")


OPERATIONS: tuple[Operation, ...] = (
    ("GET", "/info", "info", info.read_info),
    ("GET", "/workspaces", "workspaces", info.list_workspaces),
    ("GET", "/public/download", "download", _download),
    ("GET", "/sessions", "sessions", sessions.list_sessions),
    ("GET", "/sessions/{session_id}", "session", sessions.read_session),
    ("GET", "/datasets", "datasets", datasets.list_datasets),
    ("GET", "/datasets/{dataset_id}", "dataset", datasets.read_dataset),
    ("GET", "/examples", "examples", examples.list_examples),
    ("GET", "/examples/count", "examples_count", examples.count_examples),
    ("GET", "/examples/{example_id}", "example", examples.read_example),
    ("GET", "/feedback", "feedback", feedback.list_feedback),
    ("GET", "/feedback/{feedback_id}", "feedback_item", feedback.read_feedback),
    ("POST", "/runs/query", "runs", runs_v1.query_runs),
    ("POST", "/runs/query/validate", "validate", runs_v1.validate_query),
    ("POST", "/runs/stats", "stats", run_stats.read_stats),
    ("GET", "/runs/{run_id}", "run", runs_v1.read_run),
    ("POST", "/v2/runs/query", "runs", runs_v2.query_runs),
    ("GET", "/v2/runs/{run_id}", "run", runs_v2.read_run),
    ("POST", "/runs/multipart", "ingest", ingest.ingest_multipart),
    ("POST", "/runs/batch", "ingest", ingest.ingest_batch),
    ("POST", "/runs", "ingest", ingest.ingest_run),
    ("PATCH", "/runs/{run_id}", "ingest", ingest.patch_run),
    ("POST", "/sessions", "write", project_writes.create_session),
    ("PATCH", "/sessions/{session_id}", "write", project_writes.update_session),
    ("DELETE", "/sessions/{session_id}", "write", project_writes.delete_session),
    ("POST", "/datasets", "write", project_writes.create_dataset),
    ("PATCH", "/datasets/{dataset_id}", "write", project_writes.update_dataset),
    ("DELETE", "/datasets/{dataset_id}", "write", project_writes.delete_dataset),
    ("POST", "/examples", "write", example_writes.create_example),
    ("POST", "/examples/bulk", "write", example_writes.create_bulk),
    ("PATCH", "/examples/bulk", "write", example_writes.update_bulk),
    ("PATCH", "/examples/{example_id}", "write", example_writes.update_example),
    ("DELETE", "/examples/{example_id}", "write", example_writes.delete_example),
    ("DELETE", "/examples", "write", example_writes.delete_many),
    ("POST", "/platform/datasets/examples/delete", "write", example_writes.delete_hard),
    ("POST", "/platform/datasets/{dataset_id}/examples", "write", example_writes.create_multipart),
    ("PATCH", "/platform/datasets/{dataset_id}/examples", "write", example_writes.update_multipart),
    ("POST", "/feedback", "write", feedback_writes.create_feedback),
    ("PATCH", "/feedback/{feedback_id}", "write", feedback_writes.update_feedback),
    ("DELETE", "/feedback/{feedback_id}", "write", feedback_writes.delete_feedback),
    *(operation for resource in RESOURCES for operation in resource.operations),
)
OPEN_KINDS = ("info", "download")  # these need no key


@dataclass(frozen=True)
class Route:
    """One operation, with its path as a pattern."""

    method: str
    path: str
    pattern: re.Pattern[str]
    kind: str
    handler: Handler

    @property
    def operation(self) -> str:
        """Method and path, as in OPERATIONS."""
        return f"{self.method} {self.path}"


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")


ROUTES = tuple(Route(method, path, _pattern(path), kind, handler) for method, path, kind, handler in OPERATIONS)


def bare(path: str) -> str:
    """A path without its prefix; a v2 path keeps its `/v2`."""
    if path.startswith("/api/v2/"):
        return path.removeprefix("/api")
    for prefix in ("/api/v1/", "/v1/", "/api/"):
        if path.startswith(prefix):
            return "/" + path.removeprefix(prefix)
    return path


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The operation of a request and its path parameters. Raises ApiError 404 (path) or 405 (method)."""
    place = bare(path)
    matches = [(route, match) for route in ROUTES if (match := route.pattern.fullmatch(place))]
    for route, match in matches:
        if route.method == method:
            return route, match.groupdict()
    raise ApiError(405, "Method Not Allowed") if matches else ApiError(404, "Not Found")
