"""Connect to BigQuery, or to the emulator that the environment names, as Google's own libraries do.

Here: which service to ask, and as whom. Not here: the questions.
"""

from __future__ import annotations

import os

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from langsmith_core.errors import ConfigError
from langsmith_core.settings.config import Settings

EMULATOR = "BIGQUERY_EMULATOR_HOST"
"""Its value is `host:port` or a URL."""


def emulated() -> bool:
    """Whether an emulator stands in for BigQuery."""
    return bool(os.environ.get(EMULATOR))


def connected(project: str | None) -> bigquery.Client:
    """Return a client of BigQuery, or of the emulator. Raises ConfigError where no project is known."""
    if emulated():
        host = os.environ[EMULATOR]
        address = host if "://" in host else f"http://{host}"
        nobody = AnonymousCredentials()
        return bigquery.Client(project or "emulated", nobody, client_options={"api_endpoint": address})
    try:
        return bigquery.Client(project)
    except OSError as error:  # the library raises it where no project is known
        raise ConfigError(f"GOOGLE_CLOUD_PROJECT: missing; set it to BigQuery's project ({error})") from error


def place_of(settings: Settings) -> str:
    """Return the dataset's name as messages give it."""
    return f"{settings.google_project or 'the default project'}.{settings.bigquery_dataset}"
