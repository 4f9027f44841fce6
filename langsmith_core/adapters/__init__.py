"""One file per outside system. Nothing here decides what is read or written; the core does."""
