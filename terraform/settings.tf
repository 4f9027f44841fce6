# Which keys of the configuration a user may set, and what both functions share of them. No key that is a secret.

locals {
  settings_keys = [
    "EXCLUDE_COLUMNS",
    "HASH_PATHS",
    "LANGSMITH_BASE_URL",
    "LANGSMITH_ORG_ID",
    "MAX_RESPONSE_MB",
    "PAGE_SIZE",
    "PROJECTS",
    "PROJECTS_EXCLUDE",
    "REDACT_PATHS",
    "START_TIME",
    "SYNC_EXAMPLES",
    "SYNC_FEEDBACK",
    "SYNC_RUNS",
  ]

  # Who is asked, and for which workspace: goes where the key goes. A request that brings a key brings these too.
  identity_keys = ["LANGSMITH_BASE_URL", "LANGSMITH_ORG_ID"]

  reading  = { for key, value in var.settings : key => value if !contains(local.identity_keys, key) }
  identity = { for key, value in var.settings : key => value if contains(local.identity_keys, key) }

  labels = merge({ application = var.name }, var.labels)
}
