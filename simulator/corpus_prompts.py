"""Seeded prompts: of every kind, with commits, and one of another workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import hub

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.hub import Prompt
    from simulator.store import Store

OTHERS = "0b52e9ad-3b51-4a93-8a2d-5a1b9a9b6c01"
"""Another workspace, whose public prompts everybody sees."""
SEEDED = ("refund-policy", "summarise-thread", "route-question", "judge-tone", "extract-invoice")


def fill(workspace: Store, rng: Random, oldest: datetime) -> None:
    """Make prompts with some commits each at moments since `oldest`, a public one of another workspace, and an agent."""
    now = workspace.clock.now()
    for number, handle in enumerate(SEEDED):
        made = hub.make_prompt(
            workspace,
            _free(workspace, handle),
            description="made by the simulator" if number % 2 else None,
            is_archived=number == 3,
            is_public=number == 2,
        )
        one = hub.prompts(workspace)[made]
        one.tags, one.created_by, one.views = (["chat"] if number % 2 else []), "Ada L.", rng.randint(0, 99)
        for _ in range(rng.randint(0, 4) if number else 3):
            hub.push_commit(workspace, made, manifest(rng))
        _date(one, oldest, now, rng)
    for number, kind in enumerate(("prompt", "agent")):
        other = {"tenant": OTHERS, "owner": "acme"} if kind == "prompt" else {"repo_type": kind}
        made = hub.make_prompt(workspace, _free(workspace, f"{kind}-{number}"), is_public=True, **other)
        hub.push_commit(workspace, made, manifest(rng))
        _date(hub.prompts(workspace)[made], oldest, now, rng)


def _free(workspace: Store, handle: str) -> str:
    """Return a handle that no prompt has: a workspace may be filled more than once."""
    taken = sum(one.handle.startswith(handle) for one in hub.prompts(workspace).values())
    return f"{handle}-{taken}" if taken else handle


def _date(one: Prompt, oldest: datetime, now: datetime, rng: Random) -> None:
    """Spread a prompt's making and its commits over the time since `oldest`."""
    moments = sorted(oldest + (now - oldest) * rng.random() for _ in range(len(one.commits) + 1))
    one.created_at = moments[0]
    for commit, at in zip(one.commits, moments[1:], strict=True):
        commit.created_at = at
    one.updated_at = moments[-1]


def manifest(rng: Random) -> dict[str, Any]:
    """The manifest of a commit, as LangChain writes a prompt template."""
    template = f"Answer in {rng.randint(1, 9)} sentences: {{question}}"
    kwargs = {"input_variables": ["question"], "template": template, "template_format": "f-string"}
    return {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "prompt", "PromptTemplate"], "kwargs": kwargs}
