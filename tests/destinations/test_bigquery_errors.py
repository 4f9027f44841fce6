"""Tests of what each error of Google's BigQuery libraries means to a user.

Not here: the errors themselves, on the emulator (emulators/test_bigquery_*).
"""

import json
import subprocess
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.auth import exceptions as auth
from google.cloud.bigquery.job.base import _error_result_to_exception

from langsmith_core.destinations.bigquery import errors as google
from langsmith_core.destinations.bigquery import status
from langsmith_core.errors import ConfigError, SyncError
from samples import settings

PLACE = "proj.data"


def answered(status: int, reason: str, message: str) -> exceptions.GoogleAPICallError:
    """Return the error that Google's library makes of such an answer of the REST API."""
    response = requests.Response()
    response.status_code = status
    one = {"message": message, "domain": "global", "reason": reason}
    response._content = json.dumps({"error": {"code": status, "message": message, "errors": [one], "status": "X"}}).encode()  # noqa: SLF001  as requests' own tests do
    response.request = requests.Request("POST", "https://bigquery.googleapis.com/bigquery/v2/projects/proj/jobs").prepare()
    made: exceptions.GoogleAPICallError = exceptions.from_http_response(response)
    return made


def of_job(reason: str, message: str) -> exceptions.GoogleAPICallError:
    """Return the error that the library makes of a failed job."""
    made: exceptions.GoogleAPICallError = _error_result_to_exception({"reason": reason, "message": message})
    return made


ANSWERS: list[tuple[BaseException, int, str]] = [
    (
        answered(
            403,
            "accessDenied",
            "Access Denied: Project proj: User does not have bigquery.jobs.create permission in project proj.",
        ),
        400,
        "grant it roles/bigquery.jobUser on the project",
    ),
    (
        answered(403, "accessDenied", "Access Denied: Table proj:data.t: Permission bigquery.tables.updateData denied on table"),
        400,
        "grant it roles/bigquery.dataEditor on the dataset",
    ),
    (
        answered(403, "accessDenied", "Access Denied: Project proj: User does not have bigquery.datasets.create permission"),
        400,
        "the dataset is missing and the account may not make it",
    ),
    (
        answered(
            403,
            "accessDenied",
            "VPC Service Controls: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: zvW4",
        ),
        400,
        "let the account in by an ingress rule.*vpcServiceControlsUniqueIdentifier: zvW4",
    ),
    (
        answered(403, "accessDenied", "Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on resource 'projects/k/one'"),
        400,
        "own account its use, and see that it is enabled",
    ),
    (of_job("invalid", "The KMS key does not contain a location."), 400, "own account its use"),
    (
        answered(
            400, "invalidQuery", "Your administrator requires that you specify an encryption key for queries in project proj."
        ),
        400,
        "set the project's default key",
    ),
    (
        of_job(
            "accessDenied",
            "Access Denied: BigQuery BigQuery: User has neither fine-grained reader nor masked get permission to get data"
            ' protected by policy tag "pii : high" on column proj.data.langsmith_run.inputs.',
        ),
        400,
        "roles/datacatalog.categoryFineGrainedReader on it",
    ),
    (
        of_job("accessDenied", "Access denied: Requires fineGrainedGet permission on the read columns"),
        400,
        "roles/datacatalog.categoryFineGrainedReader on it",
    ),
    (
        answered(
            400,
            "invalidQuery",
            "Cannot query over table 'proj.data.langsmith_run' without a filter over column(s) 'start_time' that can be used for"
            " partition elimination",
        ),
        400,
        "set require_partition_filter to false",
    ),
    (
        answered(403, "accessNotConfigured", "BigQuery API has not been used in project 12 before or it is disabled."),
        400,
        "gcloud services enable bigquery.googleapis.com",
    ),
    (
        answered(403, "billingNotEnabled", "Billing has not been enabled for this project."),
        400,
        "the project has no billing account",
    ),
    (
        answered(403, "quotaExceeded", "Quota exceeded: Your table exceeded quota for imports"),
        503,
        "a quota of the project is used up",
    ),
    (of_job("quotaExceeded", "Quota exceeded: Your project exceeded quota"), 503, "a quota of the project is used up"),
    (answered(403, "rateLimitExceeded", "Exceeded rate limits: too many table update operations"), 503, "rate limit is reached"),
    (answered(404, "notFound", "Not found: Project nope"), 400, "check the project's id"),
    (answered(404, "notFound", "Not found: Dataset proj:data was not found in location US"), 400, "moved to another location"),
    (answered(401, "authError", "Request had invalid authentication credentials."), 400, "Google refuses the credentials"),
    (answered(400, "invalidQuery", "No matching signature for operator"), 500, "if a table was altered by hand, undo it"),
    (of_job("invalid", "Error while reading data: Could not parse 'what a user said' as INT64"), 500, "please report it"),
    (answered(413, "", "Request payload size exceeds the limit: 10485760 bytes."), 400, "lower MAX_RESPONSE_MB"),
    (answered(429, "", "Too many requests"), 503, "rate limit is reached"),
    (answered(500, "internalError", "An internal error occurred"), 503, "the next pass repeats"),
    (
        answered(503, "backendError", "Error encountered during execution. Retrying may solve the problem."),
        503,
        "the next pass repeats",
    ),
    (of_job("stopped", "Job execution was cancelled: Job timed out after 300 sec"), 503, "the next pass repeats"),
    (of_job("resourcesExceeded", "Resources exceeded during query execution"), 503, "lower MAX_RESPONSE_MB"),
    (
        of_job(
            "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 1099511627776. 2199023255552 or higher required."
        ),
        400,
        "more than BIGQUERY_MAX_GB",
    ),
    (exceptions.RetryError("Timeout of 60s exceeded", answered(403, "quotaExceeded", "Quota")), 503, "a quota of the project"),
    (exceptions.RetryError("Timeout of 60s exceeded", requests.ConnectionError("refused")), 503, "cannot be reached"),
    (requests.ConnectionError("refused"), 503, "cannot be reached"),
    (requests.ReadTimeout("slow"), 503, "cannot be reached"),
    (futures.TimeoutError(), 503, "a job took longer than this pass may wait"),
    (auth.DefaultCredentialsError("Your default credentials were not found."), 400, "gcloud auth application-default login"),
    (auth.RefreshError("Token has been expired or revoked."), 400, "Google refuses the credentials"),
    (auth.TransportError("unreachable"), 503, "cannot be reached"),
]


