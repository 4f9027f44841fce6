"""The functions that Terraform deploys: their configuration, their location and their trigger."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import main
from langsmith_core.privacy.places import Place
from langsmith_core.settings import config
from langsmith_core.streams.registry import METADATA_KEYS, SWITCHES, TABLES
from terraform.planning import BASE, BOTH, CALLER, FIVETRAN, KEY, ROOT, SYNC, TENANT, Plan, Terraform

Planned = Callable[[dict[str, Any]], Plan]
KNOWN = {key.name for key in config.KEYS}
LOCAL = {"LOCAL_DB", "JSON_COLUMNS"}
"""The DuckDB file, which is not for Cloud Run: there the disk is memory. And what the connector alone takes."""
SHARDED = {"SHARDS", "TASKS_ACCOUNT", "TASKS_QUEUE", "TASKS_URL"}
"""What tasks.tf tells the function of several instances (test_terraform_shards)."""
EVERY_SETTING = dict.fromkeys(re.findall(r'"([A-Z_]+)",', (ROOT / "terraform" / "settings.tf").read_text()), "1")
EVERY_SETTING |= {"LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com", "START_TIME": "2026-01-31"}
EVERY_SETTING |= dict.fromkeys(SWITCHES, "true") | dict.fromkeys(METADATA_KEYS, "customer")
HIDDEN = {
    "exclude_projects": ["payroll", "0f9b1c7e-9d3e-4a53-8d53-6c8a1a2b3c4d"],
    "exclude_columns": ["langsmith_run.inputs", "*.metadata"],
    "redact_paths": ['langsmith_run.raw.extra["user, mail"]', "langsmith_run.outputs.messages[*].content"],
    "hash_paths": ["langsmith_example.inputs.user"],
}
PRIVACY = {"EXCLUDE_COLUMNS", "HASH_PATHS", "PROJECTS_EXCLUDE", "REDACT_PATHS"}
FULL = {**BOTH, "settings": EVERY_SETTING, "privacy": HIDDEN, "hash_key_secret": {"name": "hash-key", "version": "1"}}


def _function(plan: Plan, name: str) -> dict[str, Any]:
    return plan.resources[f"google_cloudfunctions2_function.{name}[0]"]


def _service(plan: Plan, name: str) -> dict[str, Any]:
    (service,) = _function(plan, name)["service_config"]
    return dict(service)


def _secrets(plan: Plan, name: str) -> dict[str, tuple[str, str]]:
    return {one["key"]: (one["secret"], one["version"]) for one in _service(plan, name)["secret_environment_variables"]}


@pytest.mark.parametrize("name", ["fivetran", "sync"])
def test_an_entry_point_is_a_target_of_main(plan: Planned, name: str) -> None:
    """Each function runs Python 3.12, and enters main.py at the target of its name."""
    (build,) = _function(plan(BOTH), name)["build_config"]
    assert (build["runtime"], build["entry_point"]) == ("python312", name)
    assert callable(getattr(main, build["entry_point"]))


def test_either_way_can_be_off(plan: Planned) -> None:
    """A way that is off leaves no resource. The other way is complete."""
    fivetran, sync = plan(FIVETRAN), plan(SYNC)
    assert [one["name"] for one in fivetran.of("google_cloudfunctions2_function")] == ["langsmith-fivetran"]
    assert [one["name"] for one in sync.of("google_cloudfunctions2_function")] == ["langsmith-sync"]
    for kind in ("google_bigquery_dataset", "google_firestore_database", "google_cloud_scheduler_job"):
        assert (len(fivetran.of(kind)), len(sync.of(kind))) == (0, 1), kind
    assert fivetran.outputs["sync_url"] is None
    assert sync.outputs["fivetran_form"] is None


def test_neither_way_is_nothing_to_alert_of(plan: Planned) -> None:
    """A plan with both ways off is valid, and has no function, metric or alert."""
    bare = plan(BASE)
    assert bare.of("google_cloudfunctions2_function") == []
    assert bare.of("google_logging_metric") == []
    assert bare.of("google_monitoring_alert_policy") == []
    assert "time_sleep.metrics[0]" not in bare.resources


def test_the_settings_are_the_products_keys() -> None:
    """The module has every key of the product: as a setting, in privacy, by itself, or as a secret, but for those of LOCAL."""
    given = {"FIRESTORE_DATABASE", "FIRESTORE_COLLECTION", "BIGQUERY_DATASET", "GOOGLE_CLOUD_PROJECT", "LANGSMITH_TENANT_ID"}
    given |= {"MAX_SECONDS", "RETENTION_DAYS", "SINK", "STATE_STORE"}
    secret = {"LANGSMITH_API_KEY", "HASH_KEY"}
    assert sorted([*EVERY_SETTING, *PRIVACY, *given, *secret, *LOCAL, *SHARDED]) == sorted(KNOWN)


@pytest.mark.parametrize("name", ["fivetran", "sync"])
def test_the_environment_is_configuration_that_the_product_knows(plan: Planned, name: str) -> None:
    """Each name in a function's environment is a key of config.KEYS, given once, even with everything set."""
    planned = plan(FULL)
    plain, secret = set(_service(planned, name)["environment_variables"]), set(_secrets(planned, name))
    assert plain | secret <= KNOWN
    assert plain >= PRIVACY
    assert plain & secret == set()


