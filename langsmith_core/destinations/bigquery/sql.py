# ruff: noqa: S608  every name in this SQL comes from the streams' declaration
"""BigQuery's SQL: statements as text, made from a table's layout.

Every name in them comes from the streams' declarations. Values are parameters, except the times that bound partitions: BigQuery
skips partitions only by literals. Here: text. Not here: running it (jobs), or why (sink).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from langsmith_core.destinations.bigquery.shared import mine
from langsmith_core.destinations.bigquery.tables import DELETED, HASH, SYNCED, WORKSPACE, Layout
from langsmith_core.records.columns import JSON_KINDS, Column

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
EVERYWHERE = "TRUE"
"""The condition that holds for all partitions."""


def look_up(layout: Layout, table: str, within: str) -> str:
    """Select what some partitions have of the keys in @keys: key, partition, version, deletion and hash."""
    key, at = layout.stream.key, layout.partition or "CAST(NULL AS TIMESTAMP)"
    return f"""
        SELECT {key}, {at}, {SYNCED}, {DELETED}, {HASH} FROM `{table}` t
        WHERE {key} IN UNNEST(@keys) AND {within}{mine(layout)}"""


def twice(layout: Layout, table: str) -> str:
    """Select the keys that stand twice anywhere. It reads one column, the key."""
    key = layout.stream.key
    return f"SELECT {key} FROM `{table}` t WHERE TRUE{mine(layout)} GROUP BY {key} HAVING COUNT(*) > 1"


def count(layout: Layout, table: str, within: str) -> str:
    """Select how many rows some partitions have of the keys in @keys."""
    return f"SELECT COUNT(*) FROM `{table}` t WHERE {layout.stream.key} IN UNNEST(@keys) AND {within}{mine(layout)}"


def merge(layout: Layout, table: str, staging: str, within: str, trusted: datetime = LAST, *, replaces: bool, wide: bool) -> str:
    """Upsert the rows of `staging`, looking for existing rows only `within` some partitions.

    Without `replaces` the statement has no UPDATE, and BigQuery bills none of the partitions that it inserts into. With it, it
    bills partitions whole, perhaps all that are `within`: name those alone that have rows to update. `wide`: round JSON's
    numbers to doubles where needed; check has made sure that this changes none.
    """
    names, key = [column.name for column in layout.columns], layout.stream.key
    update = ", ".join(f"{name} = s.{name}" for name in names)
    not_newer = f"(t.{SYNCED} IS NULL OR t.{SYNCED} <= s.{SYNCED} OR t.{SYNCED} > {literal(trusted)})"
    matched = f"""
        WHEN MATCHED AND s.{DELETED} IS NOT NULL AND t.{DELETED} IS NULL AND {not_newer}
          THEN UPDATE SET {DELETED} = s.{DELETED}, {SYNCED} = s.{SYNCED}
        WHEN MATCHED AND s.{DELETED} IS NULL AND {not_newer}
          THEN UPDATE SET {update}"""
    return f"""
        MERGE `{table}` t
        USING (
          SELECT {_read(layout, wide=wide)} FROM `{staging}` WHERE TRUE
          QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {SYNCED} DESC) = 1
        ) s
        ON t.{key} = s.{key} AND {within}{mine(layout)}{matched if replaces else ""}
        WHEN NOT MATCHED AND s.{DELETED} IS NULL
          THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.{name}" for name in names)})"""


def heal(layout: Layout, table: str, within: str, trusted: datetime = LAST) -> str:
    """Of each key in @keys keep only the newest row, at once or not at all. A version past `trusted` counts as old."""
    key = layout.stream.key
    version = f"IF({SYNCED} <= {literal(trusted)}, {SYNCED}, NULL)"
    names = [column.name for column in layout.columns]
    return f"""
        MERGE `{table}` t
        USING (
          SELECT {", ".join(names)} FROM `{table}` t WHERE {key} IN UNNEST(@keys) AND {within}{mine(layout)}
          QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {version} DESC) = 1
        ) s
        ON FALSE
        WHEN NOT MATCHED BY SOURCE AND t.{key} IN UNNEST(@keys) AND {within}{mine(layout)} THEN DELETE
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.{name}" for name in names)})"""


