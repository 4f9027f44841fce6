"""The embedded destination: one DuckDB file holds the rows and the position."""

from langsmith_core.destinations.duckdb.file import opened as opened
from langsmith_core.destinations.duckdb.file import status as status
