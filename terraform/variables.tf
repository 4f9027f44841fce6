# What a user sets, by name. The comment behind a line of an object is its row in README.md, written by scripts/terraform_readme.py.
# A validation's message says what would be right.

variable "alerts" {
  description = "When to alert; see alerts.tf"
  type = object({
    no_successful_pass_hours = optional(number, 6)   # hours without a call that succeeded; above the time between two syncs
    lag_hours                = optional(number, 24)  # age of the newest complete look
    refused_calls            = optional(number, 3)   # calls within an hour whose credentials LangSmith refused
    billed_gib_per_day       = optional(number, 100) # GiB that BigQuery bills the sync's statements within a day
  })
  default  = {}
  nullable = false

  validation {
    condition = (
      var.alerts.no_successful_pass_hours >= 1 && var.alerts.no_successful_pass_hours <= 23 &&
      floor(var.alerts.no_successful_pass_hours) == var.alerts.no_successful_pass_hours
    )
    error_message = "alerts.no_successful_pass_hours: a whole number of hours from 1 to 23; Cloud Monitoring watches for absence at most 23.5 hours."
  }
  validation {
    condition     = var.alerts.lag_hours > 0
    error_message = "alerts.lag_hours: a positive number of hours."
  }
  validation {
    condition     = var.alerts.refused_calls >= 1 && floor(var.alerts.refused_calls) == var.alerts.refused_calls
    error_message = "alerts.refused_calls: a whole number, 1 or more."
  }
  validation {
    condition     = var.alerts.billed_gib_per_day > 0
    error_message = "alerts.billed_gib_per_day: a positive number of GiB."
  }
}

variable "alert_emails" {
  description = "Mail addresses that alerts go to, each by a channel of its own, beside `notification_channels`. With neither, nobody hears of an alert, and every plan says so"
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for one in var.alert_emails : can(regex("^[^@\\s,]+@[^@\\s,]+\\.[^@\\s,]+$", one))])
    error_message = "alert_emails: an address each, such as data-team@example.com."
  }
}

variable "api_key_secret" {
  description = "Where LangSmith's key is in Secret Manager. The value itself never passes through Terraform. Needed by `sync`, and by `fivetran` with `key_from_secret_manager`"
  type = object({
    name    = string # name of a secret of this project
    version = string # number of its version
  })
  default = null

  validation {
    condition     = var.api_key_secret == null || can(regex("^[A-Za-z0-9_-]{1,255}$", var.api_key_secret.name))
    error_message = "api_key_secret.name: the secret's short name, such as langsmith-api-key; not a path and not the key."
  }
  validation {
    condition     = var.api_key_secret == null || can(regex("^[1-9][0-9]*$", var.api_key_secret.version))
    error_message = "api_key_secret.version: a version's number, such as 1; `latest` would be read anew at an instance's start and cannot be rolled back."
  }
}

variable "deletion_protection" {
  description = "Whether Google refuses to delete the Firestore database. The BigQuery dataset is never deleted while it has tables"
  type        = bool
  default     = true
  nullable    = false
}

variable "fivetran" {
  description = "The endpoint for Fivetran; null leaves it out"
  type = object({
    service_account         = string                  # Fivetran's account, which its form shows: g-...@fivetran-production.iam.gserviceaccount.com
    key_from_secret_manager = optional(bool, false)   # true: key and workspace from here; false: from Fivetran's form
    max_seconds             = optional(number, 240)   # MAX_SECONDS
    timeout_seconds         = optional(number, 600)   # Google ends the call then; at least max_seconds + 310, one request of LangSmith at its slowest
    memory                  = optional(string, "1Gi") # memory of an instance; 181 MB were measured at most, and CPU comes with memory
    max_instances           = optional(number, 3)     # a connection makes one call at a time: room for a test of it, and for a second connection
  })
  default = null

  validation {
    condition     = var.fivetran == null || can(regex("^[^@\\s:]+@[^@\\s:]+\\.iam\\.gserviceaccount\\.com$", var.fivetran.service_account))
    error_message = "fivetran.service_account: an account's address without a prefix, as Fivetran's form shows it, such as g-abc@fivetran-production.iam.gserviceaccount.com."
  }
  validation {
    condition     = var.fivetran == null || try(!var.fivetran.key_from_secret_manager || (var.api_key_secret != null && var.langsmith_tenant_id != null), false)
    error_message = "fivetran.key_from_secret_manager: give api_key_secret and langsmith_tenant_id beside it, or leave it false and fill in Fivetran's form."
  }
  validation {
    condition     = var.fivetran == null || try(var.fivetran.max_seconds > 0 && var.fivetran.timeout_seconds >= var.fivetran.max_seconds + 310 && var.fivetran.timeout_seconds <= 3600, false)
    error_message = "fivetran.timeout_seconds: at least max_seconds + 310 (one request of LangSmith may begin at the last moment, and takes at most 10 seconds to connect, 60 to begin its answer and 240 to end it), and at most 3600."
  }
  validation {
    condition     = var.fivetran == null || try(contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.fivetran.memory), false)
    error_message = "fivetran.memory: 512Mi, 1Gi, 2Gi or 4Gi."
  }
  validation {
    condition     = var.fivetran == null || try(contains(range(1, 11), var.fivetran.max_instances), false)
    error_message = "fivetran.max_instances: a whole number from 1 to 10; each instance keeps LangSmith's rate limits by itself, so more would break them."
  }
}

