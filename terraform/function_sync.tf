# The standalone sync: target `sync` of main.py. POST is one bounded pass into BigQuery, GET its status.

locals {
  # What is read and where it goes: of the one workspace, or of each of several.
  sync_workspaces = length(var.workspaces) > 0 ? { WORKSPACES = jsonencode(local.workspaces) } : merge(local.identity, {
    BIGQUERY_DATASET    = try(var.sync.bigquery_dataset, null)
    LANGSMITH_TENANT_ID = var.langsmith_tenant_id
  })

  sync_environment = var.sync == null ? {} : merge(
    local.reading,
    local.shards_environment,
    local.sync_workspaces,
    var.sync.retention_days == null ? {} : { RETENTION_DAYS = tostring(var.sync.retention_days) },
    {
      FIRESTORE_COLLECTION = var.sync.firestore_collection
      FIRESTORE_DATABASE   = google_firestore_database.this[0].name
      GOOGLE_CLOUD_PROJECT = var.project_id
      MAX_SECONDS          = tostring(var.sync.max_seconds)
      SINK                 = "bigquery"
      STATE_STORE          = "firestore"
    },
  )
}

resource "google_cloudfunctions2_function" "sync" {
  #checkov:skip=CKV_GCP_124: ALLOW_ALL lets a person read the status through `gcloud run services proxy`; IAM lets the scheduler in and whom status_readers names; sync.ingress shuts it
  count = var.sync == null ? 0 : 1

  project     = var.project_id
  location    = var.region
  name        = "${var.name}-sync"
  description = "LangSmith to BigQuery: one bounded pass"
  labels      = local.labels

  build_config {
    runtime           = "python312"
    entry_point       = "sync"
    service_account   = google_service_account.build.name
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.bundle.name
        object = google_storage_bucket_object.bundle.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.sync[0].email
    ingress_settings                 = var.sync.ingress
    min_instance_count               = 0
    max_instance_request_concurrency = 1 # a pass holds a whole batch in memory

    # One for the pass of each workspace, one that answers the status meanwhile, and those that read the past. It is no danger that this one could begin a second
    # pass of a workspace: the lease in Firestore lets one pass at a time write a position, and answers the other 409 before it has asked
    # LangSmith anything. Had a pass lost its lease, it could no longer save, and its rows are upserts that the next pass repeats.
    max_instance_count = local.sync_instances

    vpc_connector                  = try(var.network.connector, null)
    vpc_connector_egress_settings  = try(var.network.egress, null)
    available_memory               = var.sync.memory
    timeout_seconds                = var.sync.timeout_seconds
    all_traffic_on_latest_revision = true
    environment_variables          = local.sync_environment

    dynamic "secret_environment_variables" {
      for_each = local.sync_secrets
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.name
        version    = secret_environment_variables.value.version
      }
    }
  }

  # Without these a first build or start fails: nothing above refers to them.
  depends_on = [
    google_bigquery_dataset.this,
    google_project_iam_member.bigquery_jobs,
    google_project_iam_member.firestore,
    google_project_service.this,
    time_sleep.grants,
  ]
}
