"""The module's documents say what the module is."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest

from terraform import planning
from terraform.planning import ROOT, Terraform, headings

README = (ROOT / "terraform" / "README.md").read_text()


def test_the_tables_are_the_modules() -> None:
    """Inputs and outputs in terraform/README.md are what scripts/terraform_readme.py writes from the module."""
    spec = importlib.util.spec_from_file_location("terraform_readme", ROOT / "scripts" / "terraform_readme.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.rendered(README) == README


def test_every_variable_and_output_has_its_row() -> None:
    """The tables have each variable, attribute and output. This test counts them without the script that writes them."""
    variables = "".join(file.read_text() for file in (ROOT / "terraform").glob("variables*.tf"))
    named = len(re.findall(r'^variable "', variables, re.MULTILINE)) + len(
        re.findall(r"^    \w+ += .*# ", variables, re.MULTILINE)
    )
    table = README.split("<!-- inputs -->")[1].split("<!-- /inputs -->")[0]
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == named
    made = re.findall(r'^output "(\w+)"', (ROOT / "terraform" / "outputs.tf").read_text(), re.MULTILINE)
    table = README.split("<!-- outputs -->")[1].split("<!-- /outputs -->")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == made


def test_every_link_of_the_module_leads_to_a_file() -> None:
    """A relative link in terraform/README.md leads to an existing file, and to one of its headings."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", README):
        file = ROOT / "terraform" / target
        assert file.exists(), target
        assert not anchor or anchor in headings(file.read_text()), f"{target}#{anchor}"


def test_the_readmes_module_is_a_plan(terraform: Terraform, copy: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The block of terraform/README.md plans as it stands. Git fetches its source from a repository with that tag."""
    (block,) = re.findall(r"^```hcl\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "a"], ["tag", "v0.1.0"]):
        assert planning.run(["git", *command], copy).returncode == 0
    root = tmp_path_factory.mktemp("root")
    assert "https://github.com/YOU/YOUR-COPY.git" in block
    (root / "main.tf").write_text(block.replace("https://github.com/YOU/YOUR-COPY.git", f"file://{copy}"))
    planned = terraform.plan({}, root)
    assert [one["name"] for one in planned.of("google_cloudfunctions2_function")] == ["langsmith-sync"]


def test_every_skipped_rule_has_its_reason() -> None:
    """A skipped rule of checkov stands beside its resource, with a reason of at least six words."""
    skips = [skip for file in ROOT.glob("terraform/**/*.tf") for skip in re.findall(r"#\s*checkov:skip=(.*)", file.read_text())]
    assert skips
    for skip in skips:
        rule, _, reason = skip.partition(":")
        assert re.fullmatch(r"CKV2?_GCP_\d+", rule), skip
        assert len(reason.split()) >= 6, skip


def test_skips_are_beside_resources_only() -> None:
    """No rule is skipped for the whole module: the repository has no configuration of checkov."""
    assert Counter(file.name for file in ROOT.glob(".checkov*")) == Counter()


def test_the_files_are_formatted() -> None:
    """`terraform fmt` would change nothing."""
    if planning.PROGRAM is None:
        pytest.skip("terraform is not installed: install version 1.9 or newer, and the files' format is checked")
    command = [planning.PROGRAM, "fmt", "-check", "-diff", "-recursive", str(planning.MODULE)]
    done = planning.run(command)
    assert done.returncode == 0, done.stdout
