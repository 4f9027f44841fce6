"""LangSmith's records as rows, in bounded calls. The core is values in, values out; `adapters` holds the outside systems."""
