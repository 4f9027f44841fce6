# Several instances that read a long past at once: the queue that gives out their turns, and who may add to it (docs/scale.md).
# Tasks call the function as the scheduler does, by the same account.

locals {
  sharded = var.sync != null && var.shards.instances > 0

  # The shards run beside the scheduled pass of each workspace, and the status is read meanwhile.
  sync_instances = var.sync == null ? 0 : coalesce(
    var.sync.max_instances, max(1, length(var.workspaces)) + 1 + (local.sharded ? var.shards.instances : 0),
  )

  # What the function is told. Its own address is written out: a function cannot refer to itself.
  shards_environment = !local.sharded ? {} : {
    SHARDS        = tostring(var.shards.instances)
    TASKS_ACCOUNT = google_service_account.scheduler[0].email
    TASKS_QUEUE   = "projects/${var.project_id}/locations/${var.region}/queues/${var.shards.queue}"
    TASKS_URL     = "https://${var.region}-${var.project_id}.cloudfunctions.net/${var.name}-sync"
  }
}

resource "google_project_service" "tasks" {
  count = local.sharded ? 1 : 0

  project            = var.project_id
  service            = "cloudtasks.googleapis.com"
  disable_on_destroy = false
}

resource "google_cloud_tasks_queue" "shards" {
  count = local.sharded ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = var.shards.queue

  rate_limits {
    max_concurrent_dispatches = var.shards.instances
    max_dispatches_per_second = var.shards.dispatches_per_second
  }

  # A task is tried until it is done: its turn may find LangSmith failing, or another turn of its shard at work (409).
  retry_config {
    max_attempts  = -1
    min_backoff   = "5s"
    max_backoff   = "300s"
    max_doublings = 5
  }

  depends_on = [google_project_service.tasks]
}

resource "google_cloud_tasks_queue_iam_member" "sync" {
  count = local.sharded ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = google_cloud_tasks_queue.shards[0].name
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.sync[0].member
}

# Who adds a task that calls as an account must be allowed to act as it.
resource "google_service_account_iam_member" "sync_acts_as_scheduler" {
  count = local.sharded ? 1 : 0

  service_account_id = google_service_account.scheduler[0].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.sync[0].member
}
