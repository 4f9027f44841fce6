"""The HTTP client of LangSmith: requests, pacing, retries, time limits, and what failures mean."""
