"""The module's own tests in terraform/tests, which anyone with Terraform and the providers can run, pass on the stand-in, too."""

from __future__ import annotations

import re

from terraform.planning import MODULE, Terraform


def test_the_modules_own_tests_pass(terraform: Terraform) -> None:
    """`terraform test` runs every run of the three files with mocked providers, and each passes."""
    files = sorted((MODULE / "tests").glob("*.tftest.hcl"))
    runs = [run for file in files for run in re.findall(r'^run "(\w+)"', file.read_text(), re.MULTILINE)]
    assert len(files) == 3
    said = terraform.tested()
    assert re.findall(r'run "(\w+)"\.\.\. (\w+)', said) == [(run, "pass") for run in runs]
    assert f"Success! {len(runs)} passed, 0 failed." in said


def test_the_modules_own_tests_make_nothing() -> None:
    """Each file mocks every provider of the module, so that a run on a machine with an account makes nothing there."""
    required = re.findall(r"^    (\w+) = \{", (MODULE / "versions.tf").read_text(), re.MULTILINE)
    for file in (MODULE / "tests").glob("*.tftest.hcl"):
        assert re.findall(r'^mock_provider "(\w+)"', file.read_text(), re.MULTILINE) == sorted(required), file
