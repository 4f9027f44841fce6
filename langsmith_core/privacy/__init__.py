"""Privacy: which fields, values and projects never leave LangSmith, and where LangSmith repeats a hidden value."""
