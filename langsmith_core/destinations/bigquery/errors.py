"""Map the errors of Google's BigQuery libraries to messages that say what to do.

Here: the table, reading Google's answer for it, and how long Google's client may retry. Not here: what is asked (sink). No
message holds a payload. For a refused statement or row it gives only the job's id, by which Google's console shows the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

import requests
from google.api_core import exceptions
from google.auth import exceptions as auth
from google.cloud.bigquery.retry import DEFAULT_RETRY
from msgspec import Struct

from langsmith_core.errors import ConfigError, SyncError

RETRY = DEFAULT_RETRY.with_timeout(60)
"""The library chooses what to retry, for a minute instead of ten, because a call has a bounded time."""
STAGING_PREFIX = "_stg_"
"""Names of tables that only a load and a merge see begin so."""
RACES = ("Could not serialize access", "due to concurrent update", STAGING_PREFIX)
"""BigQuery's words, in a 400 with reason invalidQuery, after it has repeated a statement three times itself."""
_JOB = re.compile(r"Job ID: (\S+)")


class Meaning(Struct, frozen=True):
    """What a failure means: its text, our status, and whether the message may repeat Google's own words. Those hold no rows."""

    text: str
    status: int
    quoted: bool = True


LOGIN = Meaning(
    "no Google credentials: run `gcloud auth application-default login`, or give the function a service account of its own", 400
)
PASSING = Meaning("BigQuery failed for a moment; the next pass repeats what is missing", 503, quoted=False)
UNREACHABLE = Meaning("BigQuery cannot be reached; the next pass repeats what is missing", 503, quoted=False)
EDITOR = Meaning("the account may not do this: grant it roles/bigquery.dataEditor on the dataset", 400)
REFUSED = Meaning("Google refuses the credentials: log in anew, or check the service account", 400, quoted=False)
API_OFF = Meaning("the BigQuery API is off: run `gcloud services enable bigquery.googleapis.com`", 400)
PERIMETER = Meaning("VPC Service Controls refuses the call, and no role changes that: let the account in by an ingress rule", 400)
KEY = Meaning("BigQuery may not use the encryption key: grant BigQuery's own account its use, and see that it is enabled", 400)
EVERY_QUERY = Meaning("the organization requires a customer-managed key for every query: set the project's default key", 400)
POLICY_TAG = Meaning("a column has a policy tag: grant the account roles/datacatalog.categoryFineGrainedReader on it", 400)
FILTER = Meaning(
    "a table requires a partition filter, which this program's counts lack: set require_partition_filter to false", 400
)
WORDS: tuple[tuple[str, Meaning], ...] = (
    # Found in Google's message, most specific first: one reason covers several troubles.
    ("prohibited by organization's policy", PERIMETER),
    ("specify an encryption key", EVERY_QUERY),
    ("cloudkms", KEY),
    ("KMS key", KEY),
    ("policy tag", POLICY_TAG),
    ("fineGrainedGet", POLICY_TAG),
    ("can be used for partition elimination", FILTER),
    (
        "bigquery.datasets.create",
        Meaning("the dataset is missing and the account may not make it: create it in the location of your choice", 400),
    ),
    ("bigquery.jobs.create", Meaning("the account may not run jobs: grant it roles/bigquery.jobUser on the project", 400)),
    ("has not been used in project", API_OFF),
    ("payload size exceeds", Meaning("a request is larger than BigQuery takes; lower MAX_RESPONSE_MB", 400)),
    (
        "was not found in location",
        Meaning("the dataset is missing, or was moved to another location while this pass ran: check BIGQUERY_DATASET", 400),
    ),
)
REASONS: dict[str, Meaning] = {
    "accessNotConfigured": API_OFF,
    "accessDenied": EDITOR,
    "forbidden": EDITOR,
    "insufficientPermissions": Meaning("the credentials lack the scope of BigQuery: log in anew with cloud-platform scope", 400),
    "billingNotEnabled": Meaning("the project has no billing account: attach one, DML and JSON need it", 400),
    "billingTierLimitExceeded": Meaning("the project's billing tier forbids this statement: choose a higher one", 400),
    "quotaExceeded": Meaning("a quota of the project is used up: see its Quotas page; passes continue when it refills", 503),
    "rateLimitExceeded": Meaning("BigQuery's rate limit is reached, retries included; run passes less often", 503),
    "bytesBilledLimitExceeded": Meaning(
        "a statement would be billed more than BIGQUERY_MAX_GB: look at the table's size and partitions,"
        " and raise it if they are right",
        400,
        quoted=False,
    ),
    "notFound": Meaning(
        "the project, dataset or table is missing: check the project's id; tables come back with the next pass", 400
    ),
    "invalid": Meaning("BigQuery refuses what this program sent; please report it", 500, quoted=False),
    "invalidQuery": Meaning(
        "BigQuery refuses a statement of this program; if a table was altered by hand, undo it, else report this",
        500,
        quoted=False,
    ),
    "responseTooLarge": Meaning("a statement's result is too large; lower MAX_RESPONSE_MB", 400, quoted=False),
    "resourcesExceeded": Meaning("a statement needs more than BigQuery gives; lower MAX_RESPONSE_MB", 503, quoted=False),
    "stopped": Meaning("a job was stopped before it ended; the next pass repeats it", 503, quoted=False),
    "timeout": Meaning("a job took too long and was stopped; the next pass repeats it", 503, quoted=False),
    "conditionNotMet": PASSING,
    "backendError": PASSING,
    "internalError": PASSING,
    "jobBackendError": PASSING,
    "jobInternalError": PASSING,
    "jobRateLimitExceeded": PASSING,
    "tableUnavailable": PASSING,
}
CLASSES: tuple[tuple[type[BaseException], Meaning], ...] = (
    # Where no reason is known; most specific first.
    (auth.DefaultCredentialsError, LOGIN),
    (auth.TransportError, UNREACHABLE),
    (auth.RefreshError, REFUSED),
    (auth.GoogleAuthError, Meaning("Google's credentials cannot be used: log in anew", 400, quoted=False)),
    (requests.RequestException, UNREACHABLE),
    (futures.TimeoutError, Meaning("a job took longer than this pass may wait; the next pass repeats it", 503, quoted=False)),
    (exceptions.Unauthorized, REFUSED),
    (exceptions.Forbidden, EDITOR),
    (exceptions.NotFound, REASONS["notFound"]),
    (exceptions.TooManyRequests, REASONS["rateLimitExceeded"]),
    (exceptions.ServerError, PASSING),
    (exceptions.RetryError, PASSING),
    (exceptions.Conflict, PASSING),
    (exceptions.PreconditionFailed, PASSING),
    (exceptions.GoogleAPIError, REASONS["invalid"]),
)
FOREIGN = (exceptions.GoogleAPIError, auth.GoogleAuthError, requests.RequestException, futures.TimeoutError)
"""All that the libraries raise for trouble outside this program."""


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Raise every error of Google's within the block as a SyncError that says what to do. `place` is project and dataset."""
    try:
        yield
    except FOREIGN as error:
        raise explanation(error, place) from error