variable "hash_key_secret" {
  description = "Where HASH_KEY is in Secret Manager: 16 characters or more. Needed by `privacy.hash_paths`; null leaves it out"
  type = object({
    name    = string # name of a secret of this project
    version = string # number of its version
  })
  default = null

  validation {
    condition     = var.hash_key_secret == null || can(regex("^[A-Za-z0-9_-]{1,255}$", var.hash_key_secret.name))
    error_message = "hash_key_secret.name: the secret's short name, such as langsmith-hash-key; not a path and not the key."
  }
  validation {
    condition     = var.hash_key_secret == null || can(regex("^[1-9][0-9]*$", var.hash_key_secret.version))
    error_message = "hash_key_secret.version: a version's number, such as 1. With another key every hash changes, so a new version must be a decision."
  }
}

variable "kms_key" {
  description = "Keys of Cloud KMS, of your own, for what holds data: full names, projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY. Google's own account for each service must be allowed to use its key before: docs/deploy.md"
  type = object({
    bigquery  = optional(string) # the dataset's; in its location; for tables that are made from then on
    firestore = optional(string) # the position's; in its location; a database is made with its key and cannot change it
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for one in [var.kms_key.bigquery, var.kms_key.firestore] : one == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", one))])
    error_message = "kms_key.bigquery, kms_key.firestore: projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY, without a version."
  }
}

variable "labels" {
  description = "Labels on everything that takes them, beside `application`"
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels: lower-case letters, digits, _ and - only, at most 63 characters; a key begins with a letter."
  }
}

variable "langsmith_tenant_id" {
  description = "LANGSMITH_TENANT_ID, the workspace's id. Needed wherever the key comes from Secret Manager"
  type        = string
  default     = null

  validation {
    condition     = var.langsmith_tenant_id == null || can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.langsmith_tenant_id))
    error_message = "langsmith_tenant_id: the workspace's id, a UUID; LangSmith shows it under Settings, Workspaces."
  }
}

variable "log_retention_days" {
  description = "Days that the functions' log is kept, in a bucket of its own; null leaves it in the project's default bucket alone, where Google keeps it 30 days"
  type        = number
  default     = null

  validation {
    condition     = var.log_retention_days == null || try(var.log_retention_days >= 1 && var.log_retention_days <= 3650 && floor(var.log_retention_days) == var.log_retention_days, false)
    error_message = "log_retention_days: a whole number of days from 1 to 3650, or null."
  }
}

variable "name" {
  description = "What the names of all that is made begin with"
  type        = string
  default     = "langsmith"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "name: 4 to 20 lower-case letters, digits and -, beginning with a letter; names of service accounts have room for no more."
  }
}

variable "network" {
  description = "The functions' way into a network of yours, for a LangSmith that is reached from there only; null: the internet"
  type = object({
    connector = string                                  # a connector of Serverless VPC Access in the functions' region: projects/PROJECT/locations/REGION/connectors/NAME
    egress    = optional(string, "PRIVATE_RANGES_ONLY") # ALL_TRAFFIC also sends what is public through it, which then needs a NAT: for an allow-list of addresses, or a perimeter
  })
  default = null

  validation {
    condition     = var.network == null || can(regex("^projects/[^/]+/locations/[a-z0-9-]+/connectors/[a-z0-9-]+$", var.network.connector))
    error_message = "network.connector: projects/PROJECT/locations/REGION/connectors/NAME, in the functions' region."
  }
  validation {
    condition     = var.network == null || try(contains(["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"], var.network.egress), false)
    error_message = "network.egress: PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  }
}

variable "notification_channels" {
  description = "Where alerts go, beside `alert_emails`: ids of Cloud Monitoring's channels, projects/PROJECT/notificationChannels/NUMBER"
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for one in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", one))])
    error_message = "notification_channels: projects/PROJECT/notificationChannels/NUMBER, as `gcloud beta monitoring channels list --format='value(name)'` prints."
  }
}

