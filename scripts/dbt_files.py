"""The files of the dbt package that derive from the streams: columns, sources, and staging models. docs.py writes them.

One staging model is one line, which names its table. Not here: the models above them, which people write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.records.columns import JSON_KINDS, Column, Kind, Table
from langsmith_core.streams.registry import CHILDREN, TABLES

PREFIX = "langsmith_"
HEAD = "Written by `make docs` from langsmith_core/streams/registry.py; do not edit."
KINDS: Mapping[Kind, str] = {
    **{kind: kind.value for kind in (Kind.STRING, Kind.INTEGER, Kind.FLOAT, Kind.NUMERIC, Kind.TIMESTAMP, Kind.BOOLEAN)},
    Kind.LOWER: "string",
    **dict.fromkeys(JSON_KINDS, "json"),
}
"""Kinds by the names that macros/langsmith_dialects.sql knows."""
WATCHED = ("langsmith_project", "langsmith_run")
"""Tables whose rows change whenever LangSmith is in use: others may stay as they are for months."""
FILLED = ("langsmith_run",)
"""Tables of which older rows lack columns that the staging model can fill (macros/langsmith_fallbacks.sql)."""
STAGED = (*TABLES, COMPLETENESS)
"""The tables that are staged: those of the streams, and the verdicts of the check."""
SOURCE_RELATION = "Database and schema of the row, and its workspace where rows name one"


def columns() -> str:
    """Return the macros that know each table's columns and kinds, and which rows go with a deleted parent."""
    listed = "".join(f"    '{short(table)}': [\n{_pairs(table)}    ],\n" for table in STAGED)
    homes = "".join(
        f"    '{short(child)}': {{'table': '{parent.removeprefix(PREFIX)}', 'column': '{child.parent}'}},\n"
        for parent, children in CHILDREN.items()
        for child in children
    )
    return (
        f"{{# {HEAD} #}}\n\n"
        f"{{% macro langsmith_columns(table) %}}\n  {{{{ return({{\n{listed}  }}[table]) }}}}\n{{% endmacro %}}\n\n"
        f"{{% macro langsmith_parents() %}}\n  {{{{ return({{\n{homes}  }}) }}}}\n{{% endmacro %}}\n"
    )


def sources() -> str:
    """Return the sources, whose freshness is watched where rows change whenever LangSmith is in use."""
    head = f"""\
# {HEAD}
version: 2

sources:
  - name: langsmith
    description: What langsmith-sync or its Fivetran connection wrote
    database: "{{{{ var('langsmith_database', target.database) }}}}"
    schema: "{{{{ var('langsmith_schema', 'main' if target.type == 'duckdb' else 'langsmith') }}}}"
    config:
      loaded_at_field: "{{{{ var('langsmith_synced_column', '_synced_at') }}}}"
      freshness:
        warn_after: {{count: 24, period: hour}}
        error_after: {{count: 72, period: hour}}
    tables:
"""
    return head + "".join(line for table in STAGED for line in _source(table))


def staging() -> str:
    """Return the descriptions and tests of the staging models."""
    return f"# {HEAD}\nversion: 2\n\nmodels:\n" + "".join(line for table in STAGED for line in _staged(table))


def model(table: Table) -> str:
    """Return the staging model of a table."""
    fallbacks = ", langsmith.langsmith_run_fallbacks()" if table.name in FILLED else ""
    name = short(table)
    return (
        f"-- {HEAD}\n{{{{ config(enabled=var('langsmith_using_{name}', true)) }}}}\n\n"
        f"{{{{ langsmith.langsmith_staged('{name}'{fallbacks}) }}}}\n"
    )


def short(table: Table) -> str:
    """Return the name of a table as the package's models and switches have it."""
    return table.name.removeprefix(PREFIX)


def _pairs(table: Table) -> str:
    return "".join(f"      ['{column.name}', '{KINDS[column.kind]}'],\n" for column in table.columns)


def _source(table: Table) -> Iterator[str]:
    name = short(table)
    yield f"      - name: {name}\n        identifier: \"{{{{ var('langsmith_{name}_identifier', '{table.name}') }}}}\"\n"
    yield f"        description: {json.dumps(f'LangSmith, {table.how_read}')}\n        config:\n"
    yield f"          enabled: \"{{{{ var('langsmith_using_{name}', true) }}}}\"\n"
    if table.name not in WATCHED:
        yield "          freshness: null\n"


def _staged(table: Table) -> Iterator[str]:
    described = json.dumps(f"{table.name}: live rows, {table.how_read}")
    yield f"  - name: stg_langsmith__{short(table)}\n    description: {described}\n    data_tests:\n      - langsmith_unique:\n"
    yield f"          arguments:\n            columns: [source_relation, {table.key}]\n    columns:\n"
    yield f"      - name: source_relation\n        description: {SOURCE_RELATION}\n"
    for column in table.columns:
        yield from _column(column, is_key=column.name == table.key)
    yield "      - name: _synced_at\n        description: When the row was written, or last read, as its table tells\n"


def _column(column: Column, *, is_key: bool) -> Iterator[str]:
    yield f"      - name: {column.name}\n        description: {json.dumps(column.description, ensure_ascii=False)}\n"
    if is_key:
        yield "        data_tests: [not_null]\n"


FILES: Mapping[str, Callable[[], str]] = {
    "dbt/macros/langsmith_columns.sql": columns,
    "dbt/models/staging/src_langsmith.yml": sources,
    "dbt/models/staging/stg_langsmith.yml": staging,
    **{f"dbt/models/staging/stg_langsmith__{short(table)}.sql": partial(model, table) for table in STAGED},
}
"""Files of the package that are written whole."""
