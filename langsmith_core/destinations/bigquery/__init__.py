"""BigQuery as a sink."""

from langsmith_core.destinations.bigquery.sink import opened as opened
from langsmith_core.destinations.bigquery.sink import status as status
