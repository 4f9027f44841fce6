# How long the functions' log is kept. Google's default bucket keeps it 30 days, and other lines of the project lie there too; with
# log_retention_days the lines of these functions also go into a bucket of their own. They hold no payload and no key.

resource "google_logging_project_bucket_config" "this" {
  count = var.log_retention_days == null || length(local.targets) == 0 ? 0 : 1

  project        = var.project_id
  location       = var.region
  bucket_id      = "${var.name}-log"
  description    = "Lines of the LangSmith sync's functions"
  retention_days = var.log_retention_days

  depends_on = [google_project_service.this]
}

resource "google_logging_project_sink" "this" {
  count = length(google_logging_project_bucket_config.this)

  project                = var.project_id
  name                   = "${var.name}-log"
  description            = "Into the bucket with a retention of its own"
  destination            = "logging.googleapis.com/projects/${var.project_id}/locations/${var.region}/buckets/${google_logging_project_bucket_config.this[0].bucket_id}"
  filter                 = local.of_the_functions
  unique_writer_identity = true # to a bucket of the same project it needs no grant
}
