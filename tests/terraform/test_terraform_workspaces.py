"""Several workspaces of one function: what Terraform gives it, and who calls it for which workspace."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from langsmith_core.settings import config
from terraform.planning import BASE, BOTH, SYNC, TENANT, Plan

Planned = Callable[[dict[str, Any]], Plan]
OTHER = "7d1f5a90-3c2b-4b7e-8a66-0e9d4c1b2f35"
EU = {"LANGSMITH_BASE_URL": "https://eu.api.smith.langchain.com", "PAGE_SIZE": "500"}
MAP: dict[str, Any] = {
    "my-team": {
        "tenant_id": TENANT,
        "api_key_secret": {"name": "key-a", "version": "1"},
        "bigquery_dataset": "my_team",
        "schedule": "5 * * * *",
        "exclude_projects": ["payroll", "drafts"],
        "settings": {"PROJECTS": "checkout", "PAGE_SIZE": "100"},
    },
    "other": {"tenant_id": OTHER, "api_key_secret": {"name": "key-b", "version": "2"}},
    "other-eval": {"tenant_id": TENANT, "api_key_secret": {"name": "key-b", "version": "2"}, "paused": True},
}
SEVERAL: dict[str, Any] = {**BASE, "sync": {"bigquery_location": "EU"}, "workspaces": MAP, "settings": EU}


def _service(planned: Plan) -> dict[str, Any]:
    (function,) = planned.of("google_cloudfunctions2_function")
    return dict(function["service_config"][0])


def test_one_function_has_what_each_workspace_reads(plan: Planned) -> None:
    """WORKSPACES has each workspace's tenant, dataset and settings, with the address of all. What all share stands beside it."""
    environment = dict(_service(plan(SEVERAL))["environment_variables"])
    host = {"LANGSMITH_BASE_URL": EU["LANGSMITH_BASE_URL"]}
    assert json.loads(environment.pop("WORKSPACES")) == {
        "my-team": {
            **host,
            "BIGQUERY_DATASET": "my_team",
            "LANGSMITH_TENANT_ID": TENANT,
            "PAGE_SIZE": "100",
            "PROJECTS": "checkout",
            "PROJECTS_EXCLUDE": "payroll,drafts",
        },
        "other": {**host, "BIGQUERY_DATASET": "langsmith", "LANGSMITH_TENANT_ID": OTHER},
        "other-eval": {**host, "BIGQUERY_DATASET": "langsmith", "LANGSMITH_TENANT_ID": TENANT},
    }
    assert environment == {
        "FIRESTORE_COLLECTION": "langsmith_sync",
        "FIRESTORE_DATABASE": "langsmith-sync",
        "GOOGLE_CLOUD_PROJECT": "acme-data",
        "MAX_SECONDS": "1160",
        "PAGE_SIZE": "500",
        "SINK": "bigquery",
        "STATE_STORE": "firestore",
    }


def test_an_entry_is_configuration_that_the_product_takes(plan: Planned) -> None:
    """The product reads each entry, over what all share, as one workspace's configuration."""
    environment = dict(_service(plan(SEVERAL))["environment_variables"])
    entries = json.loads(environment.pop("WORKSPACES"))
    mine = config.load({**environment, **entries["my-team"], "LANGSMITH_API_KEY": "key", "K_SERVICE": "langsmith-sync"})
    assert (mine.tenant_id, mine.bigquery_dataset, mine.page_size) == (TENANT, "my_team", 100)
    assert mine.projects_exclude == ("payroll", "drafts")


def test_each_key_is_a_secret_of_its_own_variable(plan: Planned) -> None:
    """Each workspace's key comes from its secret, by a variable of its name. No key or name of a secret is in the map.

    The account may read each secret, once, however many workspaces it opens.
    """
    planned = plan(SEVERAL)
    service = _service(planned)
    assert {one["key"]: (one["secret"], one["version"]) for one in service["secret_environment_variables"]} == {
        "LANGSMITH_API_KEY__MY_TEAM": ("key-a", "1"),
        "LANGSMITH_API_KEY__OTHER": ("key-b", "2"),
        "LANGSMITH_API_KEY__OTHER_EVAL": ("key-b", "2"),
    }
    assert "key-" not in service["environment_variables"]["WORKSPACES"]
    read = [one["secret_id"] for one in planned.of("google_secret_manager_secret_iam_member")]
    assert read == ["key-a", "key-b"]


