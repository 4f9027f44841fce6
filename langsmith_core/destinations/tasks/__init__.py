"""Cloud Tasks: the queue that gives out turns of shards."""
