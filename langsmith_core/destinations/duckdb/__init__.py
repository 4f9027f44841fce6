"""A DuckDB file as sink and store: it holds rows and position."""
