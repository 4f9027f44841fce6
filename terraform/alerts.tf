# What a person must hear of: a metric counts lines of the functions' log, a policy watches the metric. The lines are JSON:
#   event "pass":    a call that succeeded: target, status, rejected (rows that BigQuery refused), lag_seconds, ...
#   event "failure": a call that did not: target, status, message, and what it had done before: rejected, ... A 409 (another pass is
#                    at work) is nobody's business and counts nowhere.
#   event "sunset":  LangSmith announced the end of what was asked: header, value.
#   event "completeness_gap": a place where the destination stays short of LangSmith's count: stream, parent_id, day, both counts.
#   event "setup", "status", "completeness": a setup test that passed, a status that was read, what a check of completeness found.
#     None of these is a pass, and no metric counts them.
# Where there are several workspaces, each line has its `workspace`. What BigQuery bills stands in Google's own audit log.
# Each alert's text names its heading in docs/runbook.md.

locals {
  targets = merge(
    var.fivetran == null ? {} : { fivetran = google_cloudfunctions2_function.fivetran[0].name },
    var.sync == null ? {} : { sync = google_cloudfunctions2_function.sync[0].name },
  )

  # Whose silence is heard: each function's, and of several workspaces each one's.
  watched = merge(
    { for target in keys(local.targets) : target => { target = target, filter = "" } if target != "sync" || length(var.workspaces) == 0 },
    { for name in keys(local.ticks) : "sync-${name}" => { target = "sync", filter = " AND metric.label.workspace=\"${name}\"" } if length(var.workspaces) > 0 },
  )

  channels = concat(var.notification_channels, [for one in values(google_monitoring_notification_channel.email) : one.name])

  of_the_functions = join(" AND ", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.service_name=(${join(" OR ", [for service in values(local.targets) : "\"${service}\""])})",
  ])

  # What is wrong the first time it is seen (over 0), or when it is seen often.
  signals = length(local.targets) == 0 ? {} : {
    lag = {
      title    = "the newest complete look is older than ${var.alerts.lag_hours} hours"
      lines    = "jsonPayload.event=\"pass\" AND jsonPayload.lag_seconds>${var.alerts.lag_hours * 3600}"
      over     = 0
      severity = "WARNING"
      text     = "Calls succeed but do not keep up: the newest look that was finished began more than ${var.alerts.lag_hours} hours ago, or the first one did and is not finished."
    }
    rejected-rows = {
      title    = "rows were rejected"
      lines    = "jsonPayload.event=(\"pass\" OR \"failure\") AND jsonPayload.rejected>0"
      over     = 0
      severity = "ERROR"
      text     = "BigQuery could not take some rows. They are in its table langsmith_rejected, each with the reason, and not where they belong."
    }
    credentials-refused = {
      title    = "LangSmith refuses the credentials"
      lines    = "jsonPayload.event=\"failure\" AND (jsonPayload.status=401 OR jsonPayload.status=403)"
      over     = var.alerts.refused_calls - 1
      severity = "ERROR"
      text     = "LangSmith answered 401 or 403 to ${var.alerts.refused_calls} or more calls within an hour. Nothing is synced until the key works again."
    }
    rows-missing = {
      title    = "rows are missing"
      lines    = "jsonPayload.event=\"completeness_gap\""
      over     = 0
      severity = "ERROR"
      text     = "LangSmith counts more rows than BigQuery holds, also after they were read again. The log line names the project, the day and both counts, and so does the table langsmith_completeness."
    }
    deprecation-seen = {
      title    = "LangSmith announces an end"
      lines    = "jsonPayload.event=\"sunset\""
      over     = 0
      severity = "WARNING"
      text     = "An answer of LangSmith carried a Deprecation or Sunset header: what was asked will be gone."
    }
  }
}

# An alert without a channel is an incident in the console, which nobody looks at.
check "alerts_are_heard" {
  assert {
    condition     = length(local.targets) == 0 || length(var.notification_channels) + length(var.alert_emails) > 0
    error_message = "Nobody will hear of an alert: give alert_emails or notification_channels. Until then each is only an incident in Cloud Monitoring's console."
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(length(local.targets) == 0 ? [] : var.alert_emails)

  project      = var.project_id
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  user_labels  = local.labels

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "passes" {
  count = length(local.targets) == 0 ? 0 : 1

  project     = var.project_id
  name        = "${var.name}/no-successful-pass"
  description = "Calls that succeeded, by target"
  filter      = "${local.of_the_functions} AND jsonPayload.event=\"pass\" AND jsonPayload.status=200"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key = "target"
    }
    labels {
      key = "workspace"
    }
  }
  label_extractors = { target = "EXTRACT(jsonPayload.target)", workspace = "EXTRACT(jsonPayload.workspace)" }

  depends_on = [google_project_service.this]
}

