# What the product's streams are. Written by `make docs` from langsmith_core/streams/registry.py; do not edit.

locals {
  # The tables that rows go to.
  tables = [
    "langsmith_annotation_queue",
    "langsmith_annotation_queue_item",
    "langsmith_dataset",
    "langsmith_dataset_version",
    "langsmith_example",
    "langsmith_feedback",
    "langsmith_feedback_config",
    "langsmith_project",
    "langsmith_prompt",
    "langsmith_prompt_commit",
    "langsmith_run",
    "langsmith_usage_day",
  ]

  # The keys that turn a table off.
  switches = [
    "SYNC_ANNOTATION_QUEUES",
    "SYNC_DATASET_VERSIONS",
    "SYNC_EXAMPLES",
    "SYNC_FEEDBACK",
    "SYNC_FEEDBACK_CONFIGS",
    "SYNC_PROMPTS",
    "SYNC_RUNS",
    "SYNC_USAGE",
  ]

  # The keys that choose where in a run's metadata a column is read.
  metadata_keys = [
    "ENVIRONMENT_METADATA_KEY",
    "USER_ID_METADATA_KEY",
  ]

  # Rows are kept apart by these: privacy.exclude_columns cannot name them.
  kept_columns = [
    "langsmith_annotation_queue.created_at",
    "langsmith_annotation_queue.queue_id",
    "langsmith_annotation_queue_item.added_at",
    "langsmith_annotation_queue_item.item_id",
    "langsmith_annotation_queue_item.queue_id",
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
    "langsmith_prompt.prompt_id",
    "langsmith_prompt.updated_at",
    "langsmith_prompt_commit.commit_id",
    "langsmith_prompt_commit.created_at",
    "langsmith_prompt_commit.prompt_id",
    "langsmith_run.project_id",
    "langsmith_run.run_id",
    "langsmith_run.start_time",
    "langsmith_usage_day.day",
    "langsmith_usage_day.group_id",
    "langsmith_usage_day.usage_id",
  ]
}
