# What the product's streams are. Written by `make docs` from langsmith_core/streams/registry.py; do not edit.

locals {
  # The tables that rows go to.
  tables = [
    "langsmith_dataset",
    "langsmith_dataset_version",
    "langsmith_example",
    "langsmith_feedback",
    "langsmith_feedback_config",
    "langsmith_project",
    "langsmith_run",
  ]

  # The keys that turn a table off.
  switches = [
    "SYNC_DATASET_VERSIONS",
    "SYNC_EXAMPLES",
    "SYNC_FEEDBACK",
    "SYNC_FEEDBACK_CONFIGS",
    "SYNC_RUNS",
  ]

  # The keys that choose where in a run's metadata a column is read.
  metadata_keys = [
    "ENVIRONMENT_METADATA_KEY",
    "USER_ID_METADATA_KEY",
  ]

  # Rows are kept apart by these: privacy.exclude_columns cannot name them.
  kept_columns = [
    "langsmith_dataset.created_at",
    "langsmith_dataset.dataset_id",
    "langsmith_dataset_version.as_of",
    "langsmith_dataset_version.dataset_id",
    "langsmith_dataset_version.version_id",
    "langsmith_example.created_at",
    "langsmith_example.dataset_id",
    "langsmith_example.example_id",
    "langsmith_feedback.created_at",
    "langsmith_feedback.feedback_id",
    "langsmith_feedback_config.feedback_key",
    "langsmith_feedback_config.modified_at",
    "langsmith_project.project_id",
    "langsmith_project.start_time",
    "langsmith_run.project_id",
    "langsmith_run.run_id",
    "langsmith_run.start_time",
  ]
}
