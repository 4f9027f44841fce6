"""What is asked of LangSmith, by stream."""
