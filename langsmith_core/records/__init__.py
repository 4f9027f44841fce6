"""Turn a LangSmith record into a row of a table, and a row into JSON bytes."""
