# Who may do what: one account for each function, one for the scheduler, one for the builder, each with the least that works.
# Access to secrets is in secrets.tf. Nobody here is allUsers or allAuthenticatedUsers.

resource "google_service_account" "fivetran" {
  count = var.fivetran == null ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-fivetran"
  display_name = "LangSmith sync: the endpoint for Fivetran"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "sync" {
  count = var.sync == null ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-sync"
  display_name = "LangSmith sync: LangSmith to BigQuery"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "scheduler" {
  count = var.sync == null ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-tick"
  display_name = "LangSmith sync: begins a pass"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "${var.name}-build"
  display_name = "LangSmith sync: builds the functions' images"

  depends_on = [google_project_service.this]
}

# --- who may call. A binding, not a member: whoever else was given the role on the service by hand loses it again.

resource "google_cloud_run_v2_service_iam_binding" "fivetran" {
  count = var.fivetran == null ? 0 : 1

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.fivetran[0].name # the function's service has its name
  role     = "roles/run.invoker"
  members  = ["serviceAccount:${var.fivetran.service_account}"]
}

resource "google_cloud_run_v2_service_iam_binding" "sync" {
  count = var.sync == null ? 0 : 1

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.sync[0].name
  role     = "roles/run.invoker"
  members  = concat([google_service_account.scheduler[0].member], var.sync.status_readers)
}

# `gcloud run services proxy` asks for the service before it calls it.
resource "google_cloud_run_v2_service_iam_member" "status_readers" {
  for_each = toset(var.sync == null ? [] : var.sync.status_readers)

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.sync[0].name
  role     = "roles/run.viewer"
  member   = each.key
}

# --- what the standalone function may touch, beside its datasets (bigquery.tf); the endpoint for Fivetran touches nothing of Google's
# but its secrets

resource "google_project_iam_member" "bigquery_jobs" {
  count = var.sync == null ? 0 : 1

  project = var.project_id
  role    = "roles/bigquery.jobUser" # jobs belong to a project: there is no lower level
  member  = google_service_account.sync[0].member
}

resource "google_project_iam_member" "firestore" {
  count = var.sync == null ? 0 : 1

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.sync[0].member

  condition {
    title       = "only-${var.sync.firestore_database}"
    description = "The cursor's database, none of the project's others"
    expression  = "resource.name == \"projects/${var.project_id}/databases/${var.sync.firestore_database}\""
  }
}

# --- what a build needs: the source, a place for the image, and its log

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title       = "only-sources-of-functions"
    description = "Cloud Functions copies the bundle into a bucket of its own, and the build reads it there"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_storage_bucket_iam_member" "build_bundle" {
  bucket = google_storage_bucket.bundle.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_images" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

# A grant takes up to some minutes to arrive (IAM's own word: two as a rule, seven or more at times), and a build or an instance that
# begins before it fails. The first ones wait; a new secret or another builder waits anew.
resource "time_sleep" "grants" {
  create_duration = "90s"
  triggers = {
    builder = google_service_account.build.email
    secrets = join(",", sort(distinct([for one in values(local.secrets) : one.name])))
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_images,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
    google_secret_manager_secret_iam_member.fivetran,
    google_secret_manager_secret_iam_member.sync,
    google_secret_manager_secret_iam_member.workspaces,
    google_storage_bucket_iam_member.build_bundle,
  ]
}
