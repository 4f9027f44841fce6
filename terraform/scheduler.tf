# When a pass begins: one job, or one for each workspace, whose body names the workspace and nothing else.
#
# Cloud Scheduler never has two executions of one job: a tick that comes during a pass is delayed until that pass has answered (REST
# reference of Cloud Scheduler, `Job.schedule`). So passes longer than the interval follow one another at once while a backfill
# drains, and never overlap. Should two passes of a workspace meet all the same, as when somebody calls by hand, the lease answers 409
# to the second, which has done no harm.

locals {
  ticks = var.sync == null ? {} : length(var.workspaces) == 0 ? {
    sync = { name = "${var.name}-sync", schedule = var.sync.schedule, paused = var.sync.paused, body = null }
    } : { for name, one in var.workspaces : name => {
      name     = "${var.name}-sync-${name}"
      schedule = coalesce(one.schedule, var.sync.schedule)
      paused   = var.sync.paused || one.paused
      body     = base64encode(jsonencode({ workspace = name }))
  } }
}

resource "google_cloud_scheduler_job" "sync" {
  for_each = local.ticks

  project          = var.project_id
  region           = var.region
  name             = each.value.name
  description      = "Begins a pass of the LangSmith sync"
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  paused           = each.value.paused
  attempt_deadline = "${var.sync.timeout_seconds + 30}s" # the function ends first, so its answer is seen

  # No retries. A 409 means that another pass is at work: asking again would only storm it. Any other failure keeps its position,
  # and the next tick goes on from there.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.sync[0].url
    body        = each.value.body
    headers     = each.value.body == null ? {} : { "Content-Type" = "application/json" }

    oidc_token {
      service_account_email = google_service_account.scheduler[0].email
      audience              = google_cloudfunctions2_function.sync[0].url
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_binding.sync]
}

moved {
  from = google_cloud_scheduler_job.sync[0]
  to   = google_cloud_scheduler_job.sync["sync"]
}