def test_each_workspace_has_its_tick(plan: Planned) -> None:
    """Each workspace has a job of its own, on its schedule, whose body names it and says nothing else."""
    jobs = {one["name"]: one for one in plan(SEVERAL).of("google_cloud_scheduler_job")}
    assert {name: (job["schedule"], job["paused"]) for name, job in jobs.items()} == {
        "langsmith-sync-my-team": ("5 * * * *", "false"),
        "langsmith-sync-other": ("*/15 * * * *", "false"),
        "langsmith-sync-other-eval": ("*/15 * * * *", "true"),
    }
    for name, job in jobs.items():
        (target,) = job["http_target"]
        assert json.loads(base64.b64decode(target["body"])) == {"workspace": name.removeprefix("langsmith-sync-")}
        assert (target["http_method"], target["headers"]) == ("POST", {"Content-Type": "application/json"})


def test_a_dataset_that_two_name_is_made_once(plan: Planned) -> None:
    """Each dataset that a workspace names is made, and that of `sync` where one names none."""
    assert [one["dataset_id"] for one in plan(SEVERAL).of("google_bigquery_dataset")] == ["langsmith", "my_team"]
    alone = {**SEVERAL, "workspaces": {"my-team": MAP["my-team"]}}
    assert [one["dataset_id"] for one in plan(alone).of("google_bigquery_dataset")] == ["my_team"]


def test_there_is_an_instance_for_each_and_one_for_the_status(plan: Planned) -> None:
    """All workspaces may be read at once, and the status answers meanwhile."""
    assert _service(plan(SEVERAL))["max_instance_count"] == "4"
    assert _service(plan({**SEVERAL, "sync": {"bigquery_location": "EU", "max_instances": 2}}))["max_instance_count"] == "2"


def test_the_silence_of_each_workspace_is_heard(plan: Planned) -> None:
    """Each workspace has an alert of its silence, which counts its own passes alone."""
    found = {
        address: [
            (condition["condition_absent"] or condition["condition_threshold"])[0]["filter"].split(" AND ")[2:]
            for condition in one["conditions"]
        ]
        for address, one in plan(SEVERAL).resources.items()
        if "no_successful_pass" in address
    }
    assert found == {
        f'google_monitoring_alert_policy.no_successful_pass["sync-{name}"]': [
            ['metric.label.target="sync"', f'metric.label.workspace="{name}"']
        ]
        * 2
        for name in MAP
    }


def test_fivetran_keeps_its_own_key_beside_a_map(plan: Planned) -> None:
    """Beside a map the single tenant and key are Fivetran's alone, where its key is in Secret Manager."""
    planned = plan({**BOTH, "workspaces": MAP})
    functions = {one["name"]: one["service_config"][0] for one in planned.of("google_cloudfunctions2_function")}
    fivetran, sync = functions["langsmith-fivetran"], functions["langsmith-sync"]
    assert fivetran["environment_variables"]["LANGSMITH_TENANT_ID"] == TENANT
    assert [one["key"] for one in fivetran["secret_environment_variables"]] == ["LANGSMITH_API_KEY"]
    assert "LANGSMITH_TENANT_ID" not in sync["environment_variables"]
    assert "LANGSMITH_API_KEY" not in [one["key"] for one in sync["secret_environment_variables"]]


def test_without_a_map_nothing_names_a_workspace(plan: Planned) -> None:
    """A deployment of one workspace has no map, and its tick has no body."""
    planned = plan(SYNC)
    assert "WORKSPACES" not in _service(planned)["environment_variables"]
    (job,) = planned.of("google_cloud_scheduler_job")
    assert (job["name"], job["http_target"][0].get("body")) == ("langsmith-sync", None)