variable "privacy" {
  description = "What must not leave LangSmith, in both functions; a request of Fivetran's can add to it and take nothing from it. What each does: docs/SECURITY.md"
  type = object({
    exclude_projects = optional(list(string), []) # PROJECTS_EXCLUDE: names or ids of projects that are never read
    exclude_columns  = optional(list(string), []) # EXCLUDE_COLUMNS: table.column, or *.column
    redact_paths     = optional(list(string), []) # REDACT_PATHS: table.column, and a path such as .**.content behind it
    hash_paths       = optional(list(string), []) # HASH_PATHS: the same; needs hash_key_secret
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for one in var.privacy.exclude_projects : can(regex("^[^,\\s]([^,]*[^,\\s])?$", one))])
    error_message = "privacy.exclude_projects: a project's name or id each; of a project whose name has a comma, or a blank at an end, give the id."
  }
  validation {
    condition     = alltrue([for one in var.privacy.exclude_columns : can(regex("^(\\*|${join("|", local.tables)})\\.[a-z_]+$", one))])
    error_message = "privacy.exclude_columns: table.column each, such as langsmith_run.inputs or *.raw; the project's README lists them. Paths go into redact_paths."
  }
  validation {
    condition = alltrue([for one in var.privacy.exclude_columns : !contains(
      concat(local.kept_columns, [for column in local.kept_columns : replace(column, "/^\\w+/", "*")]), one
    )])
    error_message = "privacy.exclude_columns: keys, parents' ids and the times by which rows are read cannot be left out: ${join(", ", local.kept_columns)}."
  }
  validation {
    condition = alltrue([for one in concat(var.privacy.redact_paths, var.privacy.hash_paths) : can(regex(
      "^(\\*|${join("|", local.tables)})\\.[a-z_]+(\\.\\*|\\.[^.,\\[\\]\\s]+|\\[\\*\\]|\\[[0-9]+\\]|\\[\"([^\"\\\\]|\\\\.)*\"\\])*$", one
    ))])
    error_message = "privacy.redact_paths, privacy.hash_paths: table.column, then .member, [\"member\"], [*], [0] or .**, such as langsmith_run.inputs.**.content."
  }
  validation {
    condition     = length(var.privacy.hash_paths) == 0 || var.hash_key_secret != null
    error_message = "privacy.hash_paths: give hash_key_secret beside it, the secret that holds HASH_KEY."
  }
}

variable "project_id" {
  description = "The Google Cloud project's id"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id: the project's id, such as acme-data-1234; not its number, not its display name."
  }
}

variable "region" {
  description = "The functions' region, and their bundle's and images'"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region: a region such as europe-west1 or us-central1; not a zone, not a multi-region."
  }
}

variable "settings" {
  description = "Configuration of both functions, by the keys of the project's README, each value a text"
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.settings), local.settings_keys)) == 0
    error_message = "settings: keys may be ${join(", ", local.settings_keys)}. What must not leave LangSmith goes into `privacy`, keys go into Secret Manager; the rest has variables of its own or is set by this module."
  }
  validation {
    condition     = can(regex("^https://", lookup(var.settings, "LANGSMITH_BASE_URL", "https://")))
    error_message = "settings.LANGSMITH_BASE_URL: an https address, such as https://eu.api.smith.langchain.com."
  }
  validation {
    condition     = can(regex("^[1-9][0-9]*$", lookup(var.settings, "PAGE_SIZE", "1")))
    error_message = "settings.PAGE_SIZE: a whole number above 0, such as 1000."
  }
  validation {
    condition     = try(tonumber(lookup(var.settings, "MAX_RESPONSE_MB", "1")) > 0, false)
    error_message = "settings.MAX_RESPONSE_MB: a number above 0, such as 8."
  }
  validation {
    condition     = alltrue([for key, value in var.settings : contains(["true", "false"], lower(value)) if startswith(key, "SYNC_")])
    error_message = "settings.${join(", ", local.switches)}: true or false."
  }
  validation {
    condition     = can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?$", lookup(var.settings, "START_TIME", "2026-01-31")))
    error_message = "settings.START_TIME: a date or time such as 2026-01-31 or 2026-01-31T00:00:00Z."
  }
}

