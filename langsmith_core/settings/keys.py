"""The table of configuration keys: name, default, parser, meaning. README and Terraform follow it.

Not here: what a key is (settings.key), keys of `sync` alone (settings.sync_keys), whether request or environment wins
(settings.config), or the parsers (settings.parsers, privacy.places).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langsmith_core.privacy import places
from langsmith_core.settings import parsers, sync_keys
from langsmith_core.settings.key import Face
from langsmith_core.settings.key import Key as Key  # noqa: PLC0414  callers use it from here
from langsmith_core.streams import registry

JSON_COLUMNS = ("json", "string")
OFF = "off:"
"""Before the names of tables, the field of their SYNC switch: those that are false are gathered in `Settings.off`."""
METADATA = "metadata:"
"""Before a column's name, the field of the metadata's key that it is read from: they are gathered in `Settings.metadata_keys`."""


def _meaning(tables: Sequence[str]) -> str:
    return f"Off: no rows of {' and '.join(tables)} and no requests for them"


KEYS = (
    Key(
        "LANGSMITH_API_KEY",
        "api_key",
        None,
        parsers.header,
        "The key; a service key of the workspace is best",
        required=True,
        secret=True,
    ),
    Key(
        "LANGSMITH_TENANT_ID",
        "tenant_id",
        None,
        parsers.header,
        "The workspace id; without it a personal key reads whatever workspace it was made in",
        required=True,
    ),
    Key("LANGSMITH_ORG_ID", "org_id", None, parsers.header, "Sent as X-Organization-Id where given"),
    Key(
        "LANGSMITH_BASE_URL",
        "base_url",
        "https://api.smith.langchain.com",
        parsers.base_url,
        "EU, APAC, AWS or self-hosted; https only, except loopback",
    ),
    Key(
        "PAGE_SIZE",
        "page_size",
        "200",
        parsers.count,
        "The most records per request; each endpoint's own maximum caps it (100; v2 runs: 1000). "
        "Not set: pages of runs grow past it while they are full and light",
    ),
    *(Key(one, OFF + ",".join(off), "true", parsers.boolean, _meaning(off)) for one, off in registry.SWITCHES.items()),
    *(
        Key(setting, METADATA + column, column, parsers.member, f"The key of a run's metadata that `{column}` is read from")
        for setting, column in registry.METADATA_KEYS.items()
    ),
    Key("START_TIME", "start_time", None, parsers.moment, "The oldest run start to sync; default all that LangSmith still has"),
    Key("PROJECTS", "projects", "", parsers.names, "Comma-separated names or ids; limits runs and feedback"),
    Key(
        "PROJECTS_EXCLUDE",
        "projects_exclude",
        "",
        parsers.names,
        "Comma-separated names or ids of projects that are never read; "
        "with it, feedback and queue items that name no project are left out",
    ),
    Key(
        "EXCLUDE_COLUMNS",
        "exclude_columns",
        "",
        places.columns,
        "Columns left empty, out of `raw` too, and not asked for: `langsmith_run.inputs,*.raw`",
    ),
    Key(
        "REDACT_PATHS",
        "redact_paths",
        "",
        places.paths,
        "Places replaced by `[redacted]`, in `raw` too: `langsmith_run.inputs.**.content`, the text of each message",
    ),
    Key("HASH_PATHS", "hash_paths", "", places.paths, "Places replaced by their HMAC-SHA-256, which still joins"),
    Key(
        "HASH_KEY", "hash_key", None, parsers.secret, "The key of HASH_PATHS, 16 characters or more; keep it secret", secret=True
    ),
    Key(
        "MAX_SECONDS",
        "seconds_max",
        "240",
        parsers.positive,
        "The most seconds of one call; a sync of the connector makes as many calls as it needs",
    ),
    Key(
        "MAX_RESPONSE_MB",
        "bytes_max",
        "8",
        parsers.megabytes,
        "The most megabytes of one answer, and of one row; a batch for DuckDB has at least 8, for BigQuery 32",
    ),
    *sync_keys.KEYS,
    Key(
        "JSON_COLUMNS",
        "json_columns",
        "json",
        parsers.one_of(*JSON_COLUMNS),
        "How JSON columns are declared: json, or string, digit for digit; it stays as it was at a connection's first sync",
        taken_by=(Face.CONNECTOR,),
        options=JSON_COLUMNS,
    ),
)
MAP = Key(
    "WORKSPACES",
    "",
    None,
    parsers.text,
    "Several workspaces for `sync`: JSON with a name and keys for each ([how](docs/workspaces.md)); the environment's alone",
)
"""The map of workspaces. It fills no field: settings.workspaces makes Settings of each of its entries."""
API_KEY_OF = "LANGSMITH_API_KEY__"
"""Before a workspace's name in capitals, the environment's variable with its API key."""
NAMES = frozenset(key.name for key in (*KEYS, MAP))
SECRETS = tuple(key.name for key in KEYS if key.secret)
IDENTITY = ("LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID", "LANGSMITH_BASE_URL", "LANGSMITH_ORG_ID")
"""Keys that come from one place together. A request that names one must bring the required ones; none is taken from elsewhere."""
PRIVACY_LISTS = ("PROJECTS_EXCLUDE", "EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS")
"""Privacy keys that hold lists. A request can add to the environment's list, but take nothing from it."""

HIDING = ("EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS")
"""Those that hide places of a table."""


def secrets(values: Mapping[str, Any]) -> list[str]:
    """Return the secrets among these values, as texts: also the API keys of workspaces."""
    return [str(value) for name, value in values.items() if value and (name in SECRETS or name.startswith(API_KEY_OF))]
