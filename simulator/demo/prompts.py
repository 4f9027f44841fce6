"""The prompts of the demo's applications: each has versions, and runs name the one that they used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

OWNER = "parcel-shop"


@dataclass(frozen=True)
class Version:
    """One commit of a prompt. `age`: days before the demo's present at which it was made."""

    prompt: str
    number: int
    age: float
    template: str

    @property
    def commit(self) -> str:
        """The commit's hash: 64 hexadecimal characters, made of what it holds."""
        return hashlib.sha256(f"{OWNER}/{self.prompt} {self.number} {self.template}".encode()).hexdigest()

    def metadata(self) -> dict[str, object]:
        """What the SDK's `pull_prompt` puts into a prompt's metadata."""
        return {"lc_hub_owner": OWNER, "lc_hub_repo": self.prompt, "lc_hub_commit_hash": self.commit}


SUPPORT = (
    Version("support-answer", 1, 20.0, "You help customers of a shop. Answer: {question}"),
    Version("support-answer", 2, 9.0, "You help customers of a shop. Use these pages: {pages}. Answer: {question}"),
    Version("support-answer", 3, 4.5, "Use these pages alone: {pages}. If they do not help, say so. Answer: {question}"),
)
INVOICE = (
    Version("invoice-fields", 1, 20.0, "Read the invoice and name its fields: {invoice}"),
    Version("invoice-fields", 2, 7.0, "Read the invoice. Answer with JSON alone: number, date, total. {invoice}"),
)
CHECKOUT = (Version("checkout-hint", 1, 20.0, "Give one short hint for this basket: {basket}"),)
PROMPTS = (SUPPORT, INVOICE, CHECKOUT)


def at_age(versions: tuple[Version, ...], age: float) -> Version:
    """The version in use that many days ago."""
    return [version for version in versions if version.age >= age][-1]
