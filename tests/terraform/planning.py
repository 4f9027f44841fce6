"""Run Terraform itself on the module, without the internet: a stand-in for the providers, and plans as plain values.

Here: starting the stand-in, `terraform init/plan/show`, and a plan's resources by address. The tests say what these should be.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from terraform import stand_in

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "terraform"
START_SECONDS_MAX = 30
PROGRAM = shutil.which("terraform")

TENANT = "2c4ff1e0-6a3b-4f0e-9f1a-5d2b8c7e9a10"
CALLER = "g-abc@fivetran-production.iam.gserviceaccount.com"
BASE: dict[str, Any] = {"project_id": "acme-data", "region": "europe-west1"}
KEY: dict[str, Any] = {"api_key_secret": {"name": "langsmith-key", "version": "3"}, "langsmith_tenant_id": TENANT}
FIVETRAN: dict[str, Any] = {**BASE, "fivetran": {"service_account": CALLER}}
SYNC: dict[str, Any] = {**BASE, **KEY, "sync": {"bigquery_location": "EU"}}
BOTH: dict[str, Any] = {**SYNC, "fivetran": {"service_account": CALLER, "key_from_secret_manager": True}}


class Plan(Struct, frozen=True):
    """What Terraform would make: arguments by address, without unknown ones, and outputs by name. `said`: what it printed."""

    resources: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    said: str = ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the arguments of all resources of a type."""
        return [values for address, values in self.resources.items() if f"{kind}." in address]


class RefusedError(Exception):
    """Terraform's own words, on one line."""


class Terraform:
    """Terraform, attached to a stand-in."""

    def __init__(self, folder: Path, providers: str) -> None:
        self._folder = folder
        self._data: dict[Path, Path] = {}
        # No environment variable of the person who runs the tests reaches Terraform.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
        self._environment = {**kept, "TF_REATTACH_PROVIDERS": providers, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def plan(self, variables: Mapping[str, Any], root: Path = MODULE, values: str = "") -> Plan:
        """Plan a root module with these variables, and values as a .tfvars file has them, or raise RefusedError."""
        data = self._initialised(root)
        given, out = data / "given.tfvars.json", data / "plan"
        given.write_text(json.dumps(variables))
        (data / "more.tfvars").write_text(values)
        said = self._run(
            root, data, "plan", f"-var-file={given}", f"-var-file={data / 'more.tfvars'}", f"-out={out}", "-lock=false"
        )
        shown = json.loads(self._run(root, data, "show", "-json", str(out)))
        planned = shown["planned_values"]
        known = [
            *_resources(planned["root_module"]),
            *_resources(shown.get("prior_state", {}).get("values", {}).get("root_module", {})),
        ]
        outputs = {name: one.get("value") for name, one in planned.get("outputs", {}).items()}
        return Plan({one["address"]: one["values"] for one in known}, outputs, _on_one_line(said))

    def refusal(self, variables: Mapping[str, Any]) -> str:
        """Return what Terraform says against these variables. Fail where it says nothing."""
        try:
            self.plan(variables)
        except RefusedError as error:
            return str(error)
        raise AssertionError(f"Terraform took {variables}")

    def tested(self) -> str:
        """Run the module's own tests, `terraform test`, and return what it printed. Raise RefusedError where one fails."""
        return self._run(MODULE, self._initialised(MODULE), "test")

    def _initialised(self, root: Path) -> Path:
        """Return Terraform's data folder of a root module. It lies outside the work tree, and is made once."""
        if root not in self._data:
            data = Path(tempfile.mkdtemp(dir=self._folder))
            self._run(root, data, "init")
            self._data[root] = data
        return self._data[root]

    def _run(self, root: Path, data: Path, command: str, *arguments: str) -> str:
        line = [str(PROGRAM), f"-chdir={root}", command, *arguments]
        if command != "show":
            line.append("-no-color")
        if command not in ("show", "test"):
            line.append("-input=false")
        done = run(line, env={**self._environment, "TF_DATA_DIR": str(data)})
        if done.returncode != 0:
            raise RefusedError(_on_one_line(done.stderr or done.stdout))
        return done.stdout


def run(line: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of this machine to its end. Return its output and exit code."""
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603  our own commands


def headings(text: str) -> set[str]:
    """Return the anchors that GitHub makes of a Markdown file's headings."""
    lines = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-") for line in lines}


@contextmanager
def attached() -> Iterator[Terraform]:
    """Run Terraform's stand-in until the block ends."""
    with tempfile.TemporaryDirectory(prefix="tf-") as name:  # a short path, since a socket's path may have 107 characters
        folder = Path(name)
        socket = folder / "s"
        command = [sys.executable, stand_in.__file__, str(socket)]
        program = subprocess.Popen(command, start_new_session=True)  # noqa: S603  our own interpreter and script
        try:
            _wait(socket, program)
            yield Terraform(folder, stand_in.reattached(socket, program.pid))
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            program.wait()


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def _wait(socket: Path, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    while not socket.exists():
        assert program.poll() is None, "the stand-in ended"
        assert time.monotonic() < end, "the stand-in did not start"
        time.sleep(0.02)


def _resources(module: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [one for child in module.get("child_modules", []) for one in _resources(child)]
    return [*module.get("resources", []), *inner]
