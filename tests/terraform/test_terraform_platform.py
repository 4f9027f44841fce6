"""What a platform engineer asks of a deployment: who may read, which keys, which way out, how long a log is kept, what waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from terraform.planning import BOTH, FIVETRAN, MODULE, SYNC, Plan

Planned = Callable[[dict[str, Any]], Plan]
RING = "projects/acme-keys/locations/eu/keyRings/data/cryptoKeys/"
CONNECTOR = "projects/acme-data/locations/europe-west1/connectors/private"


def _entries(planned: Plan) -> list[dict[str, Any]]:
    """Return who may do what in the dataset, without empty parts."""
    (dataset,) = planned.of("google_bigquery_dataset")
    return [{name: value for name, value in one.items() if value} for one in dataset["access"]]


def test_only_those_who_are_named_may_read_the_tables(plan: Planned) -> None:
    """The dataset names all who have access: owners of the project, and the sync. Its viewers and editors have none."""
    sync = {"role": "WRITER", "user_by_email": "langsmith-sync@acme-data.iam.gserviceaccount.com"}
    assert _entries(plan(SYNC)) == [{"role": "OWNER", "special_group": "projectOwners"}, sync]
    assert not re.search(r"^resource \"google_bigquery_dataset_(access|iam_\w+)\"", _module(), re.MULTILINE)


def test_readers_of_every_kind_have_access(plan: Planned) -> None:
    """Groups, people, accounts and foreign identities are readers, and views of a dataset that is named read for others."""
    readers = ["group:analysts@example.com", "user:you@example.com", "serviceAccount:bi@acme-data.iam.gserviceaccount.com"]
    foreign = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"
    given = {
        "bigquery_location": "EU",
        "bigquery_readers": [*readers, foreign],
        "bigquery_authorized_datasets": ["acme-data.reports"],
    }
    assert _entries(plan({**SYNC, "sync": given}))[2:] == [
        {"role": "READER", "group_by_email": "analysts@example.com"},
        {"role": "READER", "user_by_email": "you@example.com"},
        {"role": "READER", "user_by_email": "bi@acme-data.iam.gserviceaccount.com"},
        {"role": "READER", "iam_member": foreign},
        {"dataset": [{"dataset": [{"project_id": "acme-data", "dataset_id": "reports"}], "target_types": ["VIEWS"]}]},
    ]


def test_rows_and_position_may_have_keys_of_ones_own(plan: Planned) -> None:
    """The dataset and the database have the keys that were given, and Google's without."""
    planned = plan({**SYNC, "kms_key": {"bigquery": f"{RING}rows", "firestore": f"{RING}position"}})
    (dataset,), (database,) = planned.of("google_bigquery_dataset"), planned.of("google_firestore_database")
    assert dataset["default_encryption_configuration"] == [{"kms_key_name": f"{RING}rows"}]
    assert database["cmek_config"] == [{"kms_key_name": f"{RING}position"}]
    planned = plan(SYNC)
    (dataset,), (database,) = planned.of("google_bigquery_dataset"), planned.of("google_firestore_database")
    assert (dataset["default_encryption_configuration"], database["cmek_config"]) == ([], [])


def test_rows_are_kept_for_ever_or_for_some_days(plan: Planned) -> None:
    """The function is told for how many days rows are kept. By default it is told nothing, and keeps them."""
    planned = plan({**SYNC, "sync": {"bigquery_location": "EU", "retention_days": 400}})
    (function,) = planned.of("google_cloudfunctions2_function")
    assert function["service_config"][0]["environment_variables"]["RETENTION_DAYS"] == "400"
    (function,) = plan(SYNC).of("google_cloudfunctions2_function")
    assert "RETENTION_DAYS" not in function["service_config"][0]["environment_variables"]


def test_the_database_is_of_the_standard_edition(plan: Planned) -> None:
    """The position's database takes Firestore's own requests, which one with MongoDB's API does not."""
    (database,) = plan(SYNC).of("google_firestore_database")
    assert (database["database_edition"], database["type"]) == ("STANDARD", "FIRESTORE_NATIVE")


def test_both_functions_may_go_out_by_a_network(plan: Planned) -> None:
    """With a network, both functions go through its connector, and its API is on. Without one, they go straight out."""
    planned = plan({**BOTH, "network": {"connector": CONNECTOR, "egress": "ALL_TRAFFIC"}})
    ways = [one["service_config"][0] for one in planned.of("google_cloudfunctions2_function")]
    assert [(one["vpc_connector"], one["vpc_connector_egress_settings"]) for one in ways] == [(CONNECTOR, "ALL_TRAFFIC")] * 2
    assert "vpcaccess.googleapis.com" in {one["service"] for one in planned.of("google_project_service")}
    ways = [one["service_config"][0] for one in plan(BOTH).of("google_cloudfunctions2_function")]
    assert ["vpc_connector" in one for one in ways] == [False, False]


def test_the_log_may_be_kept_longer(plan: Planned) -> None:
    """With days to keep, the functions' lines and no others go into a bucket with that retention. Without, there is no bucket."""
    planned = plan({**BOTH, "log_retention_days": 400})
    (bucket,), (sink,) = planned.of("google_logging_project_bucket_config"), planned.of("google_logging_project_sink")
    assert (bucket["retention_days"], bucket["location"], bucket["bucket_id"]) == ("400", "europe-west1", "langsmith-log")
    assert sink["destination"] == "logging.googleapis.com/projects/acme-data/locations/europe-west1/buckets/langsmith-log"
    assert sink["filter"] == (
        'resource.type="cloud_run_revision" AND resource.labels.service_name=("langsmith-fivetran" OR "langsmith-sync")'
    )
    assert plan(BOTH).of("google_logging_project_sink") == []


def _module() -> str:
    return "\n".join(file.read_text() for file in sorted(MODULE.glob("*.tf")))


@pytest.mark.parametrize("function", ["fivetran", "sync"])
def test_a_build_waits_until_its_grants_have_arrived(plan: Planned, function: str) -> None:
    """Ninety seconds lie between the grants of builder and secrets and a function's first build. A new secret waits anew."""
    wait = plan(BOTH)
    sleep = wait.resources["time_sleep.grants"]
    assert (sleep["create_duration"], sleep["triggers"]) == (
        "90s",
        {"builder": "langsmith-build@acme-data.iam.gserviceaccount.com", "secrets": "langsmith-key"},
    )
    assert plan(FIVETRAN).resources["time_sleep.grants"]["triggers"]["secrets"] == ""
    body = _module().split(f'resource "google_cloudfunctions2_function" "{function}"')[1].partition("\n}\n")[0]
    assert "time_sleep.grants," in body.partition("depends_on")[2]
    grants = _module().split('resource "time_sleep" "grants"')[1].partition("\n}\n")[0].partition("depends_on")[2]
    given = re.findall(r'^resource "(google_\w+_iam_member)" "(build_\w+|\w+)"', _module(), re.MULTILINE)
    expected = [f"{kind}.{name}," for kind, name in given if name.startswith("build_") or "secret" in kind]
    assert len(expected) == 7
    assert [one for one in expected if one not in grants] == []
