# What a user needs next. Null or empty where a way is off.

output "bundle" {
  description = "The object that was deployed; its name changes with the code"
  value       = google_storage_bucket_object.bundle.name
}

output "fivetran_url" {
  description = "Address of the endpoint for Fivetran"
  value       = one(google_cloudfunctions2_function.fivetran[*].url)
}

output "fivetran_form" {
  description = "What to fill into Fivetran's form for Google Cloud Functions; the key itself you know"
  value = var.fivetran == null ? null : {
    function_url = google_cloudfunctions2_function.fivetran[0].url
    secrets = local.fivetran_key_here ? {} : merge(
      { LANGSMITH_API_KEY = "the key", LANGSMITH_TENANT_ID = coalesce(var.langsmith_tenant_id, "the workspace's id") },
      local.identity,
    )
    custom_payload = {} # settings may be given per connection here; they win over the function's, but cannot loosen its privacy
  }
}

output "service_accounts" {
  description = "Accounts that were made, by what they do"
  value = {
    build     = google_service_account.build.email
    fivetran  = one(google_service_account.fivetran[*].email)
    scheduler = one(google_service_account.scheduler[*].email)
    sync      = one(google_service_account.sync[*].email)
  }
}

output "sync_url" {
  description = "Address of the standalone sync; private"
  value       = one(google_cloudfunctions2_function.sync[*].url)
}

output "bigquery_datasets" {
  description = "The datasets that the standalone sync writes into"
  value       = [for one in google_bigquery_dataset.this : "${var.project_id}.${one.dataset_id}"]
}

output "firestore_database" {
  description = "The database that holds its cursor"
  value       = one(google_firestore_database.this[*].name)
}

output "status_command" {
  description = "Opens the private status on http://localhost:8080, for those whom sync.status_readers names"
  value       = var.sync == null ? null : "gcloud run services proxy ${google_cloudfunctions2_function.sync[0].name} --project ${var.project_id} --region ${var.region} --port 8080"
}

output "logs_commands" {
  description = "Show the newest calls, by target"
  value = {
    for target, service in local.targets :
    target => "gcloud logging read 'resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${service}\" jsonPayload.event:*' --project ${var.project_id} --limit 20 --format 'value(timestamp,severity,jsonPayload.message)'"
  }
}
