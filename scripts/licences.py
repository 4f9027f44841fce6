"""The licences of the packages that are locked for users: what docs/licences.md lists, by each installed package's own metadata.

Here: requirements.txt, which is deployed, and requirements-local.txt, which a person's machine adds. Tools of development are not
handed on to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
FILES = {"requirements.txt": "deployed", "requirements-local.txt": "your machine"}
ALLOWED = frozenset({"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"})
"""Licences that may be locked: permissive ones, and MPL-2.0, which asks to publish changes of its own files alone."""
NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Names that metadata has for licences, and what SPDX calls them. SPDX has no name for a BSD licence of unknown clauses."""


class Locked(NamedTuple):
    """A locked package, the file that locks it, and its licences as an SPDX expression; none where it is of another system."""

    name: str
    version: str
    file: str
    licence: str | None


def table() -> str:
    """Return the table of docs/licences.md."""
    rows = [f"| {one.name} | {one.version} | {one.licence or 'of another system'} | {FILES[one.file]} |" for one in locked()]
    return "\n".join(["| package | version | licence | where |", "|---|---|---|---|", *rows])


def locked() -> list[Locked]:
    """Return each locked package once, by its name; what is deployed is not named again for a person's machine."""
    found: dict[str, Locked] = {}
    for file in FILES:
        for requirement in _requirements(ROOT / file):
            found.setdefault(requirement.name, _locked(requirement, file))
    return [found[name] for name in sorted(found)]


def parts(licence: str) -> set[str]:
    """Return the licences that an SPDX expression names."""
    return set(re.findall(r"[\w.-]+", licence)) - {"AND", "OR"}


def _requirements(file: Path) -> Iterator[Requirement]:
    for line in file.read_text().replace("\\\n", " ").splitlines():
        text = line.partition(" --hash")[0].partition("#")[0].strip()
        if text and not text.startswith("-"):
            yield Requirement(text)


def _locked(requirement: Requirement, file: str) -> Locked:
    version = str(requirement.specifier).removeprefix("==")
    if requirement.marker and not requirement.marker.evaluate():
        return Locked(requirement.name, version, file, None)
    return Locked(requirement.name, version, file, _licence(metadata.metadata(requirement.name)))


def _licence(of: metadata.PackageMetadata) -> str:
    """Return the expression, else the short text, else what the classifiers say."""
    text = of["License-Expression"] or of["License"] or ""
    classified = [one.rpartition(" :: ")[2] for one in of.get_all("Classifier") or [] if one.startswith("License ::")]
    said = [text] if NAMES.get(text, text) in ALLOWED or of["License-Expression"] or not classified else classified
    return " OR ".join(NAMES.get(one, one) for one in said)
