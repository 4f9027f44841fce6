"""Limits of one request, on any endpoint. Run queries have their own (run_queries)."""

IDS_MAX = 50
"""Ids in one request: what lists are known to take (langsmith-sdk #859)."""
LIST_ROWS_MAX = 100
"""Records in one page of a list."""
GATHERED = IDS_MAX
"""Parents that a list gathers before their children are read: a full query of v2."""
