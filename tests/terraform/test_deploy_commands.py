"""The commands of docs/deploy.md and docs/runbook.md are run where no account is needed, and else checked without one."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from langsmith_core.destinations.bigquery import tables
from langsmith_core.destinations.duckdb import sql
from langsmith_core.streams.registry import TABLES
from terraform import planning
from terraform.planning import BOTH, CALLER, ROOT, SYNC, TENANT, Plan, RefusedError, Terraform, headings

GUIDE = (ROOT / "docs" / "deploy.md").read_text()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
BOTH_PAGES = f"{GUIDE}\n{RUNBOOK}"
BLOCKS = re.findall(r"^```bash\n(.*?)^```", BOTH_PAGES, re.MULTILINE | re.DOTALL)
ANYWHERE = [block for block in BLOCKS if block.startswith("# runs anywhere\n")]
FOLDERS = {name: block for block in ANYWHERE for name in re.findall(r"mkdir -p deploy/(\w+)", block)}
ELSEWHERE = [block for block in BLOCKS if block not in ANYWHERE]
SHOWN = "\n".join([*BLOCKS, *re.findall(r"`((?:gcloud|bq) [^`]+)`", BOTH_PAGES)])
CHECKED_ELSEWHERE = {
    "gcloud": "test_gcloud_knows_the_command",
    "bq": "test_bq_knows_the_command, and its query by test_a_query_of_tables_runs",
    "terraform": "test_the_commands_of_terraform: init and plan are run on the folders that the guide makes",
    "cd": "the folders that the guide makes",
    "git": "pull: nothing of this project",
    "read": "of the shell: a key that is not echoed",
    "openssl": "test_a_made_key_is_long_enough",
    "make": "test_make_hands_the_project_on, and what it runs by emulators/test_check_bigquery",
}
"""The programs in blocks that need an account, and how each is checked without one."""


def test_every_block_says_where_it_runs() -> None:
    """Each block of commands begins by saying that it runs anywhere, or why it needs an account."""
    assert len(ANYWHERE) == 3
    for block in ELSEWHERE:
        assert re.match(r"# needs an account: \w+( \S+){2,}\n", block), block


def test_every_block_is_followed_by_what_one_should_see() -> None:
    """In the guide, the paragraph after each block of commands says what to expect."""
    following = re.findall(r"^```bash\n.*?^```\n\n(\S+ \S+)", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(following) == len([block for block in BLOCKS if block in GUIDE])
    assert [words for words in following if not words.startswith("**Expect** ")] == []


def test_what_cannot_be_changed_comes_first_and_privacy_before_the_apply() -> None:
    """The guide begins with what stays, and hides what must not leave before anything is applied."""
    titles = re.findall(r"^##+ (.+)$", GUIDE, re.MULTILINE)
    assert titles[0] == "Decide these first"
    assert titles.index("What must not leave") < titles.index("3. Apply") < titles.index("4. The first pass")


def test_programs_that_need_an_account_are_few() -> None:
    """Every program in a block that needs an account has a check, which CHECKED_ELSEWHERE names."""
    lines = [line for block in ELSEWHERE for line in block.splitlines() if line and not line.startswith("#")]
    assert {line.split()[0] for line in lines} == set(CHECKED_ELSEWHERE)


def test_make_hands_the_project_on() -> None:
    """The guide's first step runs the check of BigQuery with the project that it names."""
    (command,) = (line for block in ELSEWHERE for line in block.splitlines() if line.startswith("make "))
    shown = planning.run([*command.split(), "--dry-run"], ROOT).stdout
    assert 'PROJECT="acme-data" DATASET="" .venv/bin/python scripts/check_bigquery.py\n' in shown


def test_the_guides_commands_make_folders_that_plan(terraform: Terraform, copy: Path) -> None:
    """The blocks that run anywhere run in turn, and Terraform plans the two folders that they make."""
    printed = []
    for block in ANYWHERE:
        done = planning.run(["bash", "-euo", "pipefail", "-c", block], copy)
        assert done.returncode == 0, done.stdout + done.stderr
        printed.append(done.stdout)
    (places,) = (text for block, text in zip(ANYWHERE, printed, strict=True) if block not in FOLDERS.values())
    assert places.startswith("Place(table='langsmith_feedback'")
    assert f"```\n{places}```\n" in GUIDE
    assert 'backend "gcs"' in (copy / "deploy" / "langsmith" / "backend.tf").read_text()
    _without_account(copy / "deploy" / "langsmith")
    sync, fivetran = (terraform.plan({}, copy / "deploy" / name) for name in ("langsmith", "fivetran"))
    assert "Nobody will hear" not in sync.said
    made = [[address for address in one.resources if ".data." not in f".{address}"] for one in (sync, fivetran)]
    planned = [f"Plan: {len(addresses)} to add, 0 to change, 0 to destroy." for addresses in made]
    assert re.findall(r"^Plan: .+$", GUIDE, re.MULTILINE) == planned
    (function,) = sync.of("google_cloudfunctions2_function")
    assert function["service_config"][0]["environment_variables"]["LANGSMITH_TENANT_ID"] == TENANT
    (callers,) = fivetran.of("google_cloud_run_v2_service_iam_binding")
    assert callers["members"] == [f"serviceAccount:{CALLER}"]


