"""Tests of `langsmith-sync config` and of `--env-file`: which value counts, where it comes from, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import KEYS

KEY, HASH_KEY = "lsv2_sk_0123456789abcdef", "sixteen-or-more-characters"
IDENTITY = {"LANGSMITH_API_KEY": KEY, "LANGSMITH_TENANT_ID": "a-workspace"}


def shown(out: str) -> dict[str, list[str]]:
    """The cells of each key's row: value and origin, or the origin alone where there is no value."""
    rows = [re.split(r"  +", line) for line in out.splitlines() if re.match(r"[A-Z][A-Z_]+  ", line)]
    return {key: cells for key, *cells in rows}


def test_every_key_is_shown_with_its_origin(run: Callable[..., Any], tmp_path: Path) -> None:
    """A value of the file wins over the environment, a default stands where there is neither, and secrets are hidden."""
    (tmp_path / "mine.env").write_text("PAGE_SIZE=50\nexport LOCAL_DB='a file.duckdb'\nHASH_KEY=$LOCAL_DB-is-not-replaced\n")
    given = {**IDENTITY, "PAGE_SIZE": "100", "SYNC_RUNS": "no"}
    ran = run("config", "--env-file", "mine.env", environment=given)
    rows = shown(ran.out)
    assert ran.status == 0
    assert [*rows] == [key.name for key in KEYS if Face.SYNC in key.taken_by]
    assert rows["LANGSMITH_API_KEY"] == ["(set, and hidden)", "environment"]
    assert rows["HASH_KEY"] == ["(set, and hidden)", "mine.env"]
    assert rows["PAGE_SIZE"] == ["50", "mine.env"]
    assert rows["LOCAL_DB"] == ["a file.duckdb", "mine.env"]
    assert rows["SYNC_RUNS"] == ["no", "environment"]
    assert rows["MAX_SECONDS"] == ["240", "default"]
    assert rows["START_TIME"] == ["default"]
    assert KEY not in ran.out + ran.err
    assert "is-not-replaced" not in ran.out + ran.err


def test_no_file_is_read_unasked(run: Callable[..., Any], tmp_path: Path) -> None:
    """A `.env` in the folder changes nothing."""
    (tmp_path / ".env").write_text("PAGE_SIZE=50\n")
    assert shown(run("config", environment=IDENTITY).out)["PAGE_SIZE"] == ["200", "default"]


def test_a_file_that_names_an_address_gets_no_key_of_the_environment(run: Callable[..., Any], tmp_path: Path) -> None:
    """The identity keys come from one place: the environment's key and workspace are then missing."""
    (tmp_path / "other.env").write_text("LANGSMITH_BASE_URL=https://elsewhere.example.com\n")
    ran = run("config", "--env-file", "other.env", environment=IDENTITY)
    assert ran.status == 2
    assert shown(ran.out)["LANGSMITH_API_KEY"] == ["default"]
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID"]


def test_a_file_with_workspaces_gets_no_key_of_the_environment(run: Callable[..., Any], tmp_path: Path) -> None:
    """A map of workspaces in the file brings their keys: the environment's key of the same name is not used."""
    (tmp_path / "other.env").write_text(
        'WORKSPACES=\'{"team": {"LANGSMITH_TENANT_ID": "a", "LANGSMITH_BASE_URL": "https://b.example"}}\'\n'
    )
    ran = run("config", "--env-file", "other.env", environment={"LANGSMITH_API_KEY__TEAM": KEY})
    assert ran.status == 2
    assert ran.err.startswith("LANGSMITH_API_KEY__TEAM: missing.")


def test_privacy_lists_are_joined(run: Callable[..., Any], tmp_path: Path) -> None:
    """A file adds to what the environment hides, and takes nothing from it."""
    (tmp_path / "mine.env").write_text("EXCLUDE_COLUMNS=langsmith_run.inputs\n")
    ran = run("config", "--env-file", "mine.env", environment={**IDENTITY, "EXCLUDE_COLUMNS": "langsmith_run.outputs"})
    assert shown(ran.out)["EXCLUDE_COLUMNS"] == ["langsmith_run.outputs,langsmith_run.inputs", "environment and mine.env"]


def test_every_wrong_value_is_named_at_once(run: Callable[..., Any]) -> None:
    """Each message begins with its key and says what to write. A wrong value is not repeated: it may be a misplaced secret."""
    wrong = {"PAGE_SIZE": KEY, "SYNC_RUNS": "maybe", "LANGSMITH_BASE_URL": f"https://{KEY}@host"}
    ran = run("config", environment={**IDENTITY, **wrong})
    assert ran.status == 2
    assert ran.err.splitlines() == [
        "LANGSMITH_BASE_URL: write the API's address and nothing else, such as https://api.smith.langchain.com",
        "PAGE_SIZE: write a whole number above 0, 1000000 at most",
        "SYNC_RUNS: write true or false",
    ]
    assert shown(ran.out)["PAGE_SIZE"] == ["(cannot be used)", "environment"]
    assert KEY not in ran.out + ran.err


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"HASH_PATHS": "langsmith_run.inputs"}, "HASH_KEY: missing; HASH_PATHS needs a secret of 16 characters or more"),
        ({"SINK": "bigquery", "STATE_STORE": "duckdb"}, "STATE_STORE: write firestore with SINK=bigquery"),
        ({"EXCLUDE_COLUMN": "*.raw"}, "EXCLUDE_COLUMNS: the environment has 'EXCLUDE_COLUMN'"),
    ],
)
def test_values_are_checked_together(given: dict[str, str], says: str, run: Callable[..., Any]) -> None:
    """Values that are each usable, and contradict each other, are refused in the words that the function uses."""
    ran = run("config", environment={**IDENTITY, **given})
    assert ran.status == 2
    assert ran.err.startswith(says)


def test_what_another_key_implies_is_shown(run: Callable[..., Any]) -> None:
    """SINK=bigquery keeps the position in Firestore."""
    given = {**IDENTITY, "SINK": "bigquery", "GOOGLE_CLOUD_PROJECT": "acme-data"}
    assert shown(run("config", environment=given).out)["STATE_STORE"] == ["firestore", "SINK"]


def test_a_file_that_is_not_there_is_named(run: Callable[..., Any]) -> None:
    """The message names the option and the file."""
    ran = run("config", "--env-file", "none.env")
    assert (ran.status, ran.err.partition(";")[0]) == (2, "--env-file: none.env cannot be read")
