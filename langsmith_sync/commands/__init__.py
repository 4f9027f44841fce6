"""The commands: one module for each. `langsmith_sync.app` lists them."""
