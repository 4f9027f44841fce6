# The sync into BigQuery alone.

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

  project_id            = var.project_id
  region                = var.region
  langsmith_tenant_id   = var.langsmith_tenant_id
  api_key_secret        = { name = "langsmith-api-key", version = "1" }
  notification_channels = var.notification_channels
  sync = {
    bigquery_location = "EU"
    status_readers    = var.status_readers
  }
}

output "bigquery_dataset" {
  value = module.langsmith_sync.bigquery_dataset
}

output "status_command" {
  value = module.langsmith_sync.status_command
}

output "sync_url" {
  value = module.langsmith_sync.sync_url
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

variable "langsmith_tenant_id" {
  description = "The workspace's id"
  type        = string
}

variable "notification_channels" {
  description = "Where alerts go"
  type        = list(string)
  default     = []
}

variable "status_readers" {
  description = "Who may read the status, such as user:you@example.com"
  type        = list(string)
  default     = []
}
