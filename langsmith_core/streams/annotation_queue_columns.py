"""The columns of annotation queues and of their items. How they are read is in annotation_queues and queue_items."""

from __future__ import annotations

from langsmith_core.records.columns import Column, Kind, Table, column, raw

ANNOTATION_QUEUE = Table(
    "langsmith_annotation_queue",
    (
        column("queue_id", Kind.STRING, "Queue id", "id"),
        column("name", Kind.STRING, "Queue name"),
        column("description", Kind.STRING, "Description"),
        column("queue_type", Kind.LOWER, "single or pairwise"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time"),
        column("default_dataset_id", Kind.STRING, "Dataset that examples are added to", "default_dataset"),
        column("source_rule_id", Kind.STRING, "Rule that made the queue"),
        column("run_rule_id", Kind.STRING, "Rule that fills the queue"),
        column("num_reviewers_per_item", Kind.INTEGER, "Reviews that archive an item"),
        column("enable_reservations", Kind.BOOLEAN, "Whether reviewers reserve items"),
        column("reservation_minutes", Kind.INTEGER, "How long a reservation holds"),
        column("reviewer_access_mode", Kind.LOWER, "any, or who may review"),
        column("assigned_reviewers", Kind.JSON, "People who review: id, name, email"),
        column("metadata", Kind.JSON, "Metadata"),
        column("total_runs", Kind.INTEGER, "Number of items, as LangSmith counts them"),
        raw(),
    ),
    how_read="listed whole",
    time="created_at",
)

ANNOTATION_QUEUE_ITEM = Table(
    "langsmith_annotation_queue_item",
    (
        column("item_id", Kind.STRING, "Item id", "id"),
        Column("queue_id", Kind.STRING, (), "Queue the item is in"),
        column("item_type", Kind.LOWER, "run or thread"),
        column("run_id", Kind.STRING, "Run to review, of an item of type run"),
        column("thread_id", Kind.STRING, "Thread to review, of an item of type thread"),
        column("project_id", Kind.STRING, "Project of the run or thread"),
        Column("status", Kind.LOWER, (), "Section: needs_my_review and needs_others_review of the key's user, or archived"),
        column("added_at", Kind.TIMESTAMP, "When the item was put into the queue"),
        column("effective_added_at", Kind.TIMESTAMP, "By which the queue is ordered"),
        column("last_reviewed_time", Kind.TIMESTAMP, "When it was reviewed last"),
        column("start_time", Kind.TIMESTAMP, "When the run or thread began"),
        column("completed_by", Kind.JSON, "Users who have reviewed it"),
        column("reserved_by", Kind.JSON, "Users who have reserved it"),
        column("assigned_to", Kind.JSON, "Users it is assigned to"),
        column("agreement_state", Kind.LOWER, "agreed, disagreed or none"),
        column("has_unresolved_keys", Kind.BOOLEAN, "Whether a key that reviewers disagree on has no final answer"),
        column("key_agreements", Kind.JSON, "The reviewers' result by feedback key"),
        column("source_proposed_example_id", Kind.STRING, "Suggested example it was made from"),
        raw(),
    ),
    how_read="whole, of queues whose number of items or modification time has changed; of all queues once a day",
    time="added_at",
    partition="MONTH",
    cluster=("queue_id",),
    parent="queue_id",
)
