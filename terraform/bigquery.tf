# Where the standalone sync writes. Its tables are the function's to make and widen: their columns derive from the product's code.

resource "google_bigquery_dataset" "this" {
  #checkov:skip=CKV_GCP_81: Google's own key; a key of one's own belongs to the project's default, which this would override
  count = var.sync == null ? 0 : 1

  project                    = var.project_id
  dataset_id                 = var.sync.bigquery_dataset
  location                   = var.sync.bigquery_location
  description                = "LangSmith's projects, datasets, examples, runs and feedback"
  labels                     = local.labels
  delete_contents_on_destroy = false # a destroy is refused while there are tables
  max_time_travel_hours      = "168"

  depends_on = [google_project_service.this]
}