# What BigQuery bills the sync's account, statement by statement, from the audit log of data access, which BigQuery always writes.
resource "google_logging_metric" "billed" {
  count = var.sync == null ? 0 : 1

  project         = var.project_id
  name            = "${var.name}/billed-bytes"
  description     = "Bytes that BigQuery bills the sync's statements"
  filter          = "resource.type=\"bigquery_project\" AND protoPayload.metadata.jobChange.after=\"DONE\" AND protoPayload.authenticationInfo.principalEmail=\"${google_service_account.sync[0].email}\""
  value_extractor = "EXTRACT(protoPayload.metadata.jobChange.job.jobStats.queryStats.totalBilledBytes)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "By"
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "signals" {
  for_each = local.signals

  project     = var.project_id
  name        = "${var.name}/${each.key}"
  description = "Lines that say: ${each.value.title}"
  filter      = "${local.of_the_functions} AND ${each.value.lines}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key = "target"
    }
    labels {
      key = "workspace"
    }
  }
  label_extractors = { target = "EXTRACT(jsonPayload.target)", workspace = "EXTRACT(jsonPayload.workspace)" }

  depends_on = [google_project_service.this]
}

# Cloud Monitoring answers 404 to a policy of a metric that is younger than some minutes, up to ten by its own words.
resource "time_sleep" "metrics" {
  count = length(local.targets) == 0 ? 0 : 1

  create_duration = "600s"
  triggers = {
    metrics = join(",", concat(
      google_logging_metric.billed[*].name, google_logging_metric.passes[*].name, values(google_logging_metric.signals)[*].name,
    ))
  }
}

resource "google_monitoring_alert_policy" "no_successful_pass" {
  for_each = local.watched

  project               = var.project_id
  display_name          = "${var.name}: no successful call of ${each.key} for ${var.alerts.no_successful_pass_hours} hours"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = local.labels

  # A counter that counts nothing may send nothing or send zeros. Each condition sees one of the two.
  conditions {
    display_name = "no line for ${var.alerts.no_successful_pass_hours} hours"
    condition_absent {
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.passes[0].name}\" AND metric.label.target=\"${each.value.target}\"${each.value.filter}"
      duration = "${var.alerts.no_successful_pass_hours * 3600}s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  conditions {
    display_name = "zero calls in ${var.alerts.no_successful_pass_hours} hours"
    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.passes[0].name}\" AND metric.label.target=\"${each.value.target}\"${each.value.filter}"
      comparison      = "COMPARISON_LT"
      threshold_value = 1
      duration        = "0s"
      aggregations {
        alignment_period     = "${var.alerts.no_successful_pass_hours * 3600}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "LangSmith sync: no successful call of ${each.key}"
    content   = "No call of ${each.key} has succeeded for ${var.alerts.no_successful_pass_hours} hours. What to do: docs/runbook.md#no-successful-pass"
  }

  depends_on = [time_sleep.metrics]
}

resource "google_monitoring_alert_policy" "signals" {
  for_each = local.signals

  project               = var.project_id
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.title
    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.signals[each.key].name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.over
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.target", "metric.label.workspace"]
      }
    }
  }

  alert_strategy {
    auto_close = "86400s" # a counter that falls silent would stay open for a week
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "LangSmith sync: ${each.value.title}"
    content   = "${each.value.text} What to do: docs/runbook.md#${each.key}"
  }

  depends_on = [time_sleep.metrics]
}

resource "google_monitoring_alert_policy" "billed_bytes" {
  count = var.sync == null ? 0 : 1

  project               = var.project_id
  display_name          = "${var.name}: BigQuery bills the sync more than ${var.alerts.billed_gib_per_day} GiB a day"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = local.labels

  # PromQL: a threshold cannot add up a distribution, and only a distribution takes a number out of a line.
  conditions {
    display_name = "more than ${var.alerts.billed_gib_per_day} GiB in 24 hours"
    condition_prometheus_query_language {
      query               = "sum(increase(logging_googleapis_com:user_${replace(google_logging_metric.billed[0].name, "/[^A-Za-z0-9]/", "_")}_sum{monitored_resource=\"bigquery_project\"}[1d])) > ${var.alerts.billed_gib_per_day * pow(1024, 3)}"
      duration            = "0s"
      evaluation_interval = "3600s"
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "LangSmith sync: BigQuery bills more than ${var.alerts.billed_gib_per_day} GiB a day"
    content   = "BigQuery billed the sync's statements more than ${var.alerts.billed_gib_per_day} GiB within 24 hours. What to do: docs/runbook.md#billed-bytes"
  }

  depends_on = [time_sleep.metrics]
}