variable "sync" {
  description = "The standalone sync into BigQuery; null leaves it out"
  type = object({
    bigquery_location            = string                             # where the dataset lies: EU, US or a region; it cannot be moved later
    bigquery_dataset             = optional(string, "langsmith")      # BIGQUERY_DATASET
    bigquery_readers             = optional(list(string), [])         # who may read the tables, beside the project's owners: group:..., user:..., serviceAccount:...
    bigquery_authorized_datasets = optional(list(string), [])         # datasets whose views may read the tables for others: PROJECT.DATASET
    retention_days               = optional(number)                   # RETENTION_DAYS: after so many days BigQuery deletes runs (by their start) and feedback (by its creation); default: as the tables say
    firestore_location           = optional(string)                   # where the cursor lies; default the region; it cannot be moved later
    firestore_database           = optional(string, "langsmith-sync") # FIRESTORE_DATABASE
    firestore_collection         = optional(string, "langsmith_sync") # FIRESTORE_COLLECTION
    schedule                     = optional(string, "*/15 * * * *")   # when a pass begins: cron, in UTC
    paused                       = optional(bool, false)              # true: no pass begins by itself
    max_seconds                  = optional(number, 1160)             # MAX_SECONDS; may pass the time between two ticks: Cloud Scheduler then begins the next pass when this one has ended
    timeout_seconds              = optional(number, 1770)             # Google ends the pass then; at least max_seconds + 610, one request of LangSmith at its slowest and one job of BigQuery
    memory                       = optional(string, "1Gi")            # memory of an instance; 334 MB were measured, and CPU comes with memory
    max_instances                = optional(number)                   # instances; default one for each workspace, and one that answers the status while passes run
    ingress                      = optional(string, "ALLOW_ALL")      # ALLOW_INTERNAL_ONLY also shuts `gcloud run services proxy` out
    status_readers               = optional(list(string), [])         # who may call the function beside the scheduler, so as to read its status: user:..., group:...
  })
  default = null

  validation {
    condition     = length(var.workspaces) == 0 || var.sync != null
    error_message = "workspaces: give sync beside them; Fivetran's connections each name their own workspace."
  }
  validation {
    condition     = var.sync == null || (var.api_key_secret != null && var.langsmith_tenant_id != null) || length(var.workspaces) > 0
    error_message = "sync: give api_key_secret and langsmith_tenant_id beside it, or workspaces."
  }
  validation {
    condition     = var.sync == null || can(regex("^([A-Z]{2}|[a-z]+-[a-z]+[0-9]+)$", var.sync.bigquery_location))
    error_message = "sync.bigquery_location: EU, US or a region such as europe-west1."
  }
  validation {
    condition     = var.sync == null || can(regex("^[A-Za-z0-9_]+$", var.sync.bigquery_dataset))
    error_message = "sync.bigquery_dataset: letters, digits and _ only."
  }
  validation {
    condition     = var.sync == null || try(alltrue([for one in var.sync.bigquery_authorized_datasets : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]\\.[A-Za-z0-9_]+$", one))]), false)
    error_message = "sync.bigquery_authorized_datasets: PROJECT.DATASET each, such as acme-data.reports."
  }
  validation {
    condition     = var.sync == null || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.sync.firestore_database))
    error_message = "sync.firestore_database: 4 to 63 lower-case letters, digits and -; a database of its own, so not (default)."
  }
  validation {
    condition     = var.sync == null || can(regex("^[A-Za-z0-9_]+$", var.sync.firestore_collection))
    error_message = "sync.firestore_collection: letters, digits and _ only."
  }
  validation {
    condition     = var.sync == null || can(regex("^[0-9*/,A-Za-z-]+( +[0-9*/,A-Za-z-]+){4}$", var.sync.schedule))
    error_message = "sync.schedule: five fields of cron, such as */15 * * * *."
  }
  validation {
    condition     = var.sync == null || try(var.sync.max_seconds > 0 && var.sync.timeout_seconds >= var.sync.max_seconds + 610 && var.sync.timeout_seconds <= 1770, false)
    error_message = "sync.timeout_seconds: at least max_seconds + 610 (the last request of LangSmith's takes at most 310, and a job of BigQuery's for what it brought 300), and at most 1770: Cloud Scheduler waits 30 minutes."
  }
  validation {
    condition     = var.sync == null || try(contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.sync.memory), false)
    error_message = "sync.memory: 512Mi, 1Gi, 2Gi or 4Gi."
  }
  validation {
    condition     = try(var.sync.retention_days, null) == null || try(var.sync.retention_days >= 1 && var.sync.retention_days <= 36500 && floor(var.sync.retention_days) == var.sync.retention_days, false)
    error_message = "sync.retention_days: a whole number of days from 1 to 36500, or null to keep rows for ever."
  }
  validation {
    condition     = try(var.sync.max_instances, null) == null || try(contains(range(1, max(1, length(var.workspaces)) + 2), var.sync.max_instances), false)
    error_message = "sync.max_instances: a whole number from 1 to one more than there are workspaces: a pass of each, and the status; more would have nothing to do."
  }
  validation {
    condition     = var.sync == null || try(contains(["ALLOW_ALL", "ALLOW_INTERNAL_ONLY"], var.sync.ingress), false)
    error_message = "sync.ingress: ALLOW_ALL (IAM decides alone) or ALLOW_INTERNAL_ONLY (Cloud Scheduler, and callers within the project's network)."
  }
  validation {
    condition     = var.sync == null || try(alltrue([for one in concat(var.sync.status_readers, var.sync.bigquery_readers) : can(regex("^(user|group|serviceAccount|principal|principalSet):", one))]), false)
    error_message = "sync.status_readers, sync.bigquery_readers: user:..., group:... or serviceAccount:...; never everybody."
  }
}

