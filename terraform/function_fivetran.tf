# The endpoint for Fivetran: target `fivetran` of main.py. It keeps nothing: the cursor is in Fivetran's state.

locals {
  fivetran_environment = var.fivetran == null ? {} : merge(
    local.reading, # the privacy keys among it cannot be loosened by a request
    local.fivetran_key_here ? merge(local.identity, { LANGSMITH_TENANT_ID = var.langsmith_tenant_id }) : {},
    {
      GOOGLE_CLOUD_PROJECT = var.project_id # for the trace of log lines
      MAX_SECONDS          = tostring(var.fivetran.max_seconds)
    },
  )
}

resource "google_cloudfunctions2_function" "fivetran" {
  #checkov:skip=CKV_GCP_124: Fivetran calls from the internet, so ingress is ALLOW_ALL; IAM lets its service account in and nobody else
  count = var.fivetran == null ? 0 : 1

  project     = var.project_id
  location    = var.region
  name        = "${var.name}-fivetran"
  description = "LangSmith for Fivetran: one bounded call at a time"
  labels      = local.labels

  build_config {
    runtime           = "python312"
    entry_point       = "fivetran"
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
    service_account_email            = google_service_account.fivetran[0].email
    ingress_settings                 = "ALLOW_ALL"
    min_instance_count               = 0
    max_instance_count               = var.fivetran.max_instances
    max_instance_request_concurrency = 1 # a call holds a whole answer in memory
    available_memory                 = var.fivetran.memory
    timeout_seconds                  = var.fivetran.timeout_seconds
    vpc_connector                    = try(var.network.connector, null)
    vpc_connector_egress_settings    = try(var.network.egress, null)
    all_traffic_on_latest_revision   = true
    environment_variables            = local.fivetran_environment

    dynamic "secret_environment_variables" {
      for_each = local.fivetran_secrets
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
    google_project_service.this,
    time_sleep.grants,
  ]
}
