"""The demo: a simulated LangSmith, an application that is traced into it, five changes, and a report of what arrived."""
