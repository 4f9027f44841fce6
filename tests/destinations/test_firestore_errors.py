"""Tests of what each Firestore error means to a user. Not here: an outage of the emulator (emulators/test_firestore_faults)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions as api_exceptions
from google.auth import exceptions as auth_exceptions

from langsmith_core.destinations.firestore import store
from langsmith_core.destinations.firestore.errors import CLASSES, WORDS, attempted, explanation
from langsmith_core.errors import ConfigError, SyncError
from langsmith_core.settings import config

exceptions: Any = api_exceptions
auth: Any = auth_exceptions
"""Their constructors are not annotated."""
PLACE = "project/langsmith_sync/0123456789abcdef"
LOGIN = "gcloud auth application-default login"
TABLE: list[tuple[Exception, int, str]] = [
    (auth.DefaultCredentialsError("none"), 400, LOGIN),
    (auth.RefreshError("invalid_grant"), 400, LOGIN),
    (exceptions.Unauthenticated("expired"), 400, LOGIN),
    (exceptions.ServiceUnavailable("Getting metadata from plugin failed with error: invalid_grant"), 400, LOGIN),
    (exceptions.PermissionDenied("Missing or insufficient permissions."), 400, "roles/datastore.user"),
    (exceptions.Forbidden("Missing or insufficient permissions."), 400, "roles/datastore.user"),
    (
        exceptions.PermissionDenied("Cloud Firestore API has not been used in project 1 before or it is disabled."),
        400,
        "gcloud services enable firestore.googleapis.com",
    ),
    (
        exceptions.PermissionDenied("Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: zvW4"),
        400,
        "let the account in by an ingress rule",
    ),
    (
        exceptions.FailedPrecondition(
            "The customer-managed encryption key required by the requested resource is not accessible. Error reason: "
            "generic::permission_denied: Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on resource 'projects/p/one'"
        ),
        400,
        "own account its use, and see that it is enabled",
    ),
    (
        exceptions.FailedPrecondition("The Cloud Firestore API is not available for Firestore with MongoDB compatibility."),
        400,
        "name one in Native mode, of the Standard edition",
    ),
    (exceptions.NotFound("The database (default) does not exist for project p"), 400, "gcloud firestore databases create"),
    (
        exceptions.FailedPrecondition("The Cloud Firestore API is not available for Firestore in Datastore Mode database p."),
        400,
        "Native mode",
    ),
    (exceptions.InvalidArgument('Collection id "__x__" is invalid because it is reserved.'), 400, "FIRESTORE_COLLECTION"),
    (exceptions.ResourceExhausted("Quota exceeded."), 503, "Quotas page"),
    (exceptions.TooManyRequests("Quota exceeded."), 503, "Quotas page"),
    (exceptions.ServiceUnavailable("failed to connect"), 503, "cannot be reached"),
    (exceptions.DeadlineExceeded("Deadline Exceeded"), 503, "does not answer in time"),
    (exceptions.InternalServerError("internal"), 503, "Firestore failed"),
    (exceptions.Unknown("unknown"), 503, "Firestore failed"),
    (exceptions.Aborted("contention"), 503, "too many writes"),
    (exceptions.MethodNotImplemented("no such method"), 500, "report it"),
    (exceptions.InvalidArgument("the value is too long"), 500, "report it"),
    (exceptions.FailedPrecondition("an index is missing"), 500, "report it"),
    (exceptions.RetryError("over", cause=exceptions.ServiceUnavailable("failed to connect")), 503, "cannot be reached"),
    (exceptions.RetryError("over", cause=None), 500, "report it"),
]


@pytest.mark.parametrize(("error", "status", "advice"), TABLE, ids=lambda value: type(value).__name__)
def test_each_failure_says_what_to_do(error: Exception, status: int, advice: str) -> None:
    """Where a person must act the error is a 400, where it may pass a 503. The message has the
    place, Google's class and words.
    """
    found = explanation(error, PLACE)
    assert (found.status, isinstance(found, ConfigError)) == (status, status == 400)
    assert advice in str(found)
    assert str(found).startswith(f"Firestore, {PLACE}: ")


@pytest.mark.parametrize(
    "code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK], ids=lambda code: str(code.name)
)
def test_every_status_of_grpc_has_a_meaning(code: grpc.StatusCode) -> None:
    """Every status that a server may send has a line in the table."""
    error = exceptions.from_grpc_status(code, "words")
    assert explanation(error, PLACE).status in (400, 500, 503)


def test_every_line_of_the_table_is_used() -> None:
    """One of the errors above uses each line: none is hidden behind a wider one."""
    texts = [str(explanation(error, PLACE)) for error, _, _ in TABLE]
    meanings = [meaning.text for _, _, meaning in WORDS] + [meaning.text for _, meaning in CLASSES]
    assert [text for text in meanings if not any(text in shown for shown in texts)] == []


def test_what_cannot_pass_is_asked_once() -> None:
    """A refusal, or credentials that give no token, are raised at once without a retry."""
    for error in (exceptions.PermissionDenied("no"), exceptions.ServiceUnavailable("Getting metadata from plugin failed: no")):
        calls: list[int] = []

        def work(error: Exception = error, calls: list[int] = calls) -> None:
            calls.append(1)
            raise error

        with pytest.raises(ConfigError):
            attempted(work, PLACE, 60)
        assert len(calls) == 1


def test_a_fault_of_our_own_is_not_explained_away() -> None:
    """Only Google's errors are translated."""
    with pytest.raises(ZeroDivisionError):
        attempted(lambda: 1 / 0, PLACE, 60)


def test_a_long_message_is_cut() -> None:
    """The message has one line of Google's words, cut."""
    found = explanation(exceptions.InvalidArgument("x" * 1000 + "\nsecond"), PLACE)
    assert (len(re.findall("x", str(found))) <= 201, "second" in str(found)) == (True, False)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set up a machine without Google: no credentials, no project, no emulator, no metadata server."""
    for name in ("FIRESTORE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


REQUIRED = {"LANGSMITH_API_KEY": "key", "LANGSMITH_TENANT_ID": "11111111-0000-4000-8000-000000000000"}
SERVICE_ACCOUNT = '{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}'


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("project", ["", "p"])
def test_no_credentials(project: str) -> None:
    """Without Google credentials the message says how to get some."""
    settings = config.load({**REQUIRED, "GOOGLE_CLOUD_PROJECT": project})
    for work in (lambda: store.status(settings), lambda: store.opened(settings).__enter__()):
        with pytest.raises(ConfigError, match=LOGIN) as caught:
            work()
        assert caught.value.status == 400


@pytest.mark.usefixtures("nowhere")
def test_no_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person's credentials name no project. The message names the key that does."""
    file = tmp_path / "credentials.json"
    file.write_text(SERVICE_ACCOUNT)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(ConfigError, match=r"^GOOGLE_CLOUD_PROJECT: ") as caught:
        store.status(config.load(REQUIRED))
    assert isinstance(caught.value, SyncError)


@pytest.mark.usefixtures("nowhere")
def test_a_file_of_credentials_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message has Google's words, which name the file."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(ConfigError, match=r"none\.json"):
        store.status(config.load({**REQUIRED, "GOOGLE_CLOUD_PROJECT": "p"}))
