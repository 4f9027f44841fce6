"""Completeness: compare what LangSmith counts with what the destination holds, and read again what differs."""
