"""Datasets that several workspaces share: rows name their workspace, and each workspace reads and changes only its own.

Here: whether a dataset is one, and which rows are a workspace's own. Not here: the column itself (tables), or statements (sql).
"""

from __future__ import annotations

from google.api_core import exceptions
from google.cloud import bigquery
from msgspec.structs import replace

from langsmith_core.destinations.bigquery.errors import RETRY
from langsmith_core.destinations.bigquery.tables import EVERY, LAYOUTS, WORKSPACE, Layout
from langsmith_core.settings.config import Settings


def layouts_of(client: bigquery.Client, dataset: str, settings: Settings) -> tuple[Layout, ...]:
    """Return all tables as this workspace writes them: its rows name it where it is so set, or where the dataset's rows do.

    So the rows of a dataset go on to name their workspace when one alone is left.
    """
    workspace = settings.tenant_id if settings.workspace_column or _is_shared(client, dataset) else ""
    return tuple(replace(layout, workspace=workspace) for layout in EVERY)


def _is_shared(client: bigquery.Client, dataset: str) -> bool:
    try:
        table = client.get_table(f"{dataset}.{LAYOUTS[0].stream.name}", retry=RETRY)
    except exceptions.NotFound:
        return False
    return any((field.name, field.field_type) == (WORKSPACE.name, "STRING") for field in table.schema)


def mine(layout: Layout, table: str = "t") -> str:
    """Return a further condition on a table: the row is the workspace's own, or from before rows named any.

    @workspace is its id. The condition is empty where rows name no workspace.
    """
    column = f"{table}.{WORKSPACE.name}"
    return f" AND ({column} = @workspace OR {column} IS NULL)" if layout.workspace else ""
