"""LangSmith's records as rows, in bounded calls. The core is values in, values out; faces and destinations surround it."""