def explanation(error: BaseException, place: str) -> SyncError:
    """Return the error as ours: ConfigError where a person must act, SyncError with 503 where the next pass helps."""
    while isinstance(error, exceptions.RetryError) and error.cause is not None:
        error = error.cause
    meaning = _meaning(error)
    kind = ConfigError if meaning.status == 400 else SyncError
    return kind(f"BigQuery, {place}: {meaning.text}{_said(error, meaning)}", meaning.status)


def is_race(error: exceptions.ClientError) -> bool:
    """Whether a statement failed because another one changed the same partitions, or dropped the staging table it read."""
    return any(words in str(error) for words in RACES)


def _meaning(error: BaseException) -> Meaning:
    message = str(error)
    if isinstance(error, exceptions.GoogleAPICallError):
        for words, meaning in WORDS:
            if words in message:
                return meaning
    reason = reason_of(error)
    if reason in REASONS:
        return REASONS[reason]
    return next((meaning for kind, meaning in CLASSES if isinstance(error, kind)), PASSING)


def reason_of(error: BaseException) -> str:
    """Return Google's one-word reason, or an empty text."""
    return _first(error).get("reason", "")


def _first(error: BaseException) -> dict[str, str]:
    """Return the first of the errors that an answer lists: `{"reason", "message", ...}`."""
    listed = getattr(error, "errors", None) or [{}]
    return listed[0] if isinstance(listed[0], dict) else {}


def _said(error: BaseException, meaning: Meaning) -> str:
    job = _JOB.search(str(error))
    # Words may have found another meaning than the reason's. What the reason says of a row is not repeated all the same.
    quoted = meaning.quoted and REASONS.get(reason_of(error), meaning).quoted
    words = (_first(error).get("message") or str(error)).split("\n")[0][:300] if quoted else ""
    told = [word for word in (type(error).__name__, reason_of(error), job and f"job {job[1]}", words) if word]
    return f" ({', '.join(told)})"
