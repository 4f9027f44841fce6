"""The hook of mkdocs.yml: the site has the repository's pages at their own paths, so one link works on GitHub and in the site.

A page that git tracks is a page of the site. A file that a page links to, such as a module, is in the site as it is. What a link
cannot reach is an error of the build, as mkdocs.yml says.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("*.md", ":!tests", ":!.github", ":!dbt")
_LINK = re.compile(r"(\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(\))")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put each `folder/*` of the navigation's place by the pages of that folder."""
    config.nav = [_expanded(entry) for entry in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Return the theme's files, and the repository's pages and what they link to, at their paths in the repository."""
    theme = [file for file in files if file.src_dir != config.docs_dir]
    pages = _tracked()
    linked = {target for page in pages for target in _targets(page)}
    names = sorted({*pages, *(name for name in linked if (ROOT / name).is_file())})
    return Files([*theme, *(File.generated(config, name, abs_src_path=str(ROOT / name)) for name in names)])


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Return a page's text as mkdocs reads it: a link to a folder leads to its README, and HTML may hold tables."""
    folder = PurePosixPath(page.file.src_uri).parent
    text = _LINK.sub(lambda link: _link(link, folder), markdown)
    return text.replace("<details>", '<details markdown="1">')


def _expanded(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {title: [name for one in names for name in _named(one)] for title, names in entry.items()}


def _named(name: str) -> list[Any]:
    if not name.endswith("/*"):
        return [name]
    folder = name.removesuffix("/*")
    pages = [page for page in _tracked() if page.startswith(f"{folder}/")]
    return [{"Decisions": sorted(pages, key=lambda page: (not page.endswith("README.md"), page))}]


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--", *PAGES], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


def _targets(page: str) -> Iterator[str]:
    for link in _LINK.finditer((ROOT / page).read_text()):
        yield _resolved(PurePosixPath(page).parent, link[2])
    for source in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / page).read_text()):
        yield _resolved(PurePosixPath(page).parent, source)


def _resolved(folder: PurePosixPath, target: str) -> str:
    """Return a link's target as a path from the root of the repository. Outside of it nothing is a target."""
    path = _landing((ROOT / folder / target).resolve())
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else target


def _landing(path: Path) -> Path:
    """Return a folder's README, else its first file; a file is its own."""
    if not path.is_dir():
        return path
    readme = path / "README.md"
    return readme if readme.exists() else min(file for file in path.rglob("*") if file.is_file())


def _link(link: re.Match[str], folder: PurePosixPath) -> str:
    """Return a link to a folder as one to the file that it lands on."""
    before, target, anchor, after = link.groups(default="")
    path = ROOT / folder / target
    if not path.is_dir():
        return link[0]
    return f"{before}{target.rstrip('/')}/{_landing(path).relative_to(path).as_posix()}{anchor}{after}"