def test_the_standalone_environment(plan: Planned) -> None:
    """The standalone sync writes to BigQuery and keeps its cursor in the named database. Its key comes from the secret."""
    planned = plan(SYNC)
    assert _service(planned, "sync")["environment_variables"] == {
        "BIGQUERY_DATASET": "langsmith",
        "FIRESTORE_COLLECTION": "langsmith_sync",
        "FIRESTORE_DATABASE": "langsmith-sync",
        "GOOGLE_CLOUD_PROJECT": "acme-data",
        "LANGSMITH_TENANT_ID": TENANT,
        "MAX_SECONDS": "1160",
        "SINK": "bigquery",
        "STATE_STORE": "firestore",
    }
    assert _secrets(planned, "sync") == {"LANGSMITH_API_KEY": ("langsmith-key", "3")}


def test_the_product_takes_the_standalone_environment(plan: Planned) -> None:
    """config.load reads the environment that Terraform sets, with the key from the secret."""
    environment = _service(plan(SYNC), "sync")["environment_variables"]
    settings = config.load({**environment, "LANGSMITH_API_KEY": "key", "K_SERVICE": "langsmith-sync"})
    assert (settings.sink, settings.state_store, settings.tenant_id) == ("bigquery", "firestore", TENANT)
    assert (settings.bigquery_dataset, settings.google_project) == ("langsmith", "acme-data")


@pytest.mark.parametrize("name", ["fivetran", "sync"])
def test_the_product_reads_what_privacy_hides(plan: Planned, name: str) -> None:
    """The product reads each privacy list as it was written, even where a name has a comma."""
    planned = plan({**BOTH, "privacy": HIDDEN, "hash_key_secret": {"name": "hash-key", "version": "1"}})
    secrets = {"LANGSMITH_API_KEY": "key", "HASH_KEY": "0123456789abcdef"}
    settings = config.load({**_service(planned, name)["environment_variables"], **secrets})
    assert settings.projects_exclude == tuple(HIDDEN["exclude_projects"])
    metadata = [Place(stream.name, "metadata") for stream in TABLES if "metadata" in {one.name for one in stream.columns}]
    assert settings.exclude_columns == (Place("langsmith_run", "inputs"), *metadata)
    assert settings.redact_paths == (
        Place("langsmith_run", "raw", ("extra", "user, mail")),
        Place("langsmith_run", "outputs", ("messages", None, "content")),
    )
    assert settings.hash_paths == (Place("langsmith_example", "inputs", ("user",)),)


def test_fivetrans_form_brings_key_workspace_and_address_together(plan: Planned) -> None:
    """The endpoint has no key, workspace or address of its own by default. Fivetran's form must bring all three."""
    settings = {"LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com", "PAGE_SIZE": "1000"}
    planned = plan({**FIVETRAN, "settings": settings, "privacy": {"exclude_columns": ["*.raw"]}})
    assert _service(planned, "fivetran")["environment_variables"] == {
        "EXCLUDE_COLUMNS": "*.raw",
        "GOOGLE_CLOUD_PROJECT": "acme-data",
        "MAX_SECONDS": "240",
        "PAGE_SIZE": "1000",
    }
    assert _service(planned, "fivetran")["secret_environment_variables"] == []
    assert planned.outputs["fivetran_form"] == {
        "function_url": "https://langsmith-fivetran.example",
        "secrets": {
            "LANGSMITH_API_KEY": "the key",
            "LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com",
            "LANGSMITH_TENANT_ID": "the workspace's id",
        },
        "custom_payload": {},
    }


