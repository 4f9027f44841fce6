"""The engine: from a state to batches of rows, and the position."""
