# Both ways side by side: one key in Secret Manager, two named projects, an EU workspace, users' mail addresses hashed.

terraform {
  required_version = ">= 1.9, < 2"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

module "langsmith_sync" {
  source = "../.."

  project_id          = var.project_id
  region              = var.region
  langsmith_tenant_id = var.langsmith_tenant_id
  api_key_secret      = { name = "langsmith-api-key", version = "1" }
  labels              = { team = "data" }

  settings              = var.settings
  privacy               = var.privacy
  hash_key_secret       = var.hash_key_secret
  alert_emails          = var.alert_emails
  notification_channels = var.notification_channels

  fivetran = {
    service_account         = var.fivetran_service_account
    key_from_secret_manager = true
  }
  sync = {
    bigquery_location = "EU"
    schedule          = "5 * * * *"
  }
  alerts = {
    no_successful_pass_hours = 12
  }
}

output "fivetran_form" {
  value = module.langsmith_sync.fivetran_form
}

output "status_command" {
  value = module.langsmith_sync.status_command
}

variable "project_id" {
  description = "The Google Cloud project's id"
  type        = string
}

variable "region" {
  description = "Where the functions run"
  type        = string
  default     = "europe-west1"
}

variable "fivetran_service_account" {
  description = "The account that Fivetran's form shows: g-...@fivetran-production.iam.gserviceaccount.com"
  type        = string
}

variable "langsmith_tenant_id" {
  description = "The workspace's id"
  type        = string
}

variable "alert_emails" {
  description = "Mail addresses that alerts go to"
  type        = list(string)
  default     = []
}

variable "notification_channels" {
  description = "Channels of Cloud Monitoring that alerts go to, beside alert_emails"
  type        = list(string)
  default     = []
}

variable "settings" {
  description = "Configuration by the keys of the project's README, such as PROJECTS"
  type        = map(string)
  default = {
    LANGSMITH_BASE_URL = "https://eu.api.smith.langchain.com"
    PAGE_SIZE          = "1000"
    PROJECTS           = "checkout-assistant,invoice-reader"
    START_TIME         = "2026-01-01T00:00:00Z"
  }
}

variable "privacy" {
  description = "What must not leave LangSmith, by the parts of the module's `privacy`"
  type        = map(list(string))
  default = {
    exclude_columns = ["langsmith_feedback.comment"]
    hash_paths      = ["langsmith_run.metadata.user_mail"]
  }

  # An object would drop a part that is misspelt, and say nothing.
  validation {
    condition     = length(setsubtract(keys(var.privacy), ["exclude_projects", "exclude_columns", "redact_paths", "hash_paths"])) == 0
    error_message = "privacy: its parts are exclude_projects, exclude_columns, redact_paths and hash_paths."
  }
}

variable "hash_key_secret" {
  description = "Where HASH_KEY is in Secret Manager; privacy.hash_paths needs it"
  type        = object({ name = string, version = string })
  default     = { name = "langsmith-hash-key", version = "1" }
}
