# Which secrets each function reads: names and versions. A secret is made, filled and turned over outside Terraform, so that no value
# is in its state; docs/deploy.md has the commands.

locals {
  # Environment name => where it is.
  api_key  = var.api_key_secret == null ? {} : { LANGSMITH_API_KEY = var.api_key_secret }
  hash_key = var.hash_key_secret == null ? {} : { HASH_KEY = var.hash_key_secret }

  fivetran_key_here = try(var.fivetran.key_from_secret_manager, false)

  fivetran_secrets = var.fivetran == null ? {} : merge(local.fivetran_key_here ? local.api_key : {}, local.hash_key)
  sync_secrets     = var.sync == null ? {} : merge(length(var.workspaces) > 0 ? local.workspace_keys : local.api_key, local.hash_key)

  secrets = merge(local.fivetran_secrets, local.sync_secrets)
}

resource "google_secret_manager_secret_iam_member" "fivetran" {
  for_each = local.fivetran_secrets

  project   = var.project_id
  secret_id = each.value.name
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.fivetran[0].member

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "sync" {
  for_each = { for variable, one in local.sync_secrets : variable => one if !contains(keys(local.workspace_keys), variable) }

  project   = var.project_id
  secret_id = each.value.name
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.sync[0].member

  depends_on = [google_project_service.this]
}

# By the secret's name: one key of LangSmith may open several workspaces.
resource "google_secret_manager_secret_iam_member" "workspaces" {
  for_each = toset(var.sync == null ? [] : [for one in values(local.workspace_keys) : one.name])

  project   = var.project_id
  secret_id = each.key
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.sync[0].member

  depends_on = [google_project_service.this]
}
