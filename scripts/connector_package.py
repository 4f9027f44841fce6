"""Build the folder that `fivetran deploy` takes: `make connector`, or `python scripts/connector_package.py FOLDER`.

It holds connector.py, the modules of langsmith_core that it imports, directly or not, and nothing else of them; the pinned
requirements that Fivetran does not have; the example of a configuration; the README for Fivetran's users; the licence.

Deploying from the repository itself would send its tests too, and its pyproject.toml would take the place of requirements.txt.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TARGET = ROOT / "connector", Path(".build/connector")
COPIED = ("connector.py", "configuration.json", "README.md")
PACKAGE = "langsmith_core"
HAS = ("fivetran_connector_sdk", "requests", "urllib3")
"""What Fivetran has installed: its SDK, requests, and what requests needs. Neither of the first may be listed."""
_PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def main() -> None:
    """Build the folder anew, by default .build/connector, and say what it weighs."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    files = imported()
    for file in files:
        place = target / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    for name in COPIED:
        shutil.copy(SOURCE / name, target / name)
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    (target / "requirements.txt").write_text(requirements(files))
    made = [file for file in target.rglob("*") if file.is_file()]
    print(f"{target}: {len(made)} files, {sum(file.stat().st_size for file in made) / 1000:,.0f} KB")


def imported() -> list[Path]:
    """Return the package's files that connector.py needs, with the `__init__` of each folder on the way."""
    waiting, found = [SOURCE / "connector.py"], set[Path]()
    while waiting:
        for module in _imports(waiting.pop()):
            for file in _files(module):
                if file not in found:
                    found.add(file)
                    waiting.append(file)
    return sorted(found)


def requirements(files: list[Path]) -> str:
    """Return requirements.txt: the lock's versions of the libraries that these files import."""
    named = {module.partition(".")[0] for file in files for module in _imports(file)}
    wanted = sorted(named - {PACKAGE, *HAS} - sys.stdlib_module_names)
    versions = dict(_PINNED.findall((ROOT / "requirements.txt").read_text()))
    return "".join(f"{name}=={versions[name]}\n" for name in wanted)


def _imports(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports when it runs: not those for type checkers alone."""
    waiting: list[ast.AST] = [ast.parse(file.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)


def _files(module: str) -> Iterator[Path]:
    """Yield the file of one of our modules, and the `__init__` of each folder on its way. A name in a module has none."""
    first, *_ = steps = module.split(".")
    place = ROOT.joinpath(*steps)
    if first == PACKAGE and (place.is_dir() or place.with_suffix(".py").is_file()):
        yield from (ROOT.joinpath(*steps[:count], "__init__.py") for count in range(1, len(steps) + place.is_dir()))
        if not place.is_dir():
            yield place.with_suffix(".py")


if __name__ == "__main__":
    main()
