"""What can go wrong, as a tree; each error knows the HTTP status a target answers with and says what to do.

    SyncError
    ├── ConfigError        400  a configuration value that cannot be used; names its key
    ├── StateError         400  a state that cannot be used; says how to start over
    ├── CredentialsError   401/403  LangSmith refuses the key or the workspace
    ├── RequestError       400 (or 413)  a request that cannot be read
    ├── ForeignError       403  a call from elsewhere, off Google Cloud
    ├── MethodError        405
    ├── BusyError          409  another pass holds the lease
    └── UpstreamError      502/503  LangSmith failed past the retries
        ├── OutOfTimeError      the call's time is over; what was pulled stands
        ├── RefusedError        400 or 422: with a page cursor, the cursor is dropped and the window asked again
        ├── GoneError           404: LangSmith has no such record
        ├── TooHeavyError       the page was too heavy for LangSmith: a smaller one may pass
        │   └── TooLargeError       the answer is larger than what is read of one
        ├── LimitedError        429: no part of LangSmith fails, it asks to come later
        ├── NotServedError      501: this instance has the other run API
        └── StorageError        object storage does not give a payload now

Not here: which answer of LangSmith means which error (adapters.langsmith has that table). No message holds a key or a payload.
"""

from __future__ import annotations


class SyncError(Exception):
    """A failure whose message is fit for a user. `status` is the HTTP status of the answer."""

    status = 500

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status


class ConfigError(SyncError):
    """A value of the configuration cannot be used; the message begins with its key."""

    status = 400


class StateError(SyncError):
    """The state handed in is not one this program wrote for this workspace."""

    status = 400


class CredentialsError(SyncError):
    """LangSmith answered 401 or 403; the status is kept."""

    status = 401


class RequestError(SyncError):
    """The request did not come whole, or not in a form that a server takes."""

    status = 400


class ForeignError(SyncError):
    """A call that another machine or a web page has made, on a machine where nothing but this guards the function."""

    status = 403


class MethodError(SyncError):
    """The target does not take this HTTP method; `allowed` are those that it takes."""

    status = 405

    def __init__(self, message: str, status: int | None = None, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message, status)
        self.allowed = allowed


class BusyError(SyncError):
    """Another pass is at work; the schedule will come again."""

    status = 409


class UpstreamError(SyncError):
    """LangSmith could not be reached, or its answers could not be used, after all retries."""

    status = 502


class OutOfTimeError(UpstreamError):
    """The next attempt would end after the call's deadline."""

    status = 503


class RefusedError(UpstreamError):
    """400 or 422: LangSmith does not take this request. A cursor may have died; without one it is for a person to read."""


class GoneError(UpstreamError):
    """404 in LangSmith's own JSON: the record was deleted, or was never there."""


class TooHeavyError(UpstreamError):
    """502, 504 or a timeout on a page of several rows."""


class TooLargeError(TooHeavyError):
    """An answer larger than what is read of one. Where it was asked for one record, that record is too large."""


class NotServedError(UpstreamError):
    """501 from a run query: ClickHouse or SmithDB is not behind this instance."""


class LimitedError(UpstreamError):
    """429: the rate limit is reached."""

    status = 503


class StorageError(UpstreamError):
    """Object storage fails, or no longer takes an address, which LangSmith signs anew with every reading."""


def told(error: Exception) -> SyncError:
    """The error as it is told. Of one that nobody foresaw that is its class: its own text may hold a payload."""
    if isinstance(error, SyncError):
        return error
    return SyncError(f"internal error ({type(error).__name__}); report it with the trace in the log; the state has not moved")