def test_with_the_key_in_secret_manager_the_form_is_empty(plan: Planned) -> None:
    """With the key in Secret Manager, the function has key, workspace and address. Fivetran stores none of them."""
    planned = plan({**BOTH, "settings": {"LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com"}})
    assert _service(planned, "fivetran")["environment_variables"] == {
        "GOOGLE_CLOUD_PROJECT": "acme-data",
        "LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com",
        "LANGSMITH_TENANT_ID": TENANT,
        "MAX_SECONDS": "240",
    }
    assert _secrets(planned, "fivetran") == {"LANGSMITH_API_KEY": ("langsmith-key", "3")}
    assert planned.outputs["fivetran_form"]["secrets"] == {}


def test_no_secret_is_a_plain_variable(plan: Planned) -> None:
    """Each function names a key by its secret's name and version only."""
    planned = plan(FULL)
    both = {"LANGSMITH_API_KEY": ("langsmith-key", "3"), "HASH_KEY": ("hash-key", "1")}
    assert (_secrets(planned, "fivetran"), _secrets(planned, "sync")) == (both, both)
    for name in ("fivetran", "sync"):
        assert not set(both) & set(_service(planned, name)["environment_variables"])


def test_instances_are_few_and_do_one_thing_at_a_time(plan: Planned) -> None:
    """One instance syncs, a second one answers the status meanwhile, and three serve Fivetran, each one call at a time.

    None runs while idle.
    """
    names = ("max_instance_count", "max_instance_request_concurrency", "min_instance_count", "timeout_seconds")
    planned = plan(BOTH)
    assert [_service(planned, "sync")[name] for name in names] == ["2", "1", "0", "1770"]
    assert [_service(planned, "fivetran")[name] for name in names] == ["3", "1", "0", "600"]


def test_the_scheduler_asks_as_its_own_account_and_never_again(plan: Planned) -> None:
    """The scheduler sends one POST with a token for the function's address.

    It waits past the function's end, and does not retry.
    """
    (job,) = plan(SYNC).of("google_cloud_scheduler_job")
    (target,) = job["http_target"]
    assert (target["http_method"], target["uri"]) == ("POST", "https://langsmith-sync.example")
    (token,) = target["oidc_token"]
    assert token == {
        "service_account_email": "langsmith-tick@acme-data.iam.gserviceaccount.com",
        "audience": "https://langsmith-sync.example",
    }
    assert (job["schedule"], job["time_zone"], job["attempt_deadline"]) == ("*/15 * * * *", "Etc/UTC", "1800s")
    assert [one["retry_count"] for one in job["retry_config"]] == ["0"]


def test_data_is_hard_to_lose(plan: Planned) -> None:
    """The database is protected, Terraform never empties the dataset, and the APIs stay on."""
    planned = plan(SYNC)
    (database,) = planned.of("google_firestore_database")
    assert (database["name"], database["type"]) == ("langsmith-sync", "FIRESTORE_NATIVE")
    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    (dataset,) = planned.of("google_bigquery_dataset")
    assert (dataset["location"], dataset["delete_contents_on_destroy"]) == ("EU", "false")
    assert {one["disable_on_destroy"] for one in planned.of("google_project_service")} == {"false"}


def test_labels_are_on_everything_that_takes_them(plan: Planned) -> None:
    """Every resource that takes labels has the module's and the user's."""
    planned = plan({**BOTH, "labels": {"team": "data"}})
    kinds = ("google_cloudfunctions2_function", "google_bigquery_dataset", "google_storage_bucket")
    labelled = [one["labels"] for kind in (*kinds, "google_artifact_registry_repository") for one in planned.of(kind)]
    labelled = [one for one in labelled if one]
    labelled += [one["user_labels"] for one in planned.of("google_monitoring_alert_policy")]
    assert len(labelled) == 2 + 1 + 1 + 1 + 8
    assert all(one == {"application": "langsmith", "team": "data"} for one in labelled)


