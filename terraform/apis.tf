# The APIs that are used. They stay on when this is destroyed: others in the project may need them.

locals {
  apis = setunion(
    [
      "artifactregistry", "cloudbuild", "cloudfunctions", "iam", "logging", "monitoring", "run", "storage",
    ],
    length(local.secrets) == 0 ? [] : ["secretmanager"],
    var.sync == null ? [] : ["bigquery", "cloudscheduler", "firestore"],
    var.network == null ? [] : ["vpcaccess"],
  )
}

resource "google_project_service" "this" {
  for_each = local.apis

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}
