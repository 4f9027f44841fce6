"""The columns of prompts and of their commits. How they are read is in prompts and prompt_commits."""

from __future__ import annotations

from langsmith_core.records.columns import Kind, Table, column, raw

PROMPT = Table(
    "langsmith_prompt",
    (
        column("prompt_id", Kind.STRING, "Prompt id", "id"),
        column("repo_handle", Kind.STRING, "The prompt's name in its workspace"),
        column("full_name", Kind.STRING, "The name with its owner: owner/name"),
        column("owner", Kind.STRING, "The handle of the workspace that owns it; null where it has none"),
        column("description", Kind.STRING, "Description"),
        column("repo_type", Kind.LOWER, "prompt, file, agent or skill"),
        column("is_public", Kind.BOOLEAN, "Whether everybody may read it"),
        column("is_archived", Kind.BOOLEAN, "Whether it is archived"),
        column("tags", Kind.JSON, "Tags"),
        column("num_commits", Kind.INTEGER, "Number of commits"),
        column("num_likes", Kind.INTEGER, "Number of likes"),
        column("num_downloads", Kind.INTEGER, "Number of downloads"),
        column("num_views", Kind.INTEGER, "Number of views"),
        column("last_commit_hash", Kind.STRING, "Hash of the newest commit"),
        column("created_by", Kind.STRING, "Who made it"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time"),
        raw(),
    ),
    how_read="listed whole, the workspace's own",
    time="updated_at",
    kept=("tenant_id",),  # whose prompt it is: the list may show public ones of other workspaces
)
PROMPT_COMMIT = Table(
    "langsmith_prompt_commit",
    (
        column("commit_id", Kind.STRING, "Commit id", "id"),
        column("prompt_id", Kind.STRING, "Prompt the commit belongs to", "repo_id"),
        column("commit_hash", Kind.STRING, "Hash: a run's prompt_commit joins to it"),
        column("parent_commit_hash", Kind.STRING, "Hash of the commit before"),
        column("description", Kind.STRING, "Description"),
        column("author", Kind.STRING, "Full name of the author (full_name in the API)", "full_name"),
        column("manifest", Kind.JSON, "The prompt, as LangChain writes it"),
        column("created_at", Kind.TIMESTAMP, "When it was made"),
        column("updated_at", Kind.TIMESTAMP, "Modification time"),
        raw(),
    ),
    how_read="new ones of each prompt whose newest commit is another one; of prompts only, not of files, agents and skills",
    time="created_at",
    parent="prompt_id",
)
