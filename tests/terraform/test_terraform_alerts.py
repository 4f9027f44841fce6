"""Log lines raise the alerts that they should, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import log_lines
import pytest

from product import World
from terraform.planning import BASE, BOTH, FIVETRAN, MODULE, Plan, Terraform

Planned = Callable[[dict[str, Any]], Plan]
NAMES = {"billed-bytes", "credentials-refused", "deprecation-seen", "lag", "no-successful-pass", "rejected-rows", "rows-missing"}


def _matches(text: str, line: dict[str, Any]) -> bool:
    """Return whether this filter of Cloud Logging finds a line. It reads AND, OR, brackets, and = and > on a field."""
    expression = re.sub(
        r"(\S+?)=\(([^()]*)\)", lambda m: "(" + " OR ".join(f"{m[1]}={one}" for one in m[2].split(" OR ")) + ")", text
    )
    words = re.findall(r'[()]|AND|OR|[\w.]+(?:=|>)(?:"[^"]*"|[\d.]+)', expression)
    assert "".join(words) == expression.replace(" ", ""), "the filter uses more of the language than this reads"
    return bool(eval(" ".join(_python(word, line) for word in words)))  # noqa: S307  True, False, and, or and brackets only


def _python(word: str, line: dict[str, Any]) -> str:
    if word in ("(", ")"):
        return word
    if word in ("AND", "OR"):
        return word.lower()
    path, sign, wanted = re.fullmatch(r'([\w.]+)(=|>)"?([^"]*)"?', word, re.DOTALL).groups()  # type: ignore[union-attr]  # matched above
    found: Any = line
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return "False"
    return str(str(found) == wanted if sign == "=" else float(found) > float(wanted))


def _line(service: str = "langsmith-sync", **payload: Any) -> dict[str, Any]:
    return {"resource": {"type": "cloud_run_revision", "labels": {"service_name": service}}, "jsonPayload": payload}


PASS: dict[str, Any] = {"event": "pass", "target": "sync", "status": 200, "rejected": 0, "lag_seconds": 600.5}
FAILURE: dict[str, Any] = {"event": "failure", "target": "sync", "message": "...", "rejected": 0}
GAP: dict[str, Any] = {"event": "completeness_gap", "target": "sync", "stream": "langsmith_run", "source": 5, "destination": 4}
LINES: list[tuple[dict[str, Any], set[str]]] = [
    (_line("another", **PASS), set()),
    (_line(**{**PASS, "lag_seconds": 24 * 3600.0}), {"no-successful-pass"}),
    (_line(**{**PASS, "lag_seconds": 24 * 3600 + 0.1}), {"no-successful-pass", "lag"}),
    (_line(**FAILURE, status=503), set()),
    (_line(**{**FAILURE, "status": 409, "rejected": 1}), {"rejected-rows"}),
    (_line(**GAP), {"rows-missing"}),
    (_line(event="completeness", target="sync", counted=9, unknown=0, short=1, gaps=1), set()),
    (_line(message="401 and 403 in a text"), set()),
]
"""Lines at a bound, and lines of others. COUNTED has the lines that main.py prints."""
COUNTED: dict[str, list[set[str]]] = {
    "a pass of fivetran": [{"no-successful-pass"}],
    "a pass of sync": [set(), {"no-successful-pass"}],
    "the status": [set()],
    "a setup test": [set()],
    "the key is refused": [{"credentials-refused"}],
    "the workspace is refused": [{"credentials-refused"}],
    "another pass is at work": [set()],
    "a wrong method": [set()],
    "LangSmith announces an end": [{"deprecation-seen"}, {"deprecation-seen"}, set(), {"no-successful-pass"}],
    "rows are rejected": [set(), {"no-successful-pass", "rejected-rows"}],
    "rows are rejected, then the sink fails": [{"rejected-rows"}],
    "rows are rejected, then a fault of our own": [{"rejected-rows"}],
    "a first sync that does not end": [{"no-successful-pass"}] * 24 + [{"no-successful-pass", "lag"}] * 2,
}
"""By situation, the metrics that count each of its lines with an event, in order. What a check of completeness found: none."""


def _counted(planned: Plan, line: dict[str, Any]) -> set[str]:
    metrics = {one["name"].split("/")[1]: one["filter"] for one in planned.of("google_logging_metric")}
    assert set(metrics) == NAMES
    return {name for name, text in metrics.items() if _matches(text, line)}


@pytest.mark.parametrize(("line", "counted"), LINES)
def test_a_line_is_counted_where_it_belongs(plan: Planned, line: dict[str, Any], counted: set[str]) -> None:
    """Each line is counted by these metrics and no other: at a bound, of another service, or without an event."""
    assert _counted(plan(BOTH), line) == counted


@pytest.mark.parametrize("situation", log_lines.SITUATIONS)
def test_what_is_printed_is_counted_where_it_belongs(
    plan: Planned,
    world: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    situation: str,
) -> None:
    """Each line that a real call prints is counted by these metrics and no other. The 409 of an overlapping call is not."""
    planned = plan(BOTH)
    lines = [
        (f"langsmith-{line['target']}", line) for line in log_lines.of_situation(world("dual"), monkeypatch, capsys, situation)
    ]
    counted = [_counted(planned, _line(service, **line)) for service, line in lines]
    assert [found for found, (_, line) in zip(counted, lines, strict=True) if "event" in line] == COUNTED[situation]
    assert [found for found, (_, line) in zip(counted, lines, strict=True) if found and "event" not in line] == []


def test_a_metric_tells_the_targets_apart(plan: Planned) -> None:
    """Every metric of the functions' lines has target and workspace as labels, so that one's silence shows beside the other."""
    labels = {"target": "EXTRACT(jsonPayload.target)", "workspace": "EXTRACT(jsonPayload.workspace)"}
    for one in plan(BOTH).of("google_logging_metric"):
        if one["name"] != "langsmith/billed-bytes":
            assert one["label_extractors"] == labels
            assert [label["key"] for label in one["metric_descriptor"][0]["labels"]] == sorted(labels)


def _policies(planned: Plan) -> dict[str, dict[str, Any]]:
    """Return the policies by their heading in the runbook. A policy for one target has the target behind it."""
    found = {}
    for address, one in planned.resources.items():
        if "google_monitoring_alert_policy." in address:
            (text,) = one["documentation"]
            anchor = re.search(r"docs/runbook\.md#([a-z-]+)$", text["content"])
            assert anchor, text
            found[anchor[1] + (re.search(r'no_successful_pass\["(\w+)"\]', address) or ["", ""])[1]] = one
    return found


def test_each_alert_names_its_heading_of_the_runbook(plan: Planned) -> None:
    """Each trouble has one alert that names its heading in the runbook. Silence has one for each target."""
    assert set(_policies(plan(BOTH))) == NAMES - {"no-successful-pass"} | {"no-successful-passfivetran", "no-successful-passsync"}


def test_an_alert_watches_the_metric_of_its_name(plan: Planned) -> None:
    """A policy watches the metric of its heading, and notifies the given channels."""
    channel = "projects/acme-data/notificationChannels/1"
    for name, policy in _policies(plan({**BOTH, "notification_channels": [channel]})).items():
        metric = re.sub(r"(?<=pass)(fivetran|sync)$", "", name)
        for condition in policy["conditions"]:
            asked = condition["condition_prometheus_query_language"]
            (watched,) = condition["condition_threshold"] or condition["condition_absent"] or asked
            type_of = f"langsmith/{metric}"
            named = f'metric.type="logging.googleapis.com/user/{type_of}"'
            # PromQL writes a metric's type with _ for every other sign.
            other = f"logging_googleapis_com:user_{re.sub(r'[^a-z]', '_', type_of)}_sum{{"
            assert (other in watched["query"]) if asked else (named in watched["filter"])
        assert policy["notification_channels"] == [channel]


def test_a_policy_waits_until_its_metric_is_known(plan: Planned) -> None:
    """A policy is made ten minutes after the metrics, since Google answers an earlier one with a 404."""
    wait = plan(BOTH).resources["time_sleep.metrics[0]"]
    assert (wait["create_duration"], sorted(wait["triggers"]["metrics"].split(","))) == (
        "600s",
        sorted(f"langsmith/{name}" for name in NAMES),
    )
    policies = (MODULE / "alerts.tf").read_text().split('resource "google_monitoring_alert_policy"')[1:]
    assert [one.count("depends_on = [time_sleep.metrics]") for one in policies] == [1, 1, 1]


def test_thresholds_are_the_variables(plan: Planned) -> None:
    """The alerts' thresholds are the user's hours and counts: absence, zero calls, lag and refusals."""
    planned = plan({**BOTH, "alerts": {"no_successful_pass_hours": 2, "lag_hours": 5, "refused_calls": 4}})
    policies = _policies(planned)
    absent, zero = policies["no-successful-passsync"]["conditions"]
    assert [one["duration"] for one in absent["condition_absent"]] == ["7200s"]
    (below,) = zero["condition_threshold"]
    assert (below["comparison"], below["threshold_value"]) == ("COMPARISON_LT", "1")
    assert [one["alignment_period"] for one in below["aggregations"]] == ["7200s"]
    assert 'metric.label.target="sync"' in below["filter"]
    (refused,) = policies["credentials-refused"]["conditions"][0]["condition_threshold"]
    assert (refused["comparison"], refused["threshold_value"]) == ("COMPARISON_GT", "3")
    metrics = {one["name"]: one["filter"] for one in planned.of("google_logging_metric")}
    assert _matches(metrics["langsmith/lag"], _line(**{**PASS, "lag_seconds": 18001}))
    assert not _matches(metrics["langsmith/lag"], _line(**{**PASS, "lag_seconds": 18000}))


def test_one_way_alone_is_watched_alone(plan: Planned) -> None:
    """A module without the standalone sync has no alert for its silence."""
    planned = plan({**BASE, "fivetran": BOTH["fivetran"] | {"key_from_secret_manager": False}})
    assert [name for name in _policies(planned) if name.startswith("no-")] == ["no-successful-passfivetran"]


STATEMENT: dict[str, Any] = {
    "resource": {"type": "bigquery_project", "labels": {"location": "EU", "project_id": "acme-data"}},
    "protoPayload": {
        "authenticationInfo": {"principalEmail": "langsmith-sync@acme-data.iam.gserviceaccount.com"},
        "metadata": {
            "jobChange": {
                "before": "RUNNING",
                "after": "DONE",
                "job": {"jobStats": {"queryStats": {"totalProcessedBytes": "5", "totalBilledBytes": "10485760"}}},
            },
        },
    },
}
"""A line of BigQuery's audit log about a statement that has ended, as far as the metric reads it (BigQueryAuditMetadata)."""


