# Several workspaces of one function. WORKSPACES has what each reads and where it goes, by name, and never a key: the key of `my-team`
# is LANGSMITH_API_KEY__MY_TEAM, from Secret Manager. Each has its own lease and position, and its own job of Cloud Scheduler.

locals {
  # What an entry says of its identity is all that counts: the address and the organization of `settings` go into each.
  workspaces = { for name, one in var.workspaces : name => merge(
    local.identity,
    one.settings,
    length(one.exclude_projects) == 0 ? {} : { PROJECTS_EXCLUDE = join(",", one.exclude_projects) },
    {
      BIGQUERY_DATASET    = coalesce(one.bigquery_dataset, try(var.sync.bigquery_dataset, "langsmith"))
      LANGSMITH_TENANT_ID = one.tenant_id
    },
  ) }

  workspace_keys = {
    for name, one in var.workspaces : "LANGSMITH_API_KEY__${upper(replace(name, "-", "_"))}" => one.api_key_secret
  }
}
