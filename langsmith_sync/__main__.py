"""`python -m langsmith_sync`: the same as `langsmith-sync`."""

from __future__ import annotations

from langsmith_sync.app import main

if __name__ == "__main__":
    main()
