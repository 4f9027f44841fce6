"""LangSmith's SDK as its documentation shows it: v1 `list_runs`, v2 `runs.query`. It stores nothing of a run."""

from __future__ import annotations

import asyncio
import warnings

from langsmith import Client

from bench.work import Work
from langsmith_core.streams.run_queries import V1_SELECT, V2_SELECTS


def drain(work: Work) -> int:
    """Run the loop of the API that is served."""
    warnings.simplefilter("ignore", DeprecationWarning)  # v1 reads are deprecated
    client = Client(api_url=work.url, api_key=work.api_key, workspace_id=work.tenant_id)
    return _list_runs(client, work) if work.api == "v1" else asyncio.run(_query(client, work))


def _list_runs(client: Client, work: Work) -> int:
    return sum(
        1 for project in work.projects for _ in client.list_runs(project_id=project, start_time=work.start, select=V1_SELECT)
    )


async def _query(client: Client, work: Work) -> int:
    pager = client.runs.query(
        project_ids=work.projects,
        min_start_time=work.start,
        selects=V2_SELECTS,  # type: ignore[arg-type]  # a list of literals
        include_subtree_usage=True,
        page_size=work.page_size,
    )
    rows = 0
    async for _ in pager:
        rows += 1
    return rows