def orphans(child: Layout, parent: Layout, dataset: str) -> str:
    """Select the partitions of rows not marked as deleted whose parent, one of @keys, was deleted after they were read."""
    at = f"TIMESTAMP_TRUNC(t.{child.partition}, {child.unit})" if child.partition else "CAST(NULL AS TIMESTAMP)"
    return f"SELECT DISTINCT {at} {_orphaned(child, parent, dataset, ', ')}"


def orphan(child: Layout, parent: Layout, dataset: str, within: str) -> str:
    """Mark these rows as deleted at the time of their parent's deletion."""
    table, parents = f"{dataset}.{child.stream.name}", f"{dataset}.{parent.stream.name}"
    return f"""
        UPDATE `{table}` t SET {DELETED} = p.{DELETED}, {SYNCED} = p.{DELETED}
        FROM `{parents}` p WHERE {_is_orphan(child, parent)} AND {within}"""


def _orphaned(child: Layout, parent: Layout, dataset: str, comma: str) -> str:
    tables = f"`{dataset}.{child.stream.name}` t{comma}`{dataset}.{parent.stream.name}` p"
    return f"FROM {tables} WHERE {_is_orphan(child, parent)}"


def _is_orphan(child: Layout, parent: Layout) -> str:
    key = parent.stream.key
    return (
        f"t.{child.stream.parent} = p.{key} AND p.{key} IN UNNEST(@keys) AND p.{DELETED} IS NOT NULL "
        f"AND t.{DELETED} IS NULL AND t.{SYNCED} <= p.{DELETED}{mine(child)}{mine(parent, 'p')}"
    )


def within(layout: Layout, moments: Iterable[datetime | None]) -> str:
    """Return a condition with literal bounds that holds for the partitions of these times, and for no other row of `t`."""
    if not layout.partition:
        return EVERYWHERE
    column, given = f"t.{layout.partition}", set(moments)
    starts = sorted({start_of(moment, layout.unit) for moment in given if moment is not None})
    spans: list[tuple[datetime, datetime | None]] = []
    for start in starts:
        joined = bool(spans) and spans[-1][1] == start
        spans[-1:] = (
            [(spans[-1][0], _after(start, layout.unit))] if joined else [*spans[-1:], (start, _after(start, layout.unit))]
        )
    parts = [f"{column} >= {literal(lo)}" + (f" AND {column} < {literal(hi)}" if hi else "") for lo, hi in spans]
    parts += [f"{column} IS NULL"] if None in given else []
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def neighbours(layout: Layout, moments: Iterable[datetime | None]) -> list[datetime]:
    """Return when the partitions begin that lie next to those of these times and are none of them."""
    if not layout.partition:
        return []
    own = {start_of(moment, layout.unit) for moment in moments if moment is not None}
    beside = {near for start in own for near in (_after(start, layout.unit), _before(start, layout.unit)) if near}
    return sorted(beside - own)


def start_of(moment: datetime, unit: str) -> datetime:
    """Return when the partition of a time begins."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if unit == "MONTH" else day


def _after(start: datetime, unit: str) -> datetime | None:
    """Return when the next partition begins; None past the calendar's end."""
    days = 31 if unit == "MONTH" else 1
    return start_of(start + timedelta(days=days), unit) if start <= LAST - timedelta(days=days) else None


def _before(start: datetime, unit: str) -> datetime | None:
    """Return when the partition before begins; None before the calendar's beginning."""
    return start_of(start - timedelta(days=1), unit) if start > FIRST else None


def literal(moment: datetime) -> str:
    """Return a time as SQL writes it. BigQuery skips partitions by literals alone."""
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"


def _read(layout: Layout, *, wide: bool) -> str:
    """Select the staged columns, and parse JSON. Text that BigQuery cannot parse stays a JSON string.

    The workspace is none of them: it is that of the pass.
    """

    def read(column: Column) -> str:
        name = column.name
        if column is WORKSPACE:
            return f"@workspace AS {name}"
        if column.kind not in JSON_KINDS:
            return name
        if not wide:
            return f"PARSE_JSON({name}) AS {name}"
        return (
            f"IF({name} IS NULL, NULL, COALESCE(SAFE.PARSE_JSON({name}, wide_number_mode => 'round'), TO_JSON({name}))) AS {name}"
        )

    return ", ".join(map(read, layout.columns))
