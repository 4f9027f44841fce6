# Either way alone, and both: what each makes. `terraform test` in terraform/, with the providers mocked: nothing is made.

mock_provider "archive" {}
mock_provider "google" {}
mock_provider "time" {}

variables {
  project_id   = "acme-data"
  region       = "europe-west1"
  alert_emails = ["data@example.com"]
}

run "fivetran_alone" {
  command = plan

  variables {
    fivetran = { service_account = "g-abc@fivetran-production.iam.gserviceaccount.com" }
  }

  assert {
    condition     = length(google_cloudfunctions2_function.fivetran) == 1 && length(google_cloudfunctions2_function.sync) == 0
    error_message = "There must be one function, for Fivetran."
  }
  assert {
    condition     = toset(google_cloud_run_v2_service_iam_binding.fivetran[0].members) == toset(["serviceAccount:g-abc@fivetran-production.iam.gserviceaccount.com"])
    error_message = "Nobody but Fivetran's account may call."
  }
  assert {
    condition     = length(google_cloudfunctions2_function.fivetran[0].service_config[0].secret_environment_variables) == 0
    error_message = "The key is in Fivetran's form, not in the function."
  }
}

run "sync_alone" {
  command = plan

  variables {
    langsmith_tenant_id = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
    api_key_secret      = { name = "langsmith-api-key", version = "1" }
    sync                = { bigquery_location = "EU" }
  }

  assert {
    condition     = length(google_cloudfunctions2_function.fivetran) == 0 && length(google_cloudfunctions2_function.sync) == 1
    error_message = "There must be one function, the sync."
  }
  assert {
    condition     = google_cloud_scheduler_job.sync["sync"].schedule == "*/15 * * * *" && google_cloudfunctions2_function.sync[0].service_config[0].environment_variables["MAX_SECONDS"] == "1160"
    error_message = "A pass must fill the time between two ticks, and more."
  }
  assert {
    condition     = tostring(google_bigquery_dataset.this["langsmith"].delete_contents_on_destroy) == "false" && google_firestore_database.this[0].delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "Rows and position must be hard to lose."
  }
}

# Applied on mocks, so that what is known only then is there.
run "both" {
  command = apply

  variables {
    langsmith_tenant_id = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
    api_key_secret      = { name = "langsmith-api-key", version = "1" }
    fivetran            = { service_account = "g-abc@fivetran-production.iam.gserviceaccount.com", key_from_secret_manager = true }
    sync                = { bigquery_location = "EU" }
  }

  assert {
    condition     = google_cloud_scheduler_job.sync["sync"].http_target[0].uri == google_cloudfunctions2_function.sync[0].url
    error_message = "The tick must call the function."
  }
  assert {
    condition     = output.fivetran_form.function_url == google_cloudfunctions2_function.fivetran[0].url && length(output.fivetran_form.secrets) == 0
    error_message = "Fivetran's form takes the function's address, and no key."
  }
}