def _without_account(folder: Path) -> None:
    """Keep the state of a folder that the guide's commands made in the folder itself, by an override file of Terraform's."""
    (folder / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')


SHOWN_VALUES = {
    name: block for block in re.findall(r"^```hcl\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL) for name in [block.split()[0]]
}
"""The guide's lines of Terraform, by the first variable that they set."""


@pytest.mark.parametrize("name", ["network", "kms_key"])
def test_what_is_shown_of_the_modules_block_plans(terraform: Terraform, copy: Path, name: str) -> None:
    """The guide's lines for the module's block plan in the folder that its commands make."""
    assert planning.run(["bash", "-euo", "pipefail", "-c", FOLDERS["langsmith"]], copy).returncode == 0
    root = copy / "deploy" / "langsmith"
    _without_account(root)
    main = (root / "main.tf").read_text()
    (root / "main.tf").write_text(main.replace("  sync = {", f"{SHOWN_VALUES[name]}\n  sync = {{"))
    planned = str(terraform.plan({}, root).resources)
    assert all(value in planned for value in re.findall(r'"(projects/.+)"', SHOWN_VALUES[name]))


def test_what_is_shown_of_workspaces_plans(terraform: Terraform) -> None:
    """The guide's workspaces plan in the example that it begins with, which has a job for each."""
    values = SHOWN_VALUES["workspaces"]
    root = ROOT / "terraform" / "examples" / "workspaces"
    jobs = terraform.plan({"project_id": "acme-data"}, root, values).of("google_cloud_scheduler_job")
    assert [(one["name"], one["schedule"]) for one in jobs] == [
        ("langsmith-sync-search", "5 * * * *"),
        ("langsmith-sync-support", "*/15 * * * *"),
    ]


def test_what_is_shown_of_privacy_plans(terraform: Terraform, copy: Path) -> None:
    """The guide's `privacy` lines plan in each folder that its commands make, and reach the function."""
    assert sorted(SHOWN_VALUES) == ["kms_key", "network", "privacy", "workspaces"]
    assert list(FOLDERS) == ["langsmith", "fivetran"]
    for name, commands in FOLDERS.items():
        assert planning.run(["bash", "-euo", "pipefail", "-c", commands], copy).returncode == 0
        values = copy / "deploy" / name / "terraform.tfvars"
        values.write_text(f"{values.read_text()}\n{SHOWN_VALUES['privacy']}")
        _without_account(values.parent)
        (function,) = terraform.plan({}, values.parent).of("google_cloudfunctions2_function")
        environment = function["service_config"][0]["environment_variables"]
        assert (environment["HASH_PATHS"], environment["PROJECTS_EXCLUDE"]) == ("langsmith_run.metadata.user_mail", "payroll")


GIVEN: dict[str, Any] = {"project_id": "acme-data", "langsmith_tenant_id": TENANT, "fivetran_service_account": CALLER}
CHANNEL = "projects/acme-data/notificationChannels/1"


@pytest.mark.parametrize("name", sorted(one.name for one in (ROOT / "terraform" / "examples").iterdir()))
def test_an_example_passes_on_what_is_given_in_its_variables(terraform: Terraform, copy: Path, name: str) -> None:
    """Settings, privacy, the HASH_KEY secret and channels reach every function and alert. A misspelt part is refused."""
    root = copy / "terraform" / "examples" / name
    given = {key: value for key, value in GIVEN.items() if f'variable "{key}"' in (root / "main.tf").read_text()}
    given |= {"settings": {"PROJECTS": "a"}, "notification_channels": [CHANNEL]}
    hidden = {"privacy": {"hash_paths": ["langsmith_run.metadata.a"]}, "hash_key_secret": {"name": "h", "version": "7"}}
    planned = terraform.plan({**given, **hidden}, root)
    for function in planned.of("google_cloudfunctions2_function"):
        (service,) = function["service_config"]
        assert {"PROJECTS": "a", "HASH_PATHS": "langsmith_run.metadata.a"}.items() <= service["environment_variables"].items()
        assert ("HASH_KEY", "h", "7") in {
            (one["key"], one["secret"], one["version"]) for one in service["secret_environment_variables"]
        }
    assert {tuple(one["notification_channels"]) for one in planned.of("google_monitoring_alert_policy")} == {(CHANNEL,)}
    with pytest.raises(RefusedError, match="privacy: its parts are exclude_projects"):
        terraform.plan({**given, "privacy": {"exclude_colums": ["*.raw"]}}, root)


def test_git_keeps_out_what_a_folder_that_deploys_holds(tmp_path: Path) -> None:
    """Git ignores a deploy folder's state, providers, values and plans, and not its configuration."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    planning.run(["git", "init", "--quiet"], tmp_path)
    held = ["terraform.tfstate", "terraform.tfstate.backup", ".terraform/x", "terraform.tfvars", "eu.auto.tfvars", "plan"]
    kept = ["main.tf", ".terraform.lock.hcl"]
    printed = planning.run(["git", "check-ignore", *(f"deploy/langsmith/{name}" for name in (*held, *kept))], tmp_path).stdout
    assert printed.split() == [f"deploy/langsmith/{name}" for name in held]


def test_names_in_the_commands_are_those_that_are_made(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The pages name the module's own job, services, secret, collection and database."""
    planned = plan(BOTH)
    (job,) = planned.of("google_cloud_scheduler_job")
    assert f"gcloud scheduler jobs run {job['name']} " in GUIDE
    assert f"gcloud scheduler jobs describe {job['name']} " in RUNBOOK
    proxy = planned.outputs["status_command"].replace(" --project acme-data", "")
    assert proxy in GUIDE
    assert proxy in RUNBOOK
    assert re.findall(r'name = "([\w-]+)"', (ROOT / "terraform/examples/standalone-only/main.tf").read_text())[0] in GUIDE
    made = {one["name"] for one in planned.of("google_cloudfunctions2_function")}
    assert set(re.findall(r'"(langsmith-[a-z]+)"', "\n".join(ELSEWHERE))) == made
    environment = _environment(plan(SYNC))
    deleted = "--collection-ids={FIRESTORE_COLLECTION} --database={FIRESTORE_DATABASE}".format(**environment)
    assert f"gcloud firestore bulk-delete {deleted}\n" in RUNBOOK


def _environment(planned: Plan) -> dict[str, str]:
    (function,) = planned.of("google_cloudfunctions2_function")
    return dict(function["service_config"][0]["environment_variables"])


def test_the_commands_of_terraform(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """The pages use known commands of Terraform, addresses of the plan, and outputs of the examples."""
    planned = plan(BOTH)
    lines = re.findall(r"^terraform (?:-chdir=deploy/\w+ )?(.+)$", "\n".join(ELSEWHERE), re.MULTILINE)
    assert {line.split()[0] for line in lines} == {"init", "plan", "apply", "output", "state", "destroy"}
    addresses = re.findall(r"'module\.langsmith_sync\.([^']+)'", GUIDE)
    assert len(addresses) == 2
    assert [one for one in addresses if one not in planned.resources] == []
    outputs = {
        name: set(re.findall(r'^output "(\w+)"', (ROOT / "terraform" / "examples" / name / "main.tf").read_text(), re.MULTILINE))
        for name in ("fivetran-only", "standalone-only")
    }
    assert [line for line in lines if line.startswith("output")] == ["output fivetran_form"]
    assert "fivetran_form" in outputs["fivetran-only"]
    assert "status_command" in outputs["standalone-only"]


def test_a_made_key_is_long_enough() -> None:
    """The guide's command makes a HASH_KEY that is long enough for the product."""
    (command,) = re.findall(r"^(openssl .+?) \| gcloud", GUIDE, re.MULTILINE)
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: install it, and the guide's command makes a key")
    key = planning.run(["bash", "-euo", "pipefail", "-c", command]).stdout
    assert re.fullmatch(r"[0-9a-f]{64}", key)


COMMANDS = sorted({command.strip() for command in re.findall(r"(?:^|\| )(gcloud [^\n;]+)", SHOWN, re.MULTILINE)})


@pytest.fixture(scope="module")
def known_to_gcloud() -> dict[str, Any]:
    """The tree of gcloud's commands and flags, which it ships for shell completion."""
    gcloud = shutil.which("gcloud")
    tree = Path(gcloud).resolve().parents[1] / "data" / "cli" / "gcloud_completions.py" if gcloud else None
    if tree is None or not tree.exists():
        pytest.skip("gcloud is not installed: install it, and the pages' commands are held against its own list")
    known: dict[str, Any] = runpy.run_path(str(tree))["STATIC_COMPLETION_CLI_TREE"]
    return known


@pytest.mark.parametrize("command", COMMANDS)
def test_gcloud_knows_the_command(known_to_gcloud: dict[str, Any], command: str) -> None:
    """Gcloud has each command of the pages, and each of its flags."""
    _, *words = shlex.split(command)
    node, flags = known_to_gcloud, set(known_to_gcloud["flags"])
    while words and words[0] in node["commands"]:
        node = node["commands"][words.pop(0)]
        flags |= set(node["flags"])
    assert node["commands"] == {}, f"gcloud has no {words[0]} there: {command}"
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= flags


BQ = sorted(set(re.findall(r"^bq .+$", SHOWN, re.MULTILINE)))


@pytest.mark.parametrize("command", BQ)
def test_bq_knows_the_command(command: str) -> None:
    """Bq has each command of the pages, and each of its flags."""
    if shutil.which("bq") is None:
        pytest.skip("bq is not installed: it comes with gcloud, and the pages' commands are held against its help")
    _, name, *words = shlex.split(command)
    known = planning.run([str(shutil.which("bq")), "help", name]).stdout
    assert f"\n{name} " in known
    flags = {word.split("=")[0].removeprefix("--") for word in words if word.startswith("--")}
    assert [flag for flag in flags if not re.search(rf"--(\[no\])?{flag}\b", known)] == []


QUERIES = re.findall(r"SELECT [^'`]+", BOTH_PAGES)


def test_a_query_of_tables_runs() -> None:
    """Each query on the product's tables runs in DuckDB, on tables with these names and columns."""
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS langsmith; USE langsmith")
    for stream in TABLES:
        for statement in sql.table(stream):
            connection.execute(statement)
    rejected = tables.REJECTIONS.stream
    connection.execute(f"CREATE TABLE {rejected.name} ({', '.join(f'{one.name} VARCHAR' for one in rejected.columns)})")
    ours = [query for query in QUERIES if "FROM langsmith." in query]
    assert len(ours) == 2
    for query in ours:
        assert connection.execute(query).fetchall() == []


def test_every_anchor_of_the_guide_is_a_heading() -> None:
    """Each link of docs/deploy.md leads to an existing file, and to one of its headings."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", GUIDE):
        file = ROOT / "docs" / (target or "deploy.md")
        assert file.exists(), target
        assert not anchor or anchor in headings(file.read_text()), f"{target}#{anchor}"


def test_the_months_counts_are_the_counts_of_the_other_pages() -> None:
    """The guide's monthly counts are the passes of the default schedule times the counts of the other pages."""
    passes = 30 * 24 * 4
    rows = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \| [\d,]+ \|", GUIDE, re.MULTILINE))
    months = {
        name: int(month.replace(",", ""))
        for name, month in re.findall(r"^\| ([^|]+?) \| \d* ?\| ([\d,]+) \|", GUIDE, re.MULTILINE)
    }
    costs, jobs = ((ROOT / "docs" / name).read_text() for name in ("costs.md", "bigquery.md"))
    idle: dict[str, str] = dict(
        re.findall(r"idle sync after 15 minutes, 100 projects, 20 active \| (v\d) \| \d+ \| (\d+) ", costs)
    )
    found = re.search(r"^\| a pass of one save \| (\d+) \| (\d+) ", (ROOT / "docs" / "firestore.md").read_text(), re.MULTILINE)
    assert found
    expected = {f"requests to LangSmith, {api}": count for api, count in idle.items()}
    expected |= {"Firestore reads, a pass of one save": found[1], "Firestore writes, a pass of one save": found[2]}
    unchanged, fresh = (_jobs(jobs, line) for line in ("the same runs read again, none changed", "1,000 read again, 100 new"))
    expected |= {"jobs of BigQuery, each table read again with nothing changed": unchanged}
    expected |= {"jobs of BigQuery, each table with something new": fresh}
    assert rows == expected
    assert months == {"passes": passes} | {name: passes * int(count) for name, count in expected.items()}
    first = dict(re.findall(r"first sync, 20,000 runs in 20 projects \| (v\d) \| [\d,]+ \| (\d+) ", costs))
    assert f"asks LangSmith {first['v1']} times on v1 and {first['v2']} times on v2" in GUIDE


def _jobs(text: str, batch: str) -> str:
    """Return the number of jobs of a batch, of all kinds together."""
    found = re.search(rf"^\| {batch} \|((?: \d+ \|){{7}})", text, re.MULTILINE)
    assert found
    return str(sum(int(count) for count in re.findall(r"\d+", found[1])))
