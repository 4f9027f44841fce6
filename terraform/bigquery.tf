# Where the standalone sync writes. Its tables are the function's to make and widen: their columns derive from the product's code.

locals {
  # The datasets: the one of `sync`, or those that the workspaces name. Workspaces that name one dataset share it.
  datasets = var.sync == null ? toset([]) : toset(
    length(var.workspaces) == 0 ? [var.sync.bigquery_dataset] : [for one in values(var.workspaces) : coalesce(one.bigquery_dataset, var.sync.bigquery_dataset)]
  )

  # Who may do what there, and nobody else: without this list Google lets every viewer of the project read each table, and every
  # editor change it. BigQuery writes roles/bigquery.dataOwner, .dataEditor and .dataViewer as OWNER, WRITER and READER.
  dataset_access = var.sync == null ? [] : concat(
    [{ role = "OWNER", kind = "special_group", who = "projectOwners" }],
    [{ role = "WRITER", kind = "user", who = google_service_account.sync[0].email }],
    [for one in var.sync.bigquery_readers : {
      role = "READER"
      kind = split(":", one)[0] == "serviceAccount" ? "user" : split(":", one)[0]
      who  = startswith(one, "principal") ? one : split(":", one)[1]
    }],
  )
}

resource "google_bigquery_dataset" "this" {
  #checkov:skip=CKV_GCP_81: kms_key.bigquery sets a key of one's own; without it Google's own key, or the project's default one
  for_each = local.datasets

  project                    = var.project_id
  dataset_id                 = each.key
  location                   = var.sync.bigquery_location
  description                = "LangSmith's projects, datasets, examples, runs and feedback"
  labels                     = local.labels
  delete_contents_on_destroy = false # a destroy is refused while there are tables
  max_time_travel_hours      = "168"

  dynamic "access" {
    for_each = local.dataset_access
    content {
      role           = access.value.role
      special_group  = access.value.kind == "special_group" ? access.value.who : null
      user_by_email  = access.value.kind == "user" ? access.value.who : null
      group_by_email = access.value.kind == "group" ? access.value.who : null
      iam_member     = startswith(access.value.kind, "principal") ? access.value.who : null
    }
  }

  # Views of other datasets that read this one for people who may not. Named here, since the list above takes away what is given by hand.
  dynamic "access" {
    for_each = var.sync.bigquery_authorized_datasets
    content {
      dataset {
        target_types = ["VIEWS"]
        dataset {
          project_id = split(".", access.value)[0]
          dataset_id = split(".", access.value)[1]
        }
      }
    }
  }

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key.bigquery[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }

  depends_on = [google_project_service.this]
}

moved {
  from = google_bigquery_dataset.this[0]
  to   = google_bigquery_dataset.this["langsmith"]
}
