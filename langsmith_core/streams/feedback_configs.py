"""Feedback configurations: what a feedback key means in the workspace."""

from __future__ import annotations

from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.streams.listing import opened
from langsmith_core.streams.stream import Listing, Stream

FEEDBACK_CONFIG = Table(
    "langsmith_feedback_config",
    (
        column("feedback_key", Kind.STRING, "The feedback key"),
        column("type", Kind.LOWER, "continuous, categorical or freeform", "feedback_config.type"),
        column("min", Kind.FLOAT, "The least score", "feedback_config.min"),
        column("max", Kind.FLOAT, "The greatest score", "feedback_config.max"),
        column("categories", Kind.JSON, "The categories of a categorical key", "feedback_config.categories"),
        column("is_lower_score_better", Kind.BOOLEAN, "Whether a lower score is better"),
        column("modified_at", Kind.TIMESTAMP, "Modification time"),
        raw(),
    ),
    how_read="listed whole; one that is deleted in LangSmith stays",
    time="modified_at",
    is_keyed_by_id=False,
)
STREAM = Stream(
    FEEDBACK_CONFIG,
    switch="SYNC_FEEDBACK_CONFIGS",
    listing=Listing("/api/v1/feedback-configs"),
    opens=opened(FEEDBACK_CONFIG.name),
    optional=True,
)