def _changed(line: dict[str, Any], path: str, value: str) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    return {**line, name: _changed(line[name], rest, value) if rest else value}


def test_what_bigquery_bills_the_sync_is_added_up(plan: Planned) -> None:
    """The metric takes the billed bytes of each ended statement of the sync's account, and of no other account or step."""
    metrics = {one["name"]: one for one in plan(BOTH).of("google_logging_metric")}
    billed = metrics["langsmith/billed-bytes"]
    assert _matches(billed["filter"], STATEMENT)
    other = _changed(STATEMENT, "protoPayload.authenticationInfo.principalEmail", "you@example.com")
    begun = _changed(STATEMENT, "protoPayload.metadata.jobChange.after", "RUNNING")
    assert [_matches(billed["filter"], one) for one in (other, begun)] == [False, False]
    found: Any = STATEMENT
    for name in re.fullmatch(r"EXTRACT\((.+)\)", billed["value_extractor"])[1].split("."):  # type: ignore[index]  # a match, or the test fails
        found = found[name]
    assert found == "10485760"
    assert [(one["metric_kind"], one["value_type"]) for one in billed["metric_descriptor"]] == [("DELTA", "DISTRIBUTION")]


def test_the_bills_threshold_is_the_variables(plan: Planned) -> None:
    """The alert compares a day's bytes with the user's GiB."""
    (condition,) = _policies(plan({**BOTH, "alerts": {"billed_gib_per_day": 2.5}}))["billed-bytes"]["conditions"]
    (asked,) = condition["condition_prometheus_query_language"]
    assert asked["query"].endswith("[1d])) > 2684354560")


def test_an_alert_has_a_channel_or_every_plan_says_that_nobody_hears_it(terraform: Terraform) -> None:
    """Without an address or a channel Terraform warns that nobody will hear of an alert. With either it does not."""
    emails, channels = ["data@example.com"], ["projects/acme-data/notificationChannels/1"]
    given = [{}, {"alert_emails": emails}, {"notification_channels": channels}]
    said = [terraform.plan({**FIVETRAN, **one}).said for one in given]
    assert ["Nobody will hear of an alert: give alert_emails" in one for one in said] == [True, False, False]
    assert "Nobody will hear" not in terraform.plan(BASE).said


def test_an_address_becomes_a_channel_of_every_alert(plan: Planned) -> None:
    """Each address has a channel of type email, and every policy notifies it, beside the channels that were given."""
    channel = "projects/acme-data/notificationChannels/1"
    planned = plan({**BOTH, "alert_emails": ["data@example.com"], "notification_channels": [channel]})
    (made,) = planned.of("google_monitoring_notification_channel")
    assert (made["type"], made["labels"]) == ("email", {"email_address": "data@example.com"})
    for policy in planned.of("google_monitoring_alert_policy"):
        assert policy["notification_channels"] == [channel, "channel of data@example.com"]
