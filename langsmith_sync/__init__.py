"""The command line `langsmith-sync`: a terminal's view of langsmith_core, which knows nothing of it."""