def test_fivetran_is_the_endpoints_only_caller(plan: Planned) -> None:
    """Only Fivetran's account calls the endpoint. Only the scheduler and named readers call the standalone sync."""
    planned = plan({**BOTH, "sync": {"bigquery_location": "EU", "status_readers": ["user:a@example.com"]}})
    calls = {one["name"]: (one["role"], one["members"]) for one in planned.of("google_cloud_run_v2_service_iam_binding")}
    tick = "serviceAccount:langsmith-tick@acme-data.iam.gserviceaccount.com"
    assert calls == {
        "langsmith-fivetran": ("roles/run.invoker", [f"serviceAccount:{CALLER}"]),
        "langsmith-sync": ("roles/run.invoker", [tick, "user:a@example.com"]),
    }


def _grants(planned: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return (account, resource) by role, of every grant to one member."""
    out: dict[str, list[tuple[str, str]]] = {}
    for address, one in planned.resources.items():
        if "_iam_member." in address:
            kind = address.split(".")[0].removeprefix("google_").removesuffix("_iam_member")
            where = one.get("secret_id") or one.get("dataset_id") or "".join(c["expression"] for c in one.get("condition", []))
            account = one["member"].split(":")[1].split("@")[0]
            out.setdefault(one["role"], []).append((account, where or kind))
    return {role: sorted(grants) for role, grants in sorted(out.items())}


def test_each_account_has_the_least_that_works(plan: Planned) -> None:
    """Each account has these roles on these resources, and no others."""
    database = 'resource.name == "projects/acme-data/databases/langsmith-sync"'
    sources = 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")'
    assert _grants(plan(BOTH)) == {
        "roles/artifactregistry.writer": [("langsmith-build", "artifact_registry_repository")],
        "roles/bigquery.jobUser": [("langsmith-sync", "project")],
        "roles/datastore.user": [("langsmith-sync", database)],
        "roles/logging.logWriter": [("langsmith-build", "project")],
        "roles/secretmanager.secretAccessor": [("langsmith-fivetran", "langsmith-key"), ("langsmith-sync", "langsmith-key")],
        "roles/storage.objectViewer": [("langsmith-build", sources), ("langsmith-build", "storage_bucket")],
    }


def test_the_endpoint_alone_reads_no_secret(plan: Planned) -> None:
    """With the key in Fivetran's form, the function's account has no role at all."""
    assert {account for grants in _grants(plan(FIVETRAN)).values() for account, _ in grants} == {"langsmith-build"}


def test_nobody_is_everybody(plan: Planned) -> None:
    """No plan lets everybody in. No file of the module names everybody, except in a comment."""
    for variables in (BOTH, FIVETRAN, SYNC):
        assert not re.search(r"all(Authenticated)?Users", str(plan(variables)))
    for file in ROOT.glob("terraform/**/*.tf"):
        code = re.sub(r"#.*", "", file.read_text())
        assert not re.search(r"all(Authenticated)?Users", code), file


@pytest.mark.parametrize("example", ["fivetran-only", "standalone-only", "both", "workspaces"])
def test_an_example_is_a_plan(terraform: Terraform, example: str) -> None:
    """Each example plans as it stands, with its own variables set, so it sets only variables that exist."""
    root = ROOT / "terraform" / "examples" / example
    given = {"project_id": "acme-data", "fivetran_service_account": CALLER, "langsmith_tenant_id": KEY["langsmith_tenant_id"]}
    own = re.findall(r'^variable "(\w+)"', (root / "main.tf").read_text(), re.MULTILINE)
    planned = terraform.plan({name: value for name, value in given.items() if name in own}, root)
    ways = {one["name"] for one in planned.of("google_cloudfunctions2_function")}
    assert (
        ways
        == {
            "fivetran-only": {"langsmith-fivetran"},
            "standalone-only": {"langsmith-sync"},
            "both": {"langsmith-fivetran", "langsmith-sync"},
            "workspaces": {"langsmith-sync"},
        }[example]
    )
    assert all(value for value in planned.outputs.values())
