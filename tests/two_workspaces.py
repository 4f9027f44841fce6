"""Two simulated workspaces behind one address, and the environment of a function that reads both."""

from __future__ import annotations

import json
from typing import Any

from langsmith_core.settings.workspaces import key_variable
from simulator import Clock, Simulator
from simulator.tenants import Tenants

NAMES = ("my-team", "other")
TENANTS = {"my-team": "11111111-0000-4000-8000-000000000001", "other": "22222222-0000-4000-8000-000000000002"}
KEYS = {"my-team": "lsv2_pt_of_my_team_1234567890", "other": "lsv2_pt_of_the_other_0987654321"}


class Two:
    """Both workspaces, on one clock. They hold different records of the same shape."""

    def __init__(self, clock: Clock, runs: int = 40) -> None:
        self.sims = {
            name: Simulator(clock, seed=seed, api_key=KEYS[name], tenant_id=TENANTS[name]) for seed, name in enumerate(NAMES)
        }
        for sim in self.sims.values():
            sim.corpus(projects=2, runs=runs, datasets=2, examples=10, days=12)
        self.address = Tenants(*self.sims.values())

    def requests(self, name: str) -> int:
        """Count the requests that a workspace was asked."""
        return len(self.sims[name].requests)


def mapped(entries: dict[str, dict[str, Any]], **more: str) -> dict[str, str]:
    """Return an environment with a map of these entries, each with tenant and key of its workspace."""
    whole = {name: {"LANGSMITH_TENANT_ID": TENANTS[name], **entry} for name, entry in entries.items()}
    return {"WORKSPACES": json.dumps(whole), **{key_variable(name): KEYS[name] for name in entries}, **more}