variable "workspaces" {
  description = "Several workspaces of the standalone sync, by names of your choice; one function reads them all. Empty: the one of `langsmith_tenant_id` and `api_key_secret`. Each has its own key, schedule, lease and position; a call names its workspace, never a key"
  type = map(object({
    tenant_id        = string                                      # LANGSMITH_TENANT_ID, the workspace's id
    api_key_secret   = object({ name = string, version = string }) # where its key is in Secret Manager
    bigquery_dataset = optional(string)                            # its dataset; default that of `sync`. Workspaces that name one dataset share its tables
    schedule         = optional(string)                            # when a pass begins: cron, in UTC; default that of `sync`
    paused           = optional(bool, false)                       # true: no pass of it begins by itself
    exclude_projects = optional(list(string), [])                  # PROJECTS_EXCLUDE: names or ids, beside those of `privacy`
    settings         = optional(map(string), {})                   # keys as in `settings`, for this workspace alone
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.workspaces) : can(regex("^[a-z][a-z0-9-]{0,29}$", name))])
    error_message = "workspaces: a name is a lower-case letter, then lower-case letters, digits and -, 30 in all, such as my-team."
  }
  validation {
    condition     = length(var.workspaces) == 0 || (var.langsmith_tenant_id == null && var.api_key_secret == null) || try(var.fivetran.key_from_secret_manager, false)
    error_message = "workspaces: leave out langsmith_tenant_id and api_key_secret, or make an entry of them; beside a map only fivetran.key_from_secret_manager uses them."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", one.tenant_id))])
    error_message = "workspaces.tenant_id: the workspace's id, a UUID; LangSmith shows it under Settings, Workspaces."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : can(regex("^[A-Za-z0-9_-]{1,255}$", one.api_key_secret.name)) && can(regex("^[1-9][0-9]*$", one.api_key_secret.version))])
    error_message = "workspaces.api_key_secret: the secret's short name and its version's number, such as langsmith-key-my-team and 1."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : one.bigquery_dataset == null || can(regex("^[A-Za-z0-9_]+$", one.bigquery_dataset))])
    error_message = "workspaces.bigquery_dataset: letters, digits and _ only."
  }
  validation {
    condition     = length(distinct([for one in values(var.workspaces) : lower("${one.tenant_id} ${coalesce(one.bigquery_dataset, "-")}")])) == length(var.workspaces)
    error_message = "workspaces: two entries name one workspace and one dataset, and would write over each other; take one of them out."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : one.schedule == null || can(regex("^[0-9*/,A-Za-z-]+( +[0-9*/,A-Za-z-]+){4}$", one.schedule))])
    error_message = "workspaces.schedule: five fields of cron, such as */15 * * * *."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : alltrue([for project in one.exclude_projects : can(regex("^[^,\\s]([^,]*[^,\\s])?$", project))])])
    error_message = "workspaces.exclude_projects: a project's name or id each; of a project whose name has a comma, or a blank at an end, give the id."
  }
  validation {
    condition     = alltrue([for one in values(var.workspaces) : length(setsubtract(keys(one.settings), local.settings_keys)) == 0])
    error_message = "workspaces.settings: keys may be ${join(", ", local.settings_keys)}; no key of LangSmith's, which is named by api_key_secret."
  }
}
