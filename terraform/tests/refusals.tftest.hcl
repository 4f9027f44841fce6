# What is refused before anything is made, and what is told. `terraform test` in terraform/, with the providers mocked.

mock_provider "archive" {}
mock_provider "google" {}
mock_provider "time" {}

variables {
  project_id = "acme-data"
  region     = "europe-west1"
}

run "a_sync_without_a_key" {
  command = plan

  variables {
    sync = { bigquery_location = "EU" }
  }
  expect_failures = [var.sync]
}

run "a_pass_that_google_would_cut_off" {
  command = plan

  variables {
    fivetran = { service_account = "g-abc@fivetran-production.iam.gserviceaccount.com", max_seconds = 240, timeout_seconds = 300 }
  }
  expect_failures = [var.fivetran]
}

run "a_map_beside_the_one_workspace" {
  command = plan

  variables {
    langsmith_tenant_id = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
    api_key_secret      = { name = "key-a", version = "1" }
    sync                = { bigquery_location = "EU" }
    workspaces          = { other = { tenant_id = "7d1f5a90-3c2b-4b7e-8a66-0e9d4c1b2f35", api_key_secret = { name = "key-b", version = "2" } } }
  }
  expect_failures = [var.workspaces]
}

run "a_key_among_the_settings" {
  command = plan

  variables {
    settings = { LANGSMITH_API_KEY = "not here" }
  }
  expect_failures = [var.settings]
}

run "alerts_that_nobody_hears" {
  command = plan

  variables {
    fivetran = { service_account = "g-abc@fivetran-production.iam.gserviceaccount.com" }
  }
  expect_failures = [check.alerts_are_heard]
}
