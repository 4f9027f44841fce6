"""What is written about the module is what the module is."""

from __future__ import annotations

import importlib.util
import re
import runpy
import shlex
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform import planning
from terraform.planning import BOTH, CALLER, ROOT, TENANT, Plan, Terraform, headings

GUIDE = (ROOT / "docs" / "deploy.md").read_text()
README = (ROOT / "terraform" / "README.md").read_text()
BLOCKS = re.findall(r"^```bash\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
ANYWHERE = [block for block in BLOCKS if block.startswith("# runs anywhere\n")]


def test_the_tables_are_the_modules() -> None:
    """Inputs and outputs in terraform/README.md are what scripts/terraform_readme.py writes from the module."""
    spec = importlib.util.spec_from_file_location("terraform_readme", ROOT / "scripts" / "terraform_readme.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.rendered(README) == README


def test_every_variable_and_output_has_its_row() -> None:
    """No variable, attribute of an object, or output is missing from the tables: counted without the script that writes them."""
    variables = (ROOT / "terraform" / "variables.tf").read_text()
    named = len(re.findall(r'^variable "', variables, re.MULTILINE)) + len(
        re.findall(r"^    \w+ += .*# ", variables, re.MULTILINE)
    )
    told = README.split("<!-- inputs -->")[1].split("<!-- /inputs -->")[0]
    assert len(re.findall(r"^\| `", told, re.MULTILINE)) == named
    made = re.findall(r'^output "(\w+)"', (ROOT / "terraform" / "outputs.tf").read_text(), re.MULTILINE)
    told = README.split("<!-- outputs -->")[1].split("<!-- /outputs -->")[0]
    assert re.findall(r"^\| `(\w+)`", told, re.MULTILINE) == made


def test_every_link_of_the_module_leads_to_a_file() -> None:
    """A relative link in terraform/README.md names a file that exists, its anchor a heading of that file."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", README):
        file = ROOT / "terraform" / target
        assert file.exists(), target
        assert not anchor or anchor in headings(file.read_text()), f"{target}#{anchor}"


def test_every_anchor_of_the_guide_is_a_heading() -> None:
    """A link within docs/deploy.md leads to one of its headings."""
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= headings(GUIDE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a user has: the repository's files, as far as the guide's commands touch them."""
    for name in ("terraform", "scripts", "langsmith_core"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    for name in ("main.py", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_the_readmes_module_is_a_plan(terraform: Terraform, copy: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The block of terraform/README.md plans as it stands, its source fetched by git from a repository with that tag."""
    (block,) = re.findall(r"^```hcl\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "a"], ["tag", "v0.1.0"]):
        assert planning.run(["git", *command], copy).returncode == 0
    root = tmp_path_factory.mktemp("root")
    assert "https://github.com/YOU/YOUR-COPY.git" in block
    (root / "main.tf").write_text(block.replace("https://github.com/YOU/YOUR-COPY.git", f"file://{copy}"))
    planned = terraform.plan({}, root)
    assert [one["name"] for one in planned.of("google_cloudfunctions2_function")] == ["langsmith-sync"]


def test_the_guides_commands_make_folders_that_plan(terraform: Terraform, copy: Path) -> None:
    """Every block that says so runs anywhere, in turn, and the two folders that they make plan with the values they write."""
    assert len(ANYWHERE) == 2
    for block in ANYWHERE:
        done = planning.run(["bash", "-euo", "pipefail", "-c", block], copy)
        assert done.returncode == 0, done.stdout + done.stderr
    sync, fivetran = (terraform.plan({}, copy / "deploy" / name) for name in ("langsmith", "fivetran"))
    (function,) = sync.of("google_cloudfunctions2_function")
    assert function["service_config"][0]["environment_variables"]["LANGSMITH_TENANT_ID"] == TENANT
    (callers,) = fivetran.of("google_cloud_run_v2_service_iam_binding")
    assert callers["members"] == [f"serviceAccount:{CALLER}"]


def test_names_in_the_guides_commands_are_those_that_are_made(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The job, the service, the secret and the addresses in Terraform's state that the guide names are the module's."""
    planned = plan(BOTH)
    (job,) = planned.of("google_cloud_scheduler_job")
    assert f"gcloud scheduler jobs run {job['name']} " in GUIDE
    assert planned.outputs["status_command"].replace(" --project acme-data", "") in GUIDE
    assert re.findall(r'name = "([\w-]+)"', (ROOT / "terraform/examples/standalone-only/main.tf").read_text())[0] in GUIDE
    for address in re.findall(r"'module\.langsmith_sync\.([^']+)'", GUIDE):
        assert address in planned.resources


SHOWN = "\n".join([*BLOCKS, *re.findall(r"`(gcloud [^`]+)`", GUIDE)])
COMMANDS = sorted({command.strip() for command in re.findall(r"(?:^|\| )(gcloud [^\n;]+)", SHOWN, re.MULTILINE)})


@pytest.fixture(scope="module")
def known_to_gcloud() -> dict[str, Any]:
    """The tree of gcloud's commands and flags, which it ships for the completion of words."""
    gcloud = shutil.which("gcloud")
    tree = Path(gcloud).resolve().parents[1] / "data" / "cli" / "gcloud_completions.py" if gcloud else None
    if tree is None or not tree.exists():
        pytest.skip("gcloud is not installed: install it, and the guide's commands are held against its own list")
    known: dict[str, Any] = runpy.run_path(str(tree))["STATIC_COMPLETION_CLI_TREE"]
    return known


@pytest.mark.parametrize("command", COMMANDS)
def test_gcloud_knows_the_command(known_to_gcloud: dict[str, Any], command: str) -> None:
    """Gcloud has each command of the guide, and each of its flags."""
    _, *words = shlex.split(command)
    node, flags = known_to_gcloud, set(known_to_gcloud["flags"])
    while words and words[0] in node["commands"]:
        node = node["commands"][words.pop(0)]
        flags |= set(node["flags"])
    assert node["commands"] == {}, f"gcloud has no {words[0]} there: {command}"
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= flags


def test_the_months_counts_are_the_counts_of_the_other_pages() -> None:
    """Passes are the default schedule's; what a pass costs is in docs/costs.md and docs/firestore.md, times the passes."""
    passes = 30 * 24 * 4
    rows = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \| [\d,]+ \|", GUIDE, re.MULTILINE))
    months = {
        name: int(month.replace(",", ""))
        for name, month in re.findall(r"^\| ([^|]+?) \| \d* ?\| ([\d,]+) \|", GUIDE, re.MULTILINE)
    }
    costs = (ROOT / "docs" / "costs.md").read_text()
    idle: dict[str, str] = dict(re.findall(r"idle sync, 100 projects, 20 active \| (v\d) \| \d+ \| (\d+) ", costs))
    found = re.search(r"^\| a pass of one save \| (\d+) \| (\d+) ", (ROOT / "docs" / "firestore.md").read_text(), re.MULTILINE)
    assert found
    expected = {f"requests to LangSmith, {api}": count for api, count in idle.items()}
    expected |= {"Firestore reads, a pass of one save": found[1], "Firestore writes, a pass of one save": found[2]}
    assert rows == expected
    assert months == {"passes": passes} | {name: passes * int(count) for name, count in expected.items()}


def test_every_skipped_rule_has_its_reason() -> None:
    """A rule of checkov that is skipped is skipped beside the resource, with a reason of at least six words."""
    skips = [skip for file in ROOT.glob("terraform/**/*.tf") for skip in re.findall(r"#\s*checkov:skip=(.*)", file.read_text())]
    assert skips
    for skip in skips:
        rule, _, reason = skip.partition(":")
        assert re.fullmatch(r"CKV2?_GCP_\d+", rule), skip
        assert len(reason.split()) >= 6, skip


def test_skips_are_beside_resources_only() -> None:
    """Nothing is skipped for the whole module: no setting of checkov's lies in the repository."""
    assert Counter(file.name for file in ROOT.glob(".checkov*")) == Counter()


def test_the_files_are_formatted() -> None:
    """`terraform fmt` would change nothing."""
    if planning.PROGRAM is None:
        pytest.skip("terraform is not installed: install version 1.9 or newer, and the files' format is checked")
    command = [planning.PROGRAM, "fmt", "-check", "-diff", "-recursive", str(planning.MODULE)]
    done = planning.run(command)
    assert done.returncode == 0, done.stdout
