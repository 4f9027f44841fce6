# The endpoint for Fivetran alone. LangSmith's key is filled into Fivetran's form.

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

  project_id = var.project_id
  region     = var.region
  fivetran   = { service_account = var.fivetran_service_account }
}

output "fivetran_form" {
  value = module.langsmith_sync.fivetran_form
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
