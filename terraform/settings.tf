# Which keys of the configuration a user may set, and what both functions share of them. No key that is a secret. Tables and
# their switches: streams.tf.

locals {
  settings_keys = concat([
    "BIGQUERY_MAX_GB",
    "CHECK_COMPLETENESS",
    "LANGSMITH_BASE_URL",
    "LANGSMITH_ORG_ID",
    "MAX_RESPONSE_MB",
    "PAGE_SIZE",
    "PROJECTS",
    "START_TIME",
    "WORKSPACE_COLUMN",
  ], local.switches, local.metadata_keys)

  # Who is asked, and for which workspace: goes where the key goes. A request that brings a key brings these too.
  identity_keys = ["LANGSMITH_BASE_URL", "LANGSMITH_ORG_ID"]

  # What must not leave LangSmith: in the environment, where a request can add to it and take nothing from it.
  privacy = { for key, items in {
    EXCLUDE_COLUMNS  = var.privacy.exclude_columns
    HASH_PATHS       = var.privacy.hash_paths
    PROJECTS_EXCLUDE = var.privacy.exclude_projects
    REDACT_PATHS     = var.privacy.redact_paths
  } : key => join(",", items) if length(items) > 0 }

  reading  = merge(local.privacy, { for key, value in var.settings : key => value if !contains(local.identity_keys, key) })
  identity = { for key, value in var.settings : key => value if contains(local.identity_keys, key) }

  labels = merge({ application = var.name }, var.labels)
}
