# Several workspaces of one function. `terraform test` in terraform/, with the providers mocked: nothing is made.

mock_provider "archive" {}
mock_provider "google" {}
mock_provider "time" {}

variables {
  project_id   = "acme-data"
  region       = "europe-west1"
  alert_emails = ["data@example.com"]
  sync         = { bigquery_location = "EU" }
  workspaces = {
    my-team = {
      tenant_id        = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
      api_key_secret   = { name = "key-a", version = "1" }
      bigquery_dataset = "my_team"
    }
    other = {
      tenant_id      = "7d1f5a90-3c2b-4b7e-8a66-0e9d4c1b2f35"
      api_key_secret = { name = "key-b", version = "2" }
    }
  }
}

run "one_function_and_a_tick_for_each" {
  command = plan

  assert {
    condition     = jsondecode(google_cloudfunctions2_function.sync[0].service_config[0].environment_variables["WORKSPACES"])["my-team"] == { BIGQUERY_DATASET = "my_team", LANGSMITH_TENANT_ID = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10" }
    error_message = "The map must say what my-team reads, and where it goes."
  }
  assert {
    condition     = { for name, job in google_cloud_scheduler_job.sync : name => jsondecode(base64decode(job.http_target[0].body)) } == { my-team = { workspace = "my-team" }, other = { workspace = "other" } }
    error_message = "Each tick must name its workspace, and nothing else."
  }
  assert {
    condition     = { for one in google_cloudfunctions2_function.sync[0].service_config[0].secret_environment_variables : one.key => one.secret } == { LANGSMITH_API_KEY__MY_TEAM = "key-a", LANGSMITH_API_KEY__OTHER = "key-b" }
    error_message = "Each key must come from its secret."
  }
  assert {
    condition     = keys(google_bigquery_dataset.this) == ["langsmith", "my_team"]
    error_message = "Each dataset must be made once."
  }
}

run "without_the_map_there_is_one_tick" {
  command = plan

  variables {
    workspaces          = {}
    langsmith_tenant_id = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
    api_key_secret      = { name = "key-a", version = "1" }
  }

  assert {
    condition     = keys(google_cloud_scheduler_job.sync) == ["sync"] && !contains(keys(google_cloudfunctions2_function.sync[0].service_config[0].environment_variables), "WORKSPACES")
    error_message = "A deployment of one workspace has no map."
  }
}
