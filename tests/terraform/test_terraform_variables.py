"""Terraform refuses wrong values before it makes anything, and says what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langsmith_core.destinations.bigquery.sink import WRITE_SECONDS
from langsmith_core.langsmith import client, reading, transport
from langsmith_core.privacy import places
from langsmith_core.privacy.places import Place
from langsmith_core.streams.registry import SWITCHES, TABLES
from terraform.planning import BASE, BOTH, CALLER, FIVETRAN, KEY, MODULE, SYNC, TENANT, RefusedError, Terraform

ONE_REQUEST = transport.CONNECT_SECONDS + client.READ_SECONDS + reading.SECONDS_MAX + client.READ_SECONDS
"""The longest request, in seconds: connect, first byte, the body without its last part, and the last part."""
WRITING = int(WRITE_SECONDS)
"""The most seconds that writing goes on after a call's own time."""


def _fivetran(**given: Any) -> dict[str, Any]:
    return {**BASE, "fivetran": {"service_account": CALLER, **given}}


def _sync(**given: Any) -> dict[str, Any]:
    return {**SYNC, "sync": {"bigquery_location": "EU", **given}}


ENTRY: dict[str, Any] = {"tenant_id": TENANT, "api_key_secret": {"name": "langsmith-key", "version": "1"}}
"""An entry of workspaces."""
SEVERAL: dict[str, Any] = {**BASE, "sync": {"bigquery_location": "EU"}}
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    # Terraform reports all wrong values at once, so one plan tests many.
    "names and places": (
        {
            "project_id": "123456789012",
            "region": "EU",
            "name": "a-name-that-is-far-too-long",
            "labels": {"Team": "data"},
            "notification_channels": ["me@example.com"],
            "langsmith_tenant_id": "my workspace",
        },
        [
            "project_id: the project's id, such as acme-data-1234",
            "region: a region such as europe-west1",
            "name: 4 to 20 lower-case letters",
            "labels: lower-case letters",
            "notification_channels: projects/PROJECT/notificationChannels/NUMBER",
            "langsmith_tenant_id: the workspace's id, a UUID",
        ],
    ),
    "secrets": (
        {
            **BASE,
            "api_key_secret": {"name": "projects/1/secrets/a", "version": "latest"},
            "hash_key_secret": {"name": "lsv2 key", "version": "0"},
        },
        [
            "api_key_secret.name: the secret's short name",
            "api_key_secret.version: a version's number",
            "hash_key_secret.name: the secret's short name",
            "hash_key_secret.version: a version's number",
        ],
    ),
    "a secret among the settings": (
        {**BASE, "settings": {"LANGSMITH_API_KEY": "lsv2_sk_1", "LANGSMITH_BASE_URL": "http://a.example"}},
        [
            "settings: keys may be BIGQUERY_MAX_GB, CHECK_COMPLETENESS, LANGSMITH_BASE_URL",
            "settings.LANGSMITH_BASE_URL: an https",
        ],
    ),
    "a misspelt setting": ({**BASE, "settings": {"PAGESIZE": "1"}}, ["PAGE_SIZE, PROJECTS, START_TIME"]),
    "privacy among the settings": (
        {**BASE, "settings": {"EXCLUDE_COLUMNS": "*.raw"}},
        ["What must not leave LangSmith goes into `privacy`"],
    ),
    "what privacy cannot name": (
        {
            **BASE,
            "privacy": {
                "exclude_projects": ["one, two"],
                "exclude_columns": ["raw"],
                "redact_paths": ["langsmith_runs.inputs"],
                "hash_paths": ["langsmith_run.inputs.a b"],
            },
        },
        [
            "privacy.exclude_projects: a project's name or id each",
            "privacy.exclude_columns: table.column each, such as langsmith_run.inputs or *.raw",
            "privacy.redact_paths, privacy.hash_paths: table.column, then .member",
            "privacy.hash_paths: give hash_key_secret beside it",
        ],
    ),
    "settings that the product would refuse": (
        {
            **BASE,
            "settings": {"PAGE_SIZE": "0", "MAX_RESPONSE_MB": "-8", "SYNC_RUNS": "on", "START_TIME": "last week"},
            "privacy": {"exclude_columns": ["langsmith_run.run_id"]},
        },
        [
            "settings.PAGE_SIZE: a whole number above 0",
            "settings.MAX_RESPONSE_MB: a number above 0",
            f"settings.{', '.join(sorted(SWITCHES))}: true or false",
            "settings.START_TIME: a date or time such as 2026-01-31",
            "privacy.exclude_columns: keys, parents' ids and the times by which rows are read cannot be left out",
        ],
    ),
    "words for numbers": (
        {**BASE, "settings": {"PAGE_SIZE": "many", "MAX_RESPONSE_MB": "eight"}, "privacy": {"exclude_columns": ["*.project_id"]}},
        ["settings.PAGE_SIZE", "settings.MAX_RESPONSE_MB", "privacy.exclude_columns: keys, parents' ids"],
    ),
    "a schedule of other signs": (_sync(schedule="*/15 * * * ?"), ["sync.schedule: five fields of cron"]),
    "alerts": (
        {**FIVETRAN, "alerts": {"no_successful_pass_hours": 24, "lag_hours": 0, "refused_calls": 0}},
        [
            "alerts.no_successful_pass_hours: a whole number of hours from 1 to 23",
            "alerts.lag_hours: a positive number of hours",
            "alerts.refused_calls: a whole number, 1 or more",
        ],
    ),
    "parts of an hour, of a call": (
        {**FIVETRAN, "alerts": {"no_successful_pass_hours": 1.5, "refused_calls": 1.5}},
        ["alerts.no_successful_pass_hours: a whole number of hours", "alerts.refused_calls: a whole number"],
    ),
    "the endpoint": (
        _fivetran(
            service_account="serviceAccount:a@b.iam.gserviceaccount.com",
            key_from_secret_manager=True,
            max_seconds=3600,
            timeout_seconds=3700,
            memory="64Mi",
            max_instances=100,
        ),
        [
            "fivetran.service_account: an account's address without a prefix",
            "fivetran.key_from_secret_manager: give api_key_secret and langsmith_tenant_id",
            "(one request of LangSmith may begin at the last moment, and takes at most 10 seconds to connect",
            "fivetran.memory: 512Mi, 1Gi, 2Gi or 4Gi",
            "fivetran.max_instances: a whole number from 1 to 10",
        ],
    ),
    "an endpoint for everybody, ended too soon": (
        _fivetran(service_account="allUsers", max_seconds=240, timeout_seconds=240 + ONE_REQUEST - 1),
        ["fivetran.service_account: an account's address without", "fivetran.timeout_seconds: at least max_seconds + 310"],
    ),
    "no key": ({**BASE, "sync": {"bigquery_location": "EU"}}, ["sync: give api_key_secret and langsmith_tenant_id beside it"]),
    "the standalone sync": (
        _sync(
            bigquery_location="eu",
            bigquery_dataset="lang-smith",
            firestore_database="(default)",
            firestore_collection="a/b",
            schedule="hourly",
            max_seconds=1400,
            timeout_seconds=1790,
            memory="1GB",
            max_instances=3,
            bigquery_authorized_datasets=["reports"],
            retention_days=0,
            ingress="ALL",
            status_readers=["allUsers"],
        ),
        [
            "sync.bigquery_location: EU, US or a region",
            "sync.bigquery_dataset: letters, digits and _ only",
            "sync.firestore_database: 4 to 63 lower-case letters",
            "sync.firestore_collection: letters, digits and _ only",
            "sync.schedule: five fields of cron",
            "and at most 1770: Cloud Scheduler waits 30 minutes",
            "sync.memory: 512Mi, 1Gi, 2Gi or 4Gi",
            "sync.max_instances: a whole number from 1 to one more than there are workspaces",
            "sync.bigquery_authorized_datasets: PROJECT.DATASET each",
            "sync.retention_days: a whole number of days from 1 to 36500",
            "sync.ingress: ALLOW_ALL (IAM decides alone)",
            "sync.status_readers, sync.bigquery_readers: user:..., group:... or serviceAccount:...; never everybody",
        ],
    ),
    "addresses, keys and ways": (
        {
            **BASE,
            "alert_emails": ["data team"],
            "alerts": {"billed_gib_per_day": 0},
            "kms_key": {"bigquery": "projects/a/locations/eu/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"},
            "log_retention_days": 0,
            "network": {"connector": "connector", "egress": "all"},
        },
        [
            "alert_emails: an address each",
            "alerts.billed_gib_per_day: a positive number",
            "kms_key.bigquery, kms_key.firestore: projects/PROJECT",
            "log_retention_days: a whole number of days from 1 to 3650",
            "network.connector: projects/PROJECT",
            "network.egress: PRIVATE_RANGES_ONLY or ALL_TRAFFIC",
        ],
    ),
    "days in parts": ({**BASE, "log_retention_days": 1.5}, ["log_retention_days: a whole number of days from 1 to 3650"]),
    "workspaces without a sync": ({**BASE, "workspaces": {"a": ENTRY}}, ["workspaces: give sync beside them"]),
    "workspaces beside the one": (
        {**SYNC, "workspaces": {"a": ENTRY}},
        ["workspaces: leave out langsmith_tenant_id and api_key"],
    ),
    "one workspace twice": (
        {**SEVERAL, "workspaces": {"a": ENTRY, "b": ENTRY | {"tenant_id": TENANT.upper()}}},
        ["workspaces: two entries name one workspace and one dataset"],
    ),
    "entries of workspaces": (
        {
            **SEVERAL,
            "workspaces": {
                "My_Team": {
                    "tenant_id": "mine",
                    "api_key_secret": {"name": "lsv2 key", "version": "latest"},
                    "bigquery_dataset": "my-team",
                    "schedule": "hourly",
                    "exclude_projects": ["one, two"],
                    "settings": {"LANGSMITH_API_KEY": "lsv2_sk_1"},
                }
            },
        },
        [
            "workspaces: a name is a lower-case letter",
            "workspaces.tenant_id: the workspace's id, a UUID",
            "workspaces.api_key_secret: the secret's short name",
            "workspaces.bigquery_dataset: letters, digits and _ only",
            "workspaces.schedule: five fields of cron",
            "workspaces.exclude_projects: a project's name or id each",
            "workspaces.settings: keys may be BIGQUERY_MAX_GB",
        ],
    ),
    "a sync ended too soon, read by nobody in particular": (
        _sync(max_seconds=480, timeout_seconds=480 + ONE_REQUEST + WRITING - 1, bigquery_readers=["you@example.com"]),
        ["sync.timeout_seconds: at least max_seconds + 610", "sync.bigquery_readers: user:..., group:... or serviceAccount:..."],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_value_is_refused_with_what_would_be_right(terraform: Terraform, case: str) -> None:
    """A plan with wrong values fails.

    Each message names a variable and says what would be right, and there is no other message.
    """
    variables, messages = REFUSED[case]
    refusal = terraform.refusal(variables)
    assert [message for message in messages if message not in refusal] == []
    assert len(set(re.findall(r"validation rule at (variables\.tf:\d+)", refusal))) == len(messages)


def test_bounds_may_be_reached(terraform: Terraform) -> None:
    """The module takes the values at its bounds: the least slack, the longest pass, the longest name."""
    terraform.plan(_fivetran(max_seconds=240, timeout_seconds=240 + ONE_REQUEST, max_instances=10, memory="512Mi"))
    terraform.plan(_sync(max_seconds=1770 - ONE_REQUEST - WRITING, timeout_seconds=1770, schedule="0 3 * * 1-5"))
    settings = {"PAGE_SIZE": "1000", "MAX_RESPONSE_MB": "0.5", "SYNC_RUNS": "False", "START_TIME": "2026-01-31T00:00:00Z"}
    terraform.plan({**BASE, "settings": settings, "privacy": {"exclude_columns": ["*.raw", "langsmith_feedback.run_id"]}})
    terraform.plan({**BOTH, "name": "a2345678901234567890", "alerts": {"no_successful_pass_hours": 23, "lag_hours": 0.5}})
    terraform.plan(
        {**BASE, **KEY, "sync": {"bigquery_location": "europe-west1", "max_instances": 2, "ingress": "ALLOW_INTERNAL_ONLY"}}
    )


WRITTEN = [
    *(f"{stream.name}.{column.name}" for stream in TABLES for column in stream.columns),
    "*.raw",
    *(
        "langsmith_run.inputs" + path
        for path in (".a", ".*", "[*]", "[10]", '["a, b"]', '[""]', '.a.b[0]["c"].*', ".a-b", '["a\\"b"]')
    ),
    *("langsmith_run.inputs" + path for path in (".", "..a", ".a b", "[a]", "[-1]", '["a"', ".a]", "[]")),
    *(
        "inputs",
        "langsmith_runs.inputs",
        "langsmith_run",
        "LANGSMITH_RUN.inputs",
        "langsmith_run.inputs,langsmith_run.outputs",
        "",
    ),
]


def _product_takes(parse: Callable[[str], tuple[Place, ...]], text: str) -> bool:
    try:
        return len(parse(text)) > 0 and "," not in re.sub(r'"[^"]*"', "", text)
    except ValueError as error:
        return "is not a place" not in str(error) and "is not a column" not in str(error)


def _module_takes(terraform: Terraform, lists: dict[str, list[str]]) -> bool:
    try:
        terraform.plan({**BASE, "privacy": lists})
    except RefusedError as error:
        if "privacy.redact_paths" not in str(error):
            raise
        return False
    return True


def test_the_module_takes_the_paths_that_the_product_takes(terraform: Terraform) -> None:
    """The module takes every path that the product reads, and refuses every other one."""
    taken = [text for text in WRITTEN if _product_takes(places.paths, text)]
    refused = [text for text in WRITTEN if text not in taken]
    assert len(refused) == 14
    assert _module_takes(terraform, {"redact_paths": taken})
    assert [text for text in refused if _module_takes(terraform, {"redact_paths": [text]})] == []


def _may_be_left_out(column: str) -> bool:
    try:
        return len(places.columns(column)) == 1
    except ValueError:
        return False


def test_the_columns_that_cannot_be_left_out_are_the_products() -> None:
    """The module refuses to exclude the columns that the product refuses to exclude."""
    columns = [f"{stream.name}.{column.name}" for stream in TABLES for column in stream.columns]
    refused = [one for one in columns if not _may_be_left_out(one)]
    (listed,) = re.findall(r"kept_columns = \[\n(.*?)\n  \]", (MODULE / "streams.tf").read_text(), re.DOTALL)
    assert sorted(re.findall(r'"(.+)"', listed)) == sorted(refused)


def test_an_argument_that_the_provider_lacks_is_refused(terraform: Terraform, tmp_path: Path) -> None:
    """A misspelt argument, or a missing one, ends a plan with the stand-in."""
    head = 'terraform {\n  required_providers {\n    google = { source = "hashicorp/google" }\n  }\n}\n'
    (tmp_path / "main.tf").write_text(head + 'resource "google_service_account" "one" {\n  acount_id = "a"\n}\n')
    with pytest.raises(RefusedError, match=r"Missing required argument.*account_id|Unsupported argument.*acount_id"):
        terraform.plan({}, tmp_path)
