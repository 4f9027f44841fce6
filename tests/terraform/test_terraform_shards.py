"""Several instances: the queue, its pace, and who may add to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langsmith_core.settings.config import KEYS
from terraform.planning import BOTH, Plan

Planned = Callable[[dict[str, Any]], Plan]
KINDS = ("google_cloud_tasks_queue", "google_cloud_tasks_queue_iam_member", "google_service_account_iam_member")


def test_without_instances_there_is_no_queue(plan: Planned) -> None:
    """The default has none of it."""
    assert [plan(BOTH).of(kind) for kind in KINDS] == [[], [], []]


def test_the_queue_gives_out_as_many_turns_as_there_are_instances(plan: Planned) -> None:
    """It tries a task until it is done, and never faster than it may."""
    (queue,) = plan({**BOTH, "shards": {"instances": 4}}).of("google_cloud_tasks_queue")
    (rates,), (retries,) = queue["rate_limits"], queue["retry_config"]
    assert (queue["name"], rates["max_concurrent_dispatches"], rates["max_dispatches_per_second"]) == ("langsmith", "4", "5")
    assert (retries["max_attempts"], retries["min_backoff"], retries["max_backoff"]) == ("-1", "5s", "300s")


def test_the_function_may_add_tasks_and_act_as_their_account_alone(plan: Planned) -> None:
    """One role on the queue, and one on the scheduler's account, as which tasks call."""
    planned = plan({**BOTH, "shards": {"instances": 2}})
    assert [one["role"] for one in planned.of("google_cloud_tasks_queue_iam_member")] == ["roles/cloudtasks.enqueuer"]
    assert [one["role"] for one in planned.of("google_service_account_iam_member")] == ["roles/iam.serviceAccountUser"]


def test_the_function_is_told_by_keys_that_it_knows(plan: Planned) -> None:
    """It knows how many instances read, and its queue, address and account. It may have so many instances more."""
    told = {}
    for instances in (0, 4):
        (service,) = (
            one["service_config"][0]
            for one in plan({**BOTH, "shards": {"instances": instances}}).of("google_cloudfunctions2_function")
            if one["name"].endswith("-sync")
        )
        named = {name for name in service["environment_variables"] if name == "SHARDS" or name.startswith("TASKS_")}
        told[instances] = (named, str(service["max_instance_count"]))
    keys = {"SHARDS", "TASKS_ACCOUNT", "TASKS_QUEUE", "TASKS_URL"}
    assert told == {0: (set(), "2"), 4: (keys, "6")}
    assert keys <= {key.name for key in KEYS}
