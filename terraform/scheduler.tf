# When a pass begins. Cloud Scheduler never has two executions of one job: a tick that comes during a pass is delayed until that pass
# has answered (REST reference of Cloud Scheduler, `Job.schedule`). So passes longer than the interval follow one another at once while a
# backfill drains, and never overlap. Should two passes meet all the same, as when somebody calls by hand, the lease answers 409 to
# the second, which has done no harm.

resource "google_cloud_scheduler_job" "sync" {
  count = var.sync == null ? 0 : 1

  project          = var.project_id
  region           = var.region
  name             = "${var.name}-sync"
  description      = "Begins a pass of the LangSmith sync"
  schedule         = var.sync.schedule
  time_zone        = "Etc/UTC"
  paused           = var.sync.paused
  attempt_deadline = "${var.sync.timeout_seconds + 30}s" # the function ends first, so its answer is seen

  # No retries. A 409 means that another pass is at work: asking again would only storm it. Any other failure keeps its position,
  # and the next tick goes on from there.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.sync[0].url

    oidc_token {
      service_account_email = google_service_account.scheduler[0].email
      audience              = google_cloudfunctions2_function.sync[0].url
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_binding.sync]
}
