"""Feedback configurations: what a feedback key means, by workspace."""

from __future__ import annotations

from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.streams.listing import opened
from langsmith_core.streams.work import Listing, Stream

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
    how_read="listed whole",
    time="modified_at",
)
STREAM = Stream(
    FEEDBACK_CONFIG,
    switch="SYNC_FEEDBACK_CONFIGS",
    listing=Listing("/api/v1/feedback-configs"),
    opens=opened(FEEDBACK_CONFIG.name),
)
