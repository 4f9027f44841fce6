"""The BigQuery sink: it stores rows."""
