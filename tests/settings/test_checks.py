"""Contradicting values, placeholders and misspelt keys. Not here: each key's own values (test_config)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from langsmith_core.errors import ConfigError
from langsmith_core.settings import config

NOW = datetime(2026, 6, 1, tzinfo=UTC)
VALID = {"LANGSMITH_API_KEY": "k", "LANGSMITH_TENANT_ID": "t"}
ID = "5f0c4dfe-93c1-4c5e-8d5e-0b6a3b2f9a10"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"PROJECTS": "a,b", "PROJECTS_EXCLUDE": "b"}, "PROJECTS_EXCLUDE: 'b' is in PROJECTS too; take it out of one of them"),
        ({"PROJECTS": ID, "PROJECTS_EXCLUDE": ID.upper()}, f"PROJECTS_EXCLUDE: '{ID}' is in PROJECTS too"),
        ({"START_TIME": "2026-06-02"}, "START_TIME: it lies in the future, so nothing would be read"),
        ({"LANGSMITH_TENANT_ID": "<workspace id>"}, "LANGSMITH_TENANT_ID: it is still the example's placeholder"),
        ({"LANGSMITH_API_KEY": "lsv2_sk_..."}, "LANGSMITH_API_KEY: it is still the example's placeholder"),
        ({"LANGSMITH_API_KEY": "your-api-key"}, "LANGSMITH_API_KEY: it is still the example's placeholder"),
        ({"EXCLUDE_COLUMN": "langsmith_run.inputs"}, "EXCLUDE_COLUMNS: the environment has 'EXCLUDE_COLUMN', which would hide"),
        ({"redact_paths": "a"}, "REDACT_PATHS: the environment has 'redact_paths', which would hide nothing"),
    ],
)
def test_what_leaves_nothing_to_read_or_to_hide_is_refused(values: Mapping[str, str], message: str) -> None:
    """Each refusal names its key and says what to do, before any request."""
    with pytest.raises(ConfigError) as refused:
        config.load({**VALID, **values}, now=NOW)
    assert str(refused.value).startswith(message)
    assert refused.value.status == 400


@pytest.mark.parametrize("name", ["PROJECT", "SYNC_RUN", "MAX_SECOND", "Page_Size"])
def test_a_name_of_the_environment_that_is_nearly_ours_is_told(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt name in the environment gives a warning only, since it may be another program's."""
    config.load({**VALID, name: "1"}, now=NOW)
    assert f"the environment has {name!r}, which is ignored" in caplog.text


@pytest.mark.parametrize("name", ["PATH", "HOME", "LANGSMITH_TRACING", "LANGSMITH_PROJECT", "PYTHONPATH", "PORT", "K_SERVICE"])
def test_other_names_of_the_environment_are_nobodys_mistake(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Names that resemble no key give no warning."""
    config.load({**VALID, name: "1"}, now=NOW)
    assert caplog.text == ""


def test_bigquery_brings_firestore() -> None:
    """SINK=bigquery alone selects Firestore. A state in DuckDB beside it is refused."""
    assert config.standalone({**VALID, "SINK": "bigquery"}).state_store == "firestore"
    with pytest.raises(ConfigError, match="STATE_STORE: write firestore"):
        config.standalone({**VALID, "SINK": "bigquery", "STATE_STORE": "duckdb"})
