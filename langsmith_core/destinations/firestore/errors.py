"""Map Firestore's errors to messages that say what to do, and decide which requests are retried.

Here: the tables, and one bounded retry. Not here: what is asked (documents). No message holds a state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.api_core import exceptions
from google.api_core.retry import Retry
from google.auth import exceptions as auth
from msgspec import Struct

from langsmith_core.errors import ConfigError, SyncError

T = TypeVar("T")
RETRY_SECONDS = 60.0
"""A read or a save survives an outage shorter than this. A longer one ends the pass, and the next
pass repeats what was not saved.
"""
ATTEMPT_SECONDS = 10.0
"""The time of one request. The program does not wait longer for an answer that was lost on the way."""
WORDS_MAX = 200
NO_TOKEN = "metadata from plugin failed"  # noqa: S105  gRPC says so where credentials give no token; google-auth has retried before


class Meaning(Struct, frozen=True):
    """What a failure means, and our status. 400: a person must act; 503: the next pass may succeed."""

    text: str
    status: int


LOGIN = Meaning(
    "no Google credentials that work: run `gcloud auth application-default login`, or give the function a service account", 400
)
PERIMETER = Meaning("VPC Service Controls refuses the call, and no role changes that: let the account in by an ingress rule", 400)
KEY = Meaning("Firestore may not use the encryption key: grant Firestore's own account its use, and see that it is enabled", 400)
MONGODB = Meaning(
    "this database has only MongoDB's API: name one in Native mode, of the Standard edition, by FIRESTORE_DATABASE", 400
)
WAIT = "the next pass continues from the last saved position"
WORDS: tuple[tuple[type[Exception], str, Meaning], ...] = (
    # Only their text tells these errors from others.
    (exceptions.Forbidden, "prohibited by organization's policy", PERIMETER),
    (exceptions.GoogleAPIError, "encryption key", KEY),
    (exceptions.GoogleAPIError, "MongoDB", MONGODB),
    (
        exceptions.Forbidden,
        "has not been used in project",
        Meaning("the Firestore API is off: run `gcloud services enable firestore.googleapis.com`", 400),
    ),
    (
        exceptions.NotFound,
        "database",
        Meaning(
            "the project has no Firestore database: run `gcloud firestore databases create --location=<region>`, "
            "or check GOOGLE_CLOUD_PROJECT and FIRESTORE_DATABASE",
            400,
        ),
    ),
    (
        exceptions.FailedPrecondition,
        "Datastore Mode",
        Meaning("this database is in Datastore mode: name one in Native mode by FIRESTORE_DATABASE", 400),
    ),
    (
        exceptions.InvalidArgument,
        "Collection id",
        Meaning("FIRESTORE_COLLECTION is not a name that Firestore takes: choose one without underscores around it", 400),
    ),
    (exceptions.ServiceUnavailable, NO_TOKEN, LOGIN),
)
CLASSES: tuple[tuple[type[Exception], Meaning], ...] = (
    # Most specific first.
    (auth.GoogleAuthError, LOGIN),
    (exceptions.Unauthorized, LOGIN),
    (
        exceptions.Forbidden,
        Meaning("this account may not use Firestore: give it roles/datastore.user on the project", 400),
    ),
    (exceptions.TooManyRequests, Meaning(f"a quota of Firestore is used up, see its Quotas page; {WAIT}", 503)),
    (exceptions.ServiceUnavailable, Meaning(f"Firestore cannot be reached, retries included; {WAIT}", 503)),
    (exceptions.GatewayTimeout, Meaning(f"Firestore does not answer in time, retries included; {WAIT}", 503)),
    (exceptions.MethodNotImplemented, Meaning("this Firestore does not support a request; please report it", 500)),
    (exceptions.ServerError, Meaning(f"Firestore failed, retries included; {WAIT}", 503)),
    (exceptions.Aborted, Meaning(f"Firestore had too many writes to one document, retries included; {WAIT}", 503)),
    (exceptions.GoogleAPIError, Meaning("Firestore refuses what this program sent; please report it", 500)),
)
PASSING = (
    exceptions.ServiceUnavailable,
    exceptions.GatewayTimeout,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.Unknown,
    exceptions.Aborted,
    exceptions.TooManyRequests,
)
"""Errors that may pass when asked again. Every request of this store may be repeated (lease tells why)."""
FOREIGN = (exceptions.GoogleAPIError, auth.GoogleAuthError)


def attempted(work: Callable[[], T], place: str, seconds: float) -> T:
    """Return the work's result, retrying for so many seconds where that may help.

    Raises ConfigError where a person must act, SyncError with 503 where the next pass may succeed.
    """
    retry = Retry(predicate=_may_pass, initial=0.2, maximum=5.0, multiplier=2.0, timeout=seconds)
    try:
        return retry(work)()
    except FOREIGN as error:
        raise explanation(error, place) from error


def explanation(error: BaseException, place: str) -> SyncError:
    """Return one of Google's errors as ours. `place` is project, collection and document."""
    while isinstance(error, exceptions.RetryError) and error.cause is not None:
        error = error.cause
    meaning = _meaning(error)
    words = str(getattr(error, "message", error)).partition("\n")[0][:WORDS_MAX]
    kind = ConfigError if meaning.status == 400 else SyncError
    return kind(f"Firestore, {place}: {meaning.text} ({type(error).__name__}: {words})", meaning.status)


def _meaning(error: BaseException) -> Meaning:
    for kind, words, meaning in WORDS:
        if isinstance(error, kind) and words in str(error):
            return meaning
    return next(meaning for kind, meaning in CLASSES if isinstance(error, kind))


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, PASSING) and NO_TOKEN not in str(error)
