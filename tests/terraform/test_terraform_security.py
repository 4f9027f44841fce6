"""docs/SECURITY.md names every grant that Terraform makes, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from terraform.planning import BOTH, CALLER, ROOT, Plan, headings

TEXT = (ROOT / "docs" / "SECURITY.md").read_text()
GRANTS = {(account, role) for account, role in re.findall(r"^\| (.+?) \| `(roles/[\w.]+)` \| .+ \| .+ \|$", TEXT, re.MULTILINE)}
READER, STATUS_READER = "group:analysts@example.com", "user:you@example.com"
WRITTEN = {
    CALLER: "Fivetran's account",
    "analysts@example.com": "`sync.bigquery_readers`",
    "you@example.com": "`sync.status_readers`",
    "projectOwners": "owners of the project",
}


ACCESS = {"OWNER": "roles/bigquery.dataOwner", "WRITER": "roles/bigquery.dataEditor", "READER": "roles/bigquery.dataViewer"}
"""What a dataset's own list of access calls these roles, as BigQuery documents it."""


def _account(member: str) -> str:
    """Write a member of a grant as the page does."""
    address = member.split(":")[1]
    return WRITTEN.get(address, f"`{address.split('@')[0].replace('langsmith', 'NAME')}`")


def test_the_roles_are_those_of_the_files() -> None:
    """The page names each role in the module's files, and no other."""
    given = {
        role
        for file in (ROOT / "terraform").glob("*.tf")
        for role in re.findall(r'role\s*=\s*"(roles/[\w.]+)"', file.read_text())
    }
    dataset = (ROOT / "terraform" / "bigquery.tf").read_text()
    given |= {ACCESS[name] for name in re.findall(r'role\s*=\s*"([A-Z]+)"', dataset)}
    assert set(re.findall(r"roles/[\w.]*\w", TEXT)) == given


def test_the_grants_are_those_of_the_plan(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The page's table of accounts and roles is the plan of both ways, with readers."""
    readers = {"bigquery_readers": [READER], "status_readers": [STATUS_READER]}
    planned = plan({**BOTH, "sync": {"bigquery_location": "EU", **readers}, "shards": {"instances": 2}})
    granted = set()
    for address, one in planned.resources.items():
        if re.search(r"_iam_(member|binding)\.", address):
            granted |= {(_account(member), one["role"]) for member in (one.get("members") or [one["member"]])}
    (dataset,) = planned.of("google_bigquery_dataset")
    for one in dataset["access"]:
        who = next(one[name] for name in ("special_group", "user_by_email", "group_by_email") if one.get(name))
        granted.add((_account(f"in the dataset:{who}"), ACCESS[one["role"]]))
    assert granted == GRANTS


def test_every_link_of_the_page_leads_somewhere() -> None:
    """A relative link leads to an existing file, and to one of its headings."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", TEXT):
        file = Path(ROOT / "docs" / (target or "SECURITY.md"))
        assert file.exists(), target
        assert not anchor or anchor in headings(file.read_text()), f"{target}#{anchor}"
