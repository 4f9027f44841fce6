"""Errors of the program as a class tree: each knows its HTTP status, and its message tells the user what to do.

    SyncError
    ├── ConfigError        400  a configuration value cannot be used; the message names its key
    ├── StateError         400  the state cannot be used; the message says how to start over
    ├── CredentialsError   401/403  LangSmith refuses the API key or the workspace
    ├── RequestError       400 (or 413)  the request to a target cannot be read
    ├── ForeignError       403  the call comes from another machine or a web page, off Google Cloud
    ├── MethodError        405  the target does not take this HTTP method
    ├── BusyError          409  another pass holds the lease
    ├── DeliveryError      500  Fivetran's SDK refuses a row or a checkpoint
    └── UpstreamError      502/503  LangSmith failed past the retries
        ├── OutOfTimeError      the call's time is over; the pages pulled before are kept
        ├── RefusedError        400 or 422; after a page cursor the window is asked for again without it
        ├── GoneError           404; LangSmith has no such record
        ├── NotJsonError        403 or 404 that is not JSON: a proxy's, or of a page that this LangSmith lacks
        ├── TooHeavyError       LangSmith could not serve the page; a smaller page may pass
        │   └── TooLargeError       the answer has more bytes than the client reads
        ├── LimitedError        429; LangSmith works, but wants the request later
        ├── NotServedError      501; this instance serves the other run API
        └── StorageError        object storage does not deliver a payload now

No message holds an API key or a payload.
Not here: the table from LangSmith's answers to these errors (langsmith/answers).
"""

from __future__ import annotations


class SyncError(Exception):
    """A failure whose message may be shown to a user. `status` is the HTTP status of the target's answer."""

    status = 500

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status


class ConfigError(SyncError):
    """A configuration value cannot be used. The message begins with the value's key."""

    status = 400


class StateError(SyncError):
    """The given state is not one that this program wrote for this workspace."""

    status = 400


class CredentialsError(SyncError):
    """LangSmith answered 401 or 403; `status` keeps which."""

    status = 401


class RequestError(SyncError):
    """The request to a target arrived incomplete, or in a form that the target does not read."""

    status = 400


class ForeignError(SyncError):
    """Another machine or a web page made the call. Off Google Cloud this check is all that guards the function."""

    status = 403


class MethodError(SyncError):
    """The target does not take this HTTP method. `allowed` lists the methods that it takes."""

    status = 405

    def __init__(self, message: str, status: int | None = None, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message, status)
        self.allowed = allowed


class BusyError(SyncError):
    """Another pass is running. The next scheduled call tries again."""

    status = 409


class DeliveryError(SyncError):
    """Fivetran's SDK raised where it was given a row, a delete or a checkpoint."""


class UpstreamError(SyncError):
    """After all retries, LangSmith could not be reached or its answer could not be used."""

    status = 502


class OutOfTimeError(UpstreamError):
    """The next attempt would end after the call's deadline."""

    status = 503


class RefusedError(UpstreamError):
    """LangSmith answered 400 or 422. A page cursor may have expired; without a cursor a person must read the message."""


class GoneError(UpstreamError):
    """LangSmith answered 404 in its own JSON. The record was deleted or never existed."""


class NotJsonError(UpstreamError):
    """LangSmith's host answered 403 or 404 with what is no JSON: a proxy did, or a server that does not know the page."""


class TooHeavyError(UpstreamError):
    """A page of several rows ended in 502, 504 or a timeout."""


class TooLargeError(TooHeavyError):
    """The answer has more bytes than the client reads. If it was asked for one record, that record is too large."""


class NotServedError(UpstreamError):
    """A run query was answered 501: the instance lacks that API's database, ClickHouse (v1) or SmithDB (v2)."""


class LimitedError(UpstreamError):
    """LangSmith answered 429: the rate limit is reached."""

    status = 503


class StorageError(UpstreamError):
    """Object storage failed, or its signed address expired. LangSmith signs a new address with each reading."""


def user_safe(error: Exception) -> SyncError:
    """Convert to an error that a user may see. For an unexpected error, expose only its class: its text may hold a payload."""
    if isinstance(error, SyncError):
        return error
    return SyncError(f"internal error ({type(error).__name__}); report it with the trace in the log; the state has not moved")
