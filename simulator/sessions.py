"""GET /sessions: projects and experiments. Counters are null unless they are asked for and served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.call import Call
from simulator.messages import ApiError, Response, answer
from simulator.query import Query
from simulator.records import Project
from simulator.stats import COUNTERS, project_counters
from simulator.stats_asked import Asked, asked, since_asked
from simulator.times import aware, naive

SORT_COLUMNS = {
    "name": "name",
    "start_time": "start_time",
    "last_run_start_time": "last_run_start_time",
    "latency_p50": "latency_p50",
    "latency_p99": "latency_p99",
    "error_rate": "error_rate",
    "feedback": "feedback_stats",
    "runs_count": "run_count",
}


def list_sessions(call: Call) -> Response:
    """A page of projects and experiments."""
    offset, limit = call.page()
    tests, stats = _tests(call.query), _served(call, asked(call))
    projects = [project for project in call.store.projects.values() if all(test(project) for test in tests)]
    column = SORT_COLUMNS[call.query.choice("sort_by", SORT_COLUMNS, "start_time")]
    descending = call.query.flag("sort_by_desc")
    projects.sort(key=_sort_key(call, column), reverse=descending is None or descending)
    return answer([session_record(call, project, stats=stats) for project in projects[offset : offset + limit]])


def read_session(call: Call) -> Response:
    """One project."""
    return answer(session_record(call, project_of(call), stats=_served(call, since_asked(call))))


def project_of(call: Call) -> Project:
    """The project that the path names; 404 when there is none."""
    project = call.store.projects.get(call.ident("session_id"))
    if project is None:
        raise ApiError(404, "Session not found")
    return project


def session_record(call: Call, project: Project, *, stats: Asked | None = None) -> dict[str, Any]:
    """A project as the API's TracerSession schema. Its start is a naive timestamp, its end is not."""
    counters = _counters(call, project, stats) if stats else dict.fromkeys(COUNTERS)
    return {
        "start_time": naive(project.start_time),
        "end_time": aware(project.end_time),
        "extra": project.extra,
        "name": project.name,
        "description": project.description,
        "default_dataset_id": None,
        "reference_dataset_id": project.reference_dataset_id,
        "trace_tier": "longlived" if project.reference_dataset_id else "shortlived",
        "id": project.id,
        **counters,
        "tenant_id": call.tenant_id,
        "run_facets": None,
        "test_run_number": project.test_run_number,
    }


def _served(call: Call, wanted: Asked) -> Asked | None:
    """The counters, if they are asked for and served."""
    return wanted if call.query.flag("include_stats") and call.settings.stats_served else None


def _counters(call: Call, project: Project, wanted: Asked) -> dict[str, Any]:
    """The counters that are selected. The others are null, and so is the run_count of a project that is not counted."""
    stats = project_counters(call.store, project, wanted)
    last = naive(stats["last_run_start_time"])
    shown = {**stats, "last_run_start_time": last, "last_run_start_time_live": last}
    if project.id in call.settings.uncounted:
        shown["run_count"] = None
    return {name: shown[name] if wanted.select is None or name in wanted.select else None for name in COUNTERS}


def _sort_key(call: Call, column: str) -> Callable[[Project], tuple[bool, Any, str]]:
    def key(project: Project) -> tuple[bool, Any, str]:
        own = getattr(project, column, None)
        value = own if own is not None else project_counters(call.store, project).get(column)
        comparable = len(value) if isinstance(value, dict) else value
        return value is not None, comparable if value is not None else 0, project.id

    return key


def _tests(query: Query) -> list[Callable[[Project], bool]]:
    """The filters that the parameters ask for."""
    tests: list[Callable[[Project], bool]] = []
    ids, name, part = set(query.ids("id")), query.text("name"), query.text("name_contains")
    datasets, free = set(query.ids("reference_dataset")), query.flag("reference_free")
    metadata = query.mapping("metadata")
    if ids:
        tests.append(lambda project: project.id in ids)
    if name is not None:
        tests.append(lambda project: project.name == name)
    if part is not None:
        tests.append(lambda project: part.lower() in project.name.lower())
    if datasets:
        tests.append(lambda project: project.reference_dataset_id in datasets)
    if free is not None:
        tests.append(lambda project: (project.reference_dataset_id is None) == free)
    if metadata:
        tests.append(lambda project: metadata.items() <= ((project.extra or {}).get("metadata") or {}).items())
    return tests