@pytest.mark.parametrize(("error", "status", "says"), ANSWERS)
def test_a_failure_of_googles_says_what_to_do(error: BaseException, status: int, says: str) -> None:
    """Where a person must act the error is a 400 that names the step; where waiting helps, a 503.
    It names project and dataset.
    """
    with pytest.raises(SyncError, match=says) as caught, google.explained(PLACE):
        raise error
    assert caught.value.status == status
    assert isinstance(caught.value, ConfigError) == (status == 400)
    assert str(caught.value).startswith(f"BigQuery, {PLACE}: ")
    assert caught.value.__cause__ is error


def test_no_message_holds_what_a_row_held() -> None:
    """BigQuery's words for a bad row or statement repeat its content. The message leaves them out and gives the job's id."""
    error = answered(400, "invalid", "Could not parse 'what a user said' as INT64\n\nLocation: US\nJob ID: 12-ab\n")
    assert str(google.explanation(error, PLACE)) == (
        "BigQuery, proj.data: BigQuery refuses what this program sent; please report it (BadRequest, invalid, job 12-ab)"
    )


@pytest.mark.parametrize("words", [words for words, _ in google.WORDS])
def test_no_message_holds_what_a_row_held_whatever_it_is(words: str) -> None:
    """A row's text that has the words of a trouble of Google's is not repeated either."""
    for reason in ("invalid", "invalidQuery"):
        assert "secret" not in str(google.explanation(of_job(reason, f"Could not parse 'secret {words}' as INT64"), PLACE))


def test_googles_own_words_are_told_where_they_name_things() -> None:
    """A permission or table that Google names is in the message once."""
    explained = str(google.explanation(answered(404, "notFound", "Not found: Table proj:data.t"), PLACE))
    assert explained.endswith("(NotFound, notFound, Not found: Table proj:data.t)")


def subclasses(kind: type[BaseException]) -> list[type[BaseException]]:
    """Return all subclasses of an error."""
    return [kind, *(one for sub in kind.__subclasses__() for one in subclasses(sub))]


def test_every_error_of_the_libraries_has_a_meaning() -> None:
    """No error of google.api_core, google.auth or requests leaves the sink untranslated."""
    kinds = [one for family in google.FOREIGN for one in subclasses(family)]
    assert len(kinds) > 50
    assert [kind for kind in kinds if not any(issubclass(kind, known) for known, _ in google.CLASSES)] == []


RACES = [
    (answered(400, "invalidQuery", "Could not serialize access to table proj:data.t due to concurrent update"), True),
    (answered(404, "notFound", "Not found: Table proj:data._stg_12_0 was not found in location US"), True),
    (answered(404, "notFound", "Not found: Table proj:data.langsmith_run was not found in location US"), False),
    (answered(400, "invalidQuery", "Unrecognized name"), False),
]


@pytest.mark.parametrize(("error", "race"), RACES)
def test_a_race_is_told_from_a_fault(error: Any, race: bool) -> None:
    """The sink looks again after an error that another pass caused, and not after one that no repetition mends."""
    assert google.is_race(error) == race


def test_no_credentials_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an emulator, a login or a service account, the library's own search ends in our message."""
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(ConfigError, match="no Google credentials: run `gcloud auth application-default login`"):
        status.status(settings(GOOGLE_CLOUD_PROJECT="p"))


def test_main_imports_no_google_library() -> None:
    """main.py starts without Google's libraries, which take most of a second to import."""
    program = "import sys, main; sys.exit(any(name.startswith('google.cloud.bigquery') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)  # noqa: S603  our own program
    assert done.returncode == 0
